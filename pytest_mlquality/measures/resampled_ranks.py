"""Metrics of ranks on resampled rows: rows are sorted once, and a resample says how much of each is there."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from math import nan

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.operating_points import Thresholds, at_thresholds
from pytest_mlquality.measures.ranked_rows import Counts, Floats, Pair, Precision, Ranked
from pytest_mlquality.measures.sample import Rows

OnRows = Callable[[Rows], float]
_AREAS = frozenset({"roc_auc", "roc_auc_ovr", "roc_auc_ovr_weighted", "roc_auc_ovo", "roc_auc_ovo_weighted"})
RANKING = _AREAS | {"average_precision"}


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
    if metric.name == "average_precision":
        ranking = Precision(score, positive, _kind(answers))
        negative = (~positive).astype(np.float64)

        def precision(rows: Rows) -> float:
            weight = weigh(rows)
            return ranking.average(weight) if weight @ negative > 0 else nan

        return precision
    ranked = Ranked(score, positive, _kind(answers))
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
            Precision(scores, positive, _kind(answers)).average for scores, positive in columns
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
