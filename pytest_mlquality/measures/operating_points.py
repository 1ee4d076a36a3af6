"""Operating points: a threshold on the scores that holds one share to a value, and how well the model does there.

Rows of one score stand or fall together, so that thresholds lie at distinct scores. Where ties make it impossible to
take exactly k rows, precision at k is its mean over all ways to break them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.sample import Sample
from pytest_mlquality.measures.undefined import Score

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Thresholds:
    """What each distinct score does as a threshold, from the highest down, each shape (thresholds,).

    Parameters
    ----------
    score
        A row is called positive when it has this score or a higher one.
    rows
        How many rows are called.
    weight, hits
        What the called rows weigh, and what those of them weigh that are truly positive.
    """

    score: Floats
    rows: NDArray[np.intp]
    weight: Floats
    hits: Floats

    @classmethod
    def of(cls, score: Floats, positive: NDArray[np.bool_], weight: Floats | None) -> Thresholds:
        """Return the thresholds of rows; `weight` None: all weigh the same."""
        order = np.argsort(-score, kind="stable")
        falling = score[order]
        last = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)
        heavy = np.ones(len(order)) if weight is None else weight[order]
        hits = np.cumsum(np.where(positive[order], heavy, 0.0))[last]
        return cls(falling[last], last + 1, np.cumsum(heavy)[last], hits)

    @property
    def precision(self) -> Floats:
        """Share of true positives among the called rows; 0 where none of them weighs anything."""
        return np.divide(self.hits, self.weight, out=np.zeros_like(self.hits), where=self.weight > 0)

    @property
    def recall(self) -> Floats:
        """Share of the positive rows that are called."""
        return np.asarray(self.hits / self.hits[-1])

    @property
    def false_positive_rate(self) -> Floats:
        """Share of the negative rows that are called."""
        wrong = self.weight - self.hits
        return np.asarray(wrong / wrong[-1])


def operating_point(metric: Metric, sample: Sample) -> Score:
    """Return the value of one of the operating points on binary rows of both classes, or why it has none."""
    return at_thresholds(
        metric, Thresholds.of(np.asarray(sample.score, dtype=np.float64), sample.truth == 1, sample.weight)
    )


def at_thresholds(metric: Metric, thresholds: Thresholds) -> Score:
    """Return the value of one of the operating points, or why it has none; there are rows of both classes."""
    if len(thresholds.score) == 1:
        return Score(nan, f"all {int(thresholds.rows[-1]):,} scores are equal: they rank no row above another")
    return _POINTS[metric.family](thresholds, metric.parameter or nan)


def rows_that_decide(metric: Metric, sample: Sample) -> int:
    """Return on how many rows beyond or within the threshold an operating point turns, the fewer of both.

    Of a hundred negative rows one is beyond a false positive rate of 0.01: however many others there are, the
    threshold is what that one says.
    """
    parameter = metric.parameter or 0.0
    n, positives = len(sample.truth), int((sample.truth == 1).sum())
    if metric.family == "recall_at_fpr":
        return int(parameter * (n - positives))
    if metric.family == "precision_at_recall":
        return int(min(parameter, 1 - parameter) * positives)
    if metric.family == "precision_at_k":
        return int(min(parameter, n - parameter))
    thresholds = Thresholds.of(np.asarray(sample.score, dtype=np.float64), sample.truth == 1, None)
    called = thresholds.rows[thresholds.precision >= parameter]
    return int((1 - parameter) * called.max(initial=0))


def _precision_at_k(thresholds: Thresholds, k: float) -> Score:
    n = int(thresholds.rows[-1])
    if k > n:
        return Score(nan, f"there are {n:,} rows, fewer than k = {k:,.0f}")
    at = int(np.searchsorted(thresholds.rows, k))
    before = at - 1
    rows, weight, hits = (
        (0.0, 0.0, 0.0)
        if before < 0
        else (float(thresholds.rows[before]), thresholds.weight[before], thresholds.hits[before])
    )
    # Of the rows that tie for the last places each is taken with the same chance.
    taken = (k - rows) / (thresholds.rows[at] - rows)
    weight += taken * (thresholds.weight[at] - weight)
    hits += taken * (thresholds.hits[at] - hits)
    return Score(float(hits / weight)) if weight > 0 else Score(nan, f"the {k:,.0f} highest rows weigh nothing")


def _recall_at_precision(thresholds: Thresholds, precision: float) -> Score:
    reached = thresholds.precision >= precision
    if not reached.any():
        best = thresholds.precision.max()
        return Score(nan, f"no threshold reaches a precision of {precision:g}: the highest is {best:.3g}")
    return Score(float(thresholds.recall[reached].max()))


def _precision_at_recall(thresholds: Thresholds, recall: float) -> Score:
    return Score(float(thresholds.precision[thresholds.recall >= recall].max()))


def _recall_at_fpr(thresholds: Thresholds, rate: float) -> Score:
    kept = thresholds.false_positive_rate <= rate
    if not kept.any():
        least = thresholds.false_positive_rate.min()
        return Score(nan, f"no threshold keeps the false positive rate at {rate:g}: the lowest is {least:.3g}")
    return Score(float(thresholds.recall[kept].max()))


_POINTS: dict[str, Callable[[Thresholds, float], Score]] = {
    "precision_at_k": _precision_at_k,
    "recall_at_precision": _recall_at_precision,
    "precision_at_recall": _precision_at_recall,
    "recall_at_fpr": _recall_at_fpr,
}
