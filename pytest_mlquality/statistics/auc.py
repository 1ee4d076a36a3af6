"""Area under the ROC curve, and its difference between two scores of the same rows."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.statistics.betting import Sample, lower_mean
from pytest_mlquality.statistics.blocks import block_samples
from pytest_mlquality.statistics.clusters import Clusters, clusters
from pytest_mlquality.statistics.concordance import placements
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.mean import ROUNDING
from pytest_mlquality.statistics.pivot import Pivot, bounded_by
from pytest_mlquality.statistics.scale import Scale

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# The variance between the units of the rarer class is known no better than this many participants a unit allow,
# however many rows of the other class share in the total.
PARTICIPANTS_A_UNIT = 0.5


def roc_auc(
    positive: Flags, score: Floats, *, unit: NDArray[Any] | None = None, weight: Floats | None = None
) -> Estimate:
    """Return the share of pairs of a positive and a negative row in which the positive one scores higher.

    With enough of both classes for the level, DeLong bounds with a t quantile (Obuchowski 1997 for units of several
    rows); elsewhere betting bounds over blocks of rows, which hold at any number of positives.

    Parameters
    ----------
    positive
        Class of each row, shape (n,).
    score
        Score of each row, higher for positive, shape (n,); ties count half.
    unit
        What is independent, shape (n,): rows that share a value are one unit. None: every row.
    weight
        Weights of the rows, shape (n,).
    """
    return _auc(positive, (score,), unit, weight)


def roc_auc_difference(
    positive: Flags,
    score_a: Floats,
    score_b: Floats,
    *,
    unit: NDArray[Any] | None = None,
    weight: Floats | None = None,
) -> Estimate:
    """Return the AUC of `score_a` less that of `score_b`, over the same rows; parameters and bounds as in `roc_auc`."""
    return _auc(positive, (score_a, score_b), unit, weight)


def _auc(positive: Flags, scores: tuple[Floats, ...], unit: NDArray[Any] | None, weight: Floats | None) -> Estimate:
    is_positive = np.asarray(positive, dtype=np.bool_)
    n = len(is_positive)
    numbers = tuple(np.asarray(score, dtype=np.float64) for score in scores)
    rows = clusters(n, unit, weight)
    unsound = _unsound(is_positive, numbers, rows)
    if unsound:
        return Estimate.undefined(n, unsound)
    value, pivot = _delong(is_positive, numbers, rows)
    low, high = (0.0, 1.0) if len(numbers) == 1 else (-1.0, 1.0)

    @cache
    def kernels() -> list[tuple[Floats, Floats]]:
        views = block_samples(is_positive, numbers, rows)
        return [(shares[0] - shares[1] if len(shares) == 2 else shares[0], pairs) for shares, pairs in views]

    def betting_lower(level: float) -> float:
        return low + lower_mean([Sample.of(kernel - low, pairs) for kernel, pairs in kernels()], level)

    def betting_upper(level: float) -> float:
        return high - lower_mean([Sample.of(high - kernel, pairs) for kernel, pairs in kernels()], level)

    lower, upper = bounded_by(pivot, cache(betting_lower), cache(betting_upper))
    positives = int(is_positive.sum())
    method = f"DeLong, {pivot.describe()}, {positives:,} positive rows{rows.describe()}"
    return Estimate(value, n, method, lower, upper, rows.units)


def _unsound(positive: Flags, scores: tuple[Floats, ...], rows: Clusters) -> str:
    """Return why there is no AUC, or an empty string."""
    n = len(positive)
    for score in scores:
        if len(score) != n:
            raise ValueError(f"{len(score):,} scores for {n:,} rows")
        broken = int(np.isnan(score).sum())
        if broken:
            return f"{broken:,} of {n:,} scores are not a number"
    for name, members in (("positive", positive), ("negative", ~positive)):
        if not rows.weight[members].any():
            return f"no {name} row among {n:,}: an AUC needs both classes"
    return ""


def _delong(positive: Flags, scores: tuple[Floats, ...], rows: Clusters) -> tuple[float, Pivot]:
    """Return the AUC, or the difference of two, with what each unit contributes to its error."""
    placed = placements(positive, scores[0], rows.weight)
    if len(scores) == 2:
        placed = placed - placements(positive, scores[1], rows.weight)
    of_class = np.where(positive, rows.weight, 0.0), np.where(positive, 0.0, rows.weight)
    value = float((of_class[0] * placed).sum() / of_class[0].sum())
    parts = [weight * (placed - value) / weight.sum() for weight in of_class]
    if rows.rows_are_units:
        sizes = [int((weight > 0).sum()) for weight in of_class]
        parts = [part * np.sqrt(size / max(size - 1, 1)) for part, size in zip(parts, sizes, strict=True)]
        contributions, freedom = parts[0] + parts[1], _welch(parts, sizes)
    else:
        units = rows.units
        contributions = rows.totals(parts[0] + parts[1]) * np.sqrt(units / max(units - 1, 1))
        freedom = units - 1.0
    fewest = min(int((rows.totals(weight) > 0).sum()) for weight in of_class)
    scale = Scale((0.0, 1.0)) if len(scores) == 1 else Scale((-np.inf, np.inf))
    at_most = PARTICIPANTS_A_UNIT * fewest
    return value, Pivot.of(value, contributions, scale, rounding=ROUNDING, freedom=freedom, at_most=at_most)


def _welch(parts: list[Floats], sizes: list[int]) -> float:
    """Return the degrees of freedom of a sum of two variances (Welch 1947; Satterthwaite 1946)."""
    variances = [float((part**2).sum()) for part in parts]
    spread = sum(variance**2 / max(size - 1, 1) for variance, size in zip(variances, sizes, strict=True))
    return sum(variances) ** 2 / spread if spread > 0 else 1.0
