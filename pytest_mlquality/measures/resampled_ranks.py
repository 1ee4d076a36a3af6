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
    """

    def __init__(self, score: Floats, positive: NDArray[np.bool_], kind: type) -> None:
        self._order = np.argsort(-score, kind="stable")
        self._positive = positive[self._order]
        falling = score[self._order]
        self._starts = np.flatnonzero(np.append(True, falling[1:] != falling[:-1])[: len(falling)])
        self.score = falling[self._starts]
        self._of_rows: list[NDArray[Any]] = [np.empty(len(score), kind) for _ in range(2)]
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
        """Return the average precision of rows of such weights; NaN where none of them is positive."""
        total, hits = self.weighed(weight)
        all_hits, quotient = self._of_scores[2:]
        np.cumsum(hits, out=all_hits)
        np.cumsum(total, out=total)
        positive = all_hits[-1]
        if not positive > 0:
            return nan
        # Above the first row that was drawn there is nothing, and no gain in recall.
        total[total == 0] = 1
        all_hits *= hits
        return float(np.divide(all_hits, total, out=quotient).sum() / positive)


class Pair:
    """Two groups of rows, and which of the one a score puts above which of the other.

    Parameters
    ----------
    score
        Of each row, shape (n,).
    positive, negative
        Which rows are in the group that should have the higher scores, and in the other, each of shape (n,).
    kind
        Type of the weights that resamples give rows.
    """

    def __init__(self, score: Floats, positive: NDArray[np.bool_], negative: NDArray[np.bool_], kind: type) -> None:
        order = np.argsort(score, kind="stable")
        self._positive, self._negative = order[positive[order]], order[negative[order]]
        rising, of_positive = score[self._negative], score[self._positive]
        self._below = np.searchsorted(rising, of_positive, side="left")
        up_to = np.searchsorted(rising, of_positive, side="right")
        self._up_to = None if np.array_equal(self._below, up_to) else up_to
        self._of_positive: list[NDArray[Any]] = [np.empty(len(self._positive), kind) for _ in range(2)]
        self._of_negative: NDArray[Any] = np.empty(len(self._negative), kind)
        self._passed: NDArray[Any] = np.zeros(len(self._negative) + 1, kind)

    def wins(self, weight: Counts) -> tuple[float, float, float]:
        """Return what the pairs weigh that are ranked rightly (ties half), and what either group weighs."""
        positive, passed = self._of_positive
        np.take(weight, self._positive, out=positive, mode="clip")
        np.take(weight, self._negative, out=self._of_negative, mode="clip")
        np.cumsum(self._of_negative, out=self._passed[1:])
        np.take(self._passed, self._below, out=passed, mode="clip")
        won = float(positive @ passed)
        if self._up_to is not None:
            np.take(self._passed, self._up_to, out=passed, mode="clip")
            won = (won + float(positive @ passed)) / 2
        return won, float(positive.sum()), float(self._passed[-1])

    def area(self, weight: Counts) -> float:
        """Return the area under the ROC curve of rows of such weights; NaN where either group weighs nothing."""
        won, positive, negative = self.wins(weight)
        return won / (positive * negative) if positive > 0 and negative > 0 else nan


def of_ranks(metric: Metric, answers: Answers) -> OnRows | None:
    """Return a function from row numbers to a metric of ranks; None where it is none, or not known how.

    The value is NaN where the metric is undefined.
    """
    if answers.task == "binary":
        # Of two classes all averages are of the one curve.
        return _of_two_classes(metric, answers)
    if metric.name not in RANKING:
        return None
    if answers.task == "multilabel":
        return _of_each_label(metric, answers, answers.truth == 1)
    if not _are_of_known_classes(answers):
        return None
    has = np.asarray(answers.truth[:, None] == np.arange(len(answers.classes or ())))
    return _of_pairs(metric, answers, has) if "ovo" in metric.name else _of_each_label(metric, answers, has)


def drawn(answers: Answers) -> Callable[[Rows], Counts]:
    """Return a function from row numbers to how often each row is among them, times its weight, shape (n,)."""
    if answers.weight is None:
        return lambda rows: np.bincount(rows, minlength=len(answers))
    weight = answers.weight
    return lambda rows: np.bincount(rows, minlength=len(answers)) * weight


def _kind(answers: Answers) -> type:
    return np.int64 if answers.weight is None else np.float64


def _of_two_classes(metric: Metric, answers: Answers) -> OnRows:
    score, positive = np.asarray(answers.score, dtype=np.float64), answers.positives
    weigh = drawn(answers)
    if metric.name in _AREAS:
        pair = Pair(score, positive, ~positive, _kind(answers))
        return lambda rows: pair.area(weigh(rows))
    ranked = Ranked(score, positive, _kind(answers))
    if metric.name == "average_precision":
        negative = (~positive).astype(np.float64)

        def precision(rows: Rows) -> float:
            weight = weigh(rows)
            return ranked.average_precision(weight) if weight @ negative > 0 else nan

        return precision
    counted = None if answers.weight is None else Ranked(score, positive, np.int64)

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


def _of_each_label(metric: Metric, answers: Answers, has: NDArray[np.bool_]) -> OnRows:
    """Return the average over labels; `has` says which row has which, shape (n, labels)."""
    score, weigh = np.asarray(answers.score, dtype=np.float64), drawn(answers)
    columns = list(zip(score.T, has.T, strict=True))
    if metric.name == "average_precision":
        of_each: list[Callable[[Counts], float]] = [
            Ranked(scores, positive, _kind(answers)).average_precision for scores, positive in columns
        ]
    else:
        of_each = [Pair(scores, positive, ~positive, _kind(answers)).area for scores, positive in columns]

    def on_rows(rows: Rows) -> float:
        weight = weigh(rows)
        shares = weight @ has if metric.name.endswith("_weighted") else None
        return _mean([value(weight) for value in of_each], shares)

    return on_rows


def _of_pairs(metric: Metric, answers: Answers, has: NDArray[np.bool_]) -> OnRows | None:
    """Return the mean over pairs of classes of how well either is told from the other (Hand and Till 2001)."""
    if answers.weight is not None:
        return None
    score, weigh = np.asarray(answers.score, dtype=np.float64), drawn(answers)
    among = list(permutations(range(has.shape[1]), 2))
    pairs = [Pair(score[:, one], has[:, one], has[:, other], _kind(answers)) for one, other in among]

    def on_rows(rows: Rows) -> float:
        weight = weigh(rows)
        found = [pair.wins(weight) for pair in pairs]
        if not all(positive > 0 and negative > 0 for _, positive, negative in found):
            return nan
        areas = [won / (positive * negative) for won, positive, negative in found]
        weighted = metric.name.endswith("_weighted")
        return _mean(areas, np.array([positive + negative for _, positive, negative in found]) if weighted else None)

    return on_rows


def _mean(values: list[float], shares: Floats | Counts | None = None) -> float:
    return nan if np.isnan(values).any() else float(np.average(np.array(values), weights=shares))


def _are_of_known_classes(answers: Answers) -> bool:
    """Say whether every label and every row of probabilities is as scikit-learn accepts it."""
    classes = len(answers.classes or ())
    known = (
        answers.task == "multiclass"
        and answers.probabilities is not None
        and int(answers.truth.max(initial=0)) < classes
    )
    return known and bool(np.allclose(1, answers.score.sum(axis=1)))
