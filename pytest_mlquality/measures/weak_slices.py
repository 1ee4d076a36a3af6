"""Slices nobody named in which a model does worse: searched on one half of the rows, to be confirmed on the other.

A slice is a conjunction of conditions on up to three columns. All pairs of conditions are tried, and the best of them
with every third one. What the search finds is the luckiest of thousands, so that nothing that it saw says how weak a
slice is: only the other half does. Few candidates with a test each keep false names rare (Benjamini and Hochberg 1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from pytest_mlquality.errors import ModelError
from pytest_mlquality.measurement import Measurement, Measurements, number_text
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.estimates import estimate
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.row_losses import row_losses
from pytest_mlquality.measures.shares import share
from pytest_mlquality.measures.slice_conditions import Condition, conditions
from pytest_mlquality.measures.slices import gap, suiting
from pytest_mlquality.measures.slicing import Slice
from pytest_mlquality.statistics.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

LEAST_SHARE = 0.01
# More than half of the rows are no slice: the others are one, in which the model does better.
MOST_SHARE = 0.5
MOST_CONDITIONS = 1_000
MOST_SEARCHED = 50_000
SAMPLE = 2 * MOST_SEARCHED
# Share of false ones among the slices that are named.
FALSE_DISCOVERIES = 0.03
_SMALLEST_LEVEL = 1e-9
# Pairs of conditions that a third one is added to.
BEAM = 100
CANDIDATES = 10
# Two candidates that share more of their rows are one.
OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class Conjunction:
    """Conditions that hold together."""

    conditions: tuple[Condition, ...]

    def __str__(self) -> str:
        return " and ".join(map(str, self.conditions))

    def holds(self, rows: pd.DataFrame) -> Flags:
        """Return which rows belong to it."""
        held = np.ones(len(rows), dtype=np.bool_)
        for condition in self.conditions:
            held &= condition.holds(rows[condition.column])
        return held


def weak_slices(
    wanted: str | Metric, answers: Answers, rows: pd.DataFrame, *, depth: int, least_rows: int
) -> Measurements:
    """Measure by how much the slices lag behind the other rows that a search finds and the other half confirms.

    Bounds are those of the half that the search has not seen. Where none is confirmed, one exact measurement of 0
    says so.

    Parameters
    ----------
    wanted
        A metric that is a mean over rows, such as ``accuracy`` or ``log_loss``, or its name.
    rows
        The columns to search, in the order of the answers.
    depth
        The most columns that a slice names: 1, 2 or 3.
    least_rows
        Rows that a slice has in either half.

    Raises
    ------
    ModelError
        If the metric is no mean over rows, or does not suit the task or what the model answers.
    """
    metric, name = suiting(wanted, answers), str(wanted)
    loss = _losses(metric, answers)
    searched = _one_half(answers)
    seen = rows[searched].reset_index(drop=True)
    candidates = search(seen, loss[searched], depth=depth, least_rows=least_rows)
    rest, others = answers.of_rows(~searched), rows[~searched]
    tried = [Slice(str(one), one.holds(others)) for one in candidates]
    gaps = [(one, gap(metric, rest, one)) for one in tried if one.rows.sum() >= least_rows]
    judged = [(one, found) for one, found in gaps if found.value is not None]
    chance = false_discovery_control([_chance(found) for _, found in judged]) if judged else []
    confirmed = [pair for pair, share in zip(judged, chance, strict=True) if share <= FALSE_DISCOVERIES]
    if not confirmed:
        reason = f"none of {len(candidates)} candidates is confirmed by the other half"
        return Measurements(
            name,
            [Measurement.exact(0.0, name=f"{name}_gap[any slice]", n=len(answers), unit=metric.unit, reason=reason)],
        )
    return Measurements(name, [_named(metric, rest, one, found) for one, found in confirmed])


def _named(metric: Metric, answers: Answers, one: Slice, found: Estimate) -> Measurement:
    """Return the gap of a slice with its own size and value."""
    rows = int(one.rows.sum())
    value = estimate(metric, answers.of_rows(one.rows)).value
    reason = f"{metric.name} {number_text(value)} on {rows:,} of {len(answers):,} rows"
    return Measurement.of(f"{metric.name}_gap[{one.name}]", replace(found, n=rows, reason=reason), unit=metric.unit)


def _losses(metric: Metric, answers: Answers) -> Floats:
    """Return the loss of each row, of which the metric is the mean, or one less it."""
    losses = row_losses(metric, answers)
    if losses is not None:
        return losses.values
    part = share(metric, answers)
    if part is None or part.function is not None or not part.among.all():
        raise ModelError(
            f"{metric.name} is no mean over rows, so no row is known to make a slice weak",
            "search with accuracy, log_loss, brier_score_loss or an error of regression",
        )
    return np.asarray(part.success != metric.higher_is_better, dtype=np.float64)


def _one_half(answers: Answers) -> Flags:
    """Return a random half of the units, each with all of its rows."""
    import pandas as pd

    unit = np.arange(len(answers)) if answers.unit is None else pd.factorize(answers.unit)[0]
    chosen = np.random.default_rng(answers.seed).permutation(int(unit.max(initial=-1)) + 1) % 2 == 0
    return np.asarray(chosen[unit])


def _chance(found: Estimate) -> float:
    """Return how often chance alone shows such a gap: the least level at which its lower bound is above 0."""
    low, high = log(_SMALLEST_LEVEL), log(0.5)
    if found.lower(exp(high)) <= 0:
        return 1.0
    while high - low > 0.01:
        middle = (low + high) / 2
        low, high = (low, middle) if found.lower(exp(middle)) > 0 else (middle, high)
    return exp(high)


def search(rows: pd.DataFrame, loss: Floats, *, depth: int = 2, least_rows: int = 50) -> list[Conjunction]:
    """Return the slices with the clearest surplus of loss over the other rows, at most `CANDIDATES`, clearest first.

    Parameters
    ----------
    rows
        The columns to search.
    loss
        Of each row, shape (n,); higher is worse.
    depth
        The most columns that a slice names: 1, 2 or 3.
    least_rows
        A slice has as many rows, and at least `LEAST_SHARE` of all.
    """
    least = max(least_rows, int(np.ceil(LEAST_SHARE * len(rows))))
    found = [some for name in rows.columns for some in conditions(rows[name], loss, least)]
    if not found:
        return []
    held = np.array([condition.holds(rows[condition.column]) for condition in found])
    clearest = np.argsort(-_surplus(held, loss), kind="stable")[:MOST_CONDITIONS]
    pool = _Pool([found[place] for place in clearest], held[clearest], loss, least)
    layer: list[tuple[int, ...]] = [(place,) for place in range(len(pool.conditions))]
    scored = list(zip(_surplus(pool.held, loss).tolist(), layer, strict=True))
    for _ in range(1, depth):
        layer_scored = pool.extended(layer)
        scored += layer_scored
        layer = [places for _, places in sorted(layer_scored, key=lambda one: -one[0])[:BEAM]]
    return _apart(pool, sorted(scored, key=lambda one: (-one[0], len(one[1]))))


@dataclass(frozen=True, slots=True, eq=False)
class _Pool:
    conditions: Sequence[Condition]
    held: Flags
    loss: Floats
    least: int

    def extended(self, layer: list[tuple[int, ...]]) -> list[tuple[float, tuple[int, ...]]]:
        """Return slices with one condition more, on another column, and their surplus."""
        plain = self.held.astype(np.float32)
        inside = np.array([self.rows_of(places) for places in layer], dtype=np.float32)
        n = inside @ plain.T
        surplus = _score(n, (inside * _centred(self.loss)) @ plain.T, self.loss)
        surplus[n < self.least] = 0.0
        columns = np.array([condition.column for condition in self.conditions])
        for row, places in enumerate(layer):
            surplus[row, np.isin(columns, columns[list(places)])] = 0.0
        best = np.argsort(-surplus, axis=None, kind="stable")[: BEAM * CANDIDATES]
        rows, added = np.unravel_index(best[surplus.ravel()[best] > 0], surplus.shape)
        pairs = zip(rows.tolist(), added.tolist(), strict=True)
        return [(float(surplus[row, one]), (*layer[row], one)) for row, one in pairs]

    def rows_of(self, places: tuple[int, ...]) -> Flags:
        return np.asarray(self.held[list(places)].all(axis=0))


def _apart(pool: _Pool, scored: list[tuple[float, tuple[int, ...]]]) -> list[Conjunction]:
    """Return the first slices of which none shares too many rows with one before it."""
    kept: list[Flags] = []
    slices: list[Conjunction] = []
    for surplus, places in scored:
        if surplus <= 0 or len(slices) == CANDIDATES:
            break
        rows = pool.rows_of(places)
        if all((rows & other).sum() <= OVERLAP * (rows | other).sum() for other in kept):
            kept.append(rows)
            slices.append(Conjunction(tuple(pool.conditions[place] for place in sorted(places))))
    return slices


def _surplus(held: Flags, loss: Floats) -> Floats:
    plain = held.astype(np.float32)
    return _score(plain.sum(axis=1), plain @ _centred(loss), loss)


def _centred(loss: Floats) -> NDArray[np.float32]:
    return np.asarray(loss - loss.mean(), dtype=np.float32)


def _score(n: NDArray[Any], total: NDArray[Any], loss: Floats) -> Floats:
    """Return by how many standard errors the mean loss of n rows exceeds that of as many rows drawn by chance.

    Parameters
    ----------
    total
        Sum of the centred losses of the rows.
    """
    inside, everywhere = n.astype(float), len(loss)
    spread = inside * (1 - inside / everywhere) * float(loss.var())
    return np.where((spread > 0) & (inside <= MOST_SHARE * everywhere), total / np.sqrt(np.maximum(spread, 1e-30)), 0.0)
