"""Metrics of ranks on resampled rows: rows are sorted once, and a resample says how much of each is there.

Arrays are kept from one resample to the next: to fetch memory anew takes three quarters of the time.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.operating_points import Thresholds, at_thresholds
from pytest_mlquality.measures.sample import Rows

Floats = NDArray[np.float64]
# Whole numbers add up several times as fast as floats, which only weights need.
Counts = NDArray[np.int64] | NDArray[np.float64]
OnRows = Callable[[Rows], float]
_AREAS = frozenset({"roc_auc", "roc_auc_ovr", "roc_auc_ovr_weighted", "roc_auc_ovo", "roc_auc_ovo_weighted"})
RANKING = _AREAS | {"average_precision"}


class Ranked:
    """Rows in order of a score, from the highest down.

    Parameters
    ----------
    score
        Of each row, shape (n,).
    positive
        Whether each row is, shape (n,).
    kind
        Type of the weights that resamples give rows.
    among
        Which rows there are at all, shape (n,); None: all.
    """

    def __init__(
        self, score: Floats, positive: NDArray[np.bool_], kind: type, among: NDArray[np.bool_] | None = None
    ) -> None:
        rows = np.arange(len(score)) if among is None else np.flatnonzero(among)
        self._order = rows[np.argsort(-score[rows], kind="stable")]
        self._positive = positive[self._order]
        falling = score[self._order]
        self._starts = np.flatnonzero(np.append(True, falling[1:] != falling[:-1])[: len(falling)])
        self.score = falling[self._starts]
        self._of_rows: list[NDArray[Any]] = [np.empty(len(rows), kind) for _ in range(2)]
        self._of_scores: list[NDArray[Any]] = [np.empty(len(self.score), each) for each in (kind, kind, kind, float)]

    def weighed(self, weight: Counts) -> tuple[Counts, Counts]:
        """Return what the rows weigh, and what the positive ones do, at each score; overwritten by the next call."""
        total, hits = self._of_rows
        np.take(weight, self._order, out=total, mode="clip")
        np.multiply(total, self._positive, out=hits)
        if len(self._starts) == len(self._order):
            return total, hits
        at_score = self._of_scores
        return (
            np.add.reduceat(total, self._starts, out=at_score[0]),
            np.add.reduceat(hits, self._starts, out=at_score[1]),
        )

    def average_precision(self, weight: Counts) -> float:
        """Return the average precision of rows of such weights; NaN where none or all of them are positive."""
        total, hits = self.weighed(weight)
        all_hits, quotient = self._of_scores[2:]
        np.cumsum(hits, out=all_hits)
        np.cumsum(total, out=total)
        positive = all_hits[-1]
        if not 0 < positive < total[-1]:
            return nan
        # Above the first row that was drawn there is nothing, and no gain in recall.
        total[total == 0] = 1
        all_hits *= hits
        return float(np.divide(all_hits, total, out=quotient).sum() / positive)

    def area(self, weight: Counts) -> float:
        """Return the area under the ROC curve of rows of such weights; NaN where none or all of them are positive."""
        total, hits = self.weighed(weight)
        total -= hits
        positive, negative = hits.sum(), total.sum()
        if not (positive > 0 and negative > 0):
            return nan
        # Twice what is ranked below: the negatives from here down, and again those further down.
        below = np.cumsum(total, out=self._of_scores[2])
        below *= -2
        below += total
        below += 2 * negative
        return float(hits @ below / (2 * positive * negative))


def of_ranks(metric: Metric, answers: Answers) -> OnRows | None:
    """Return a function from row numbers to a metric of ranks; None where it is none, or not known how.

    The value is NaN where the metric is undefined.
    """
    if answers.task == "binary":
        return _of_two_classes(metric, answers)
    if metric.name not in RANKING or not _are_of_known_classes(answers):
        return None
    return _of_pairs(metric, answers) if "ovo" in metric.name else _of_each_class(metric, answers)


def drawn(answers: Answers) -> Callable[[Rows], Counts]:
    """Return a function from row numbers to how often each row is among them, times its weight, shape (n,)."""
    if answers.weight is None:
        return lambda rows: np.bincount(rows, minlength=len(answers))
    weight = answers.weight
    return lambda rows: np.bincount(rows, minlength=len(answers)) * weight


def _kind(answers: Answers) -> type:
    return np.int64 if answers.weight is None else np.float64


def _of_two_classes(metric: Metric, answers: Answers) -> OnRows:
    score = np.asarray(answers.score, dtype=np.float64)
    ranked, weigh = Ranked(score, answers.positives, _kind(answers)), drawn(answers)
    if metric.name == "average_precision":
        return lambda rows: ranked.average_precision(weigh(rows))
    if metric.name in _AREAS:
        # Of two classes all averages are the area under the one curve.
        return lambda rows: ranked.area(weigh(rows))
    counted = None if answers.weight is None else Ranked(score, answers.positives, np.int64)

    def on_rows(rows: Rows) -> float:
        total, hits = ranked.weighed(weigh(rows))
        if not 0 < hits.sum() < total.sum():
            return nan
        calls = total if counted is None else counted.weighed(np.bincount(rows, minlength=len(answers)))[0]
        there = calls > 0
        rows_called, weight, of_positives = (np.cumsum(each[there]) for each in (calls, total, hits))
        thresholds = Thresholds(
            ranked.score[there], rows_called.astype(np.intp), weight.astype(float), of_positives.astype(float)
        )
        return at_thresholds(metric, thresholds).value

    return on_rows


def _of_each_class(metric: Metric, answers: Answers) -> OnRows:
    classes = range(len(answers.classes or ()))
    score = np.asarray(answers.score, dtype=np.float64)
    ranked = [Ranked(score[:, label], answers.truth == label, _kind(answers)) for label in classes]
    weigh = drawn(answers)
    of_class = Ranked.average_precision if metric.name == "average_precision" else Ranked.area

    def on_rows(rows: Rows) -> float:
        weight = weigh(rows)
        of_each = [of_class(one, weight) for one in ranked]
        shares = np.bincount(answers.truth, weights=weight) if metric.name.endswith("_weighted") else None
        return nan if np.isnan(of_each).any() else float(np.average(of_each, weights=shares))

    return on_rows


def _of_pairs(metric: Metric, answers: Answers) -> OnRows | None:
    """Return the mean over pairs of classes of how well either is told from the other (Hand and Till 2001)."""
    if answers.weight is not None:
        return None
    pairs = list(permutations(range(len(answers.classes or ())), 2))
    score = np.asarray(answers.score, dtype=np.float64)
    ranked = [
        Ranked(score[:, one], answers.truth == one, np.int64, np.isin(answers.truth, (one, other)))
        for one, other in pairs
    ]
    weigh = drawn(answers)

    def on_rows(rows: Rows) -> float:
        weight = weigh(rows)
        of_each = [each.area(weight) for each in ranked]
        if np.isnan(of_each).any():
            return nan
        of_class = np.bincount(answers.truth, weights=weight)
        shares = (
            [of_class[one] + of_class[other] for one, other in pairs] if metric.name.endswith("_weighted") else None
        )
        return float(np.average(of_each, weights=shares))

    return on_rows


def _are_of_known_classes(answers: Answers) -> bool:
    """Say whether every label and every row of probabilities is as scikit-learn accepts it."""
    classes = len(answers.classes or ())
    known = (
        answers.task == "multiclass"
        and answers.probabilities is not None
        and int(answers.truth.max(initial=0)) < classes
    )
    return known and bool(np.allclose(1, answers.score.sum(axis=1)))
