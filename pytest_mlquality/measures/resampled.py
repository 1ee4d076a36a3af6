"""Metrics on resampled rows, prepared once: what does not change from one resample to the next is not done again.

A resample is a count of how often each row was drawn. Metrics of labels need no more than the counts of each pair of
truth and decision; those of ranks no more than the counts at each score, in an order that stays; those of sums, sums.
"""

from __future__ import annotations

from collections.abc import Callable
from math import nan

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.confusion import Confusion, of_confusion
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.metric_families import OPERATING_POINTS
from pytest_mlquality.measures.operating_points import Thresholds, at_thresholds
from pytest_mlquality.measures.sample import Rows

Floats = NDArray[np.float64]
OnRows = Callable[[Rows], float]


def prepared(metric: Metric, answers: Answers) -> OnRows | None:
    """Return a function from row numbers, with repetition, to the metric's value; None where nothing can be prepared.

    The value is NaN where the metric is undefined.
    """
    if answers.task in ("binary", "multiclass") and metric.needs == "labels":
        return _of_labels(metric, answers)
    if answers.task == "binary" and (metric.name == "average_precision" or metric.family in OPERATING_POINTS):
        return _of_ranks(metric, answers)
    if metric.name in ("r2", "explained_variance"):
        return _of_sums(answers, centred=metric.name == "explained_variance")
    return None


def _of_labels(metric: Metric, answers: Answers) -> OnRows | None:
    value = of_confusion(metric)
    if value is None or not len(answers):
        return None
    classes = len(answers.classes or ())
    side = max(classes, 1 + int(max(answers.truth.max(), answers.decision.max())))
    pair = (answers.truth * side + answers.decision).astype(np.intp)

    def on_rows(rows: Rows) -> float:
        weight = None if answers.weight is None else answers.weight[rows]
        counts = np.bincount(pair[rows], weights=weight, minlength=side**2).astype(np.float64)
        return value(Confusion(counts.reshape(side, side), classes))

    return on_rows


def _of_ranks(metric: Metric, answers: Answers) -> OnRows:
    distinct, rising = np.unique(np.asarray(answers.score, dtype=np.float64), return_inverse=True)
    # The place of each row's score from the highest down, negative rows behind all positive ones.
    places = len(distinct)
    place = (places - 1 - rising) + places * ~answers.positives

    def counted(rows: Rows, weight: Floats | None) -> Floats:
        return np.bincount(place[rows], weights=weight, minlength=2 * places).reshape(2, places).astype(np.float64)

    def on_rows(rows: Rows) -> float:
        heavy = counted(rows, None if answers.weight is None else answers.weight[rows])
        if not heavy.any(axis=1).all():
            return nan
        if metric.name == "average_precision":
            return _average_precision(heavy)
        drawn = (heavy if answers.weight is None else counted(rows, None)).sum(axis=0)
        there = drawn > 0
        total, hits = np.cumsum(heavy.sum(axis=0)[there]), np.cumsum(heavy[0][there])
        ranks = np.cumsum(drawn[there]).astype(np.intp)
        return at_thresholds(metric, Thresholds(distinct[::-1][there], ranks, total, hits)).value

    return on_rows


def _average_precision(heavy: Floats) -> float:
    """Return the average precision of the weights of positive and negative rows at each score, highest first."""
    hits, total = np.cumsum(heavy[0]), np.cumsum(heavy[0] + heavy[1])
    # Where no row is positive recall gains nothing, whatever the precision.
    gaining = np.flatnonzero(heavy[0])
    return float((heavy[0][gaining] * hits[gaining] / total[gaining]).sum() / hits[-1])


def _of_sums(answers: Answers, *, centred: bool) -> OnRows:
    truth, error = answers.truth, answers.truth - answers.decision

    def on_rows(rows: Rows) -> float:
        weight = None if answers.weight is None else answers.weight[rows]
        missed, drawn = error[rows], truth[rows]
        if centred:
            missed = missed - np.average(missed, weights=weight)
        spread = np.average((drawn - np.average(drawn, weights=weight)) ** 2, weights=weight)
        if np.ptp(drawn) == 0 or not spread > 0:
            return nan
        return float(1 - np.average(missed**2, weights=weight) / spread)

    return on_rows
