"""Metrics on resampled rows, prepared once: what does not change from one resample to the next is not done again.

A resample is a count of how often each row was drawn. Metrics of labels need no more than the counts of each pair of
truth and decision; those of ranks no more than the counts at each score, in an order that stays; those of sums, sums.
"""

from __future__ import annotations

from collections.abc import Callable
from math import nan

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.confusion import Confusion, of_confusion
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.metric_families import OPERATING_POINTS
from pytest_mlquality.measures.metrics import find
from pytest_mlquality.measures.resampled_ranks import RANKING, of_ranks
from pytest_mlquality.measures.row_losses import row_losses
from pytest_mlquality.measures.sample import Rows

Floats = NDArray[np.float64]
OnRows = Callable[[Rows], float]

# How much of a loss is removed that class shares, said of every row, would have.
_EXPLAINED = {"d2_log_loss_score": "log_loss", "d2_brier_score": "brier_score_loss"}
_MEDIANS = frozenset(
    {"median_absolute_error", "neg_median_absolute_error", "d2_absolute_error_score", "d2_pinball_score"}
)


def prepared(metric: Metric, answers: Answers) -> OnRows | None:
    """Return a function from row numbers, with repetition, to the metric's value; None where nothing can be prepared.

    The value is NaN where the metric is undefined.
    """
    if answers.task in ("binary", "multiclass") and metric.needs == "labels":
        return _of_labels(metric, answers)
    if metric.name in RANKING or metric.family in OPERATING_POINTS:
        return of_ranks(metric, answers)
    if metric.name in ("r2", "explained_variance"):
        return _of_sums(answers, centred=metric.name == "explained_variance")
    if metric.name in _EXPLAINED:
        return _of_shares(metric, answers)
    if metric.name in _MEDIANS and answers.weight is None:
        return _of_medians(metric, answers)
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


def _of_shares(metric: Metric, answers: Answers) -> OnRows | None:
    """Return the share of a loss that is removed: the loss of class shares is a sum over classes, not over rows."""
    losses = row_losses(find(_EXPLAINED[metric.name]), answers)
    classes = len(answers.classes or ())
    if losses is None or int(answers.truth.max(initial=0)) >= classes:
        return None

    def on_rows(rows: Rows) -> float:
        weight = None if answers.weight is None else answers.weight[rows]
        share = np.bincount(answers.truth[rows], weights=weight, minlength=classes)
        share = share / share.sum()
        if (share > 0).sum() < 2:
            return nan
        of_shares = entr(share).sum() if metric.name == "d2_log_loss_score" else 1 - (share**2).sum()
        if metric.name == "d2_brier_score" and answers.task == "binary":
            # Of two classes the loss of rows is that of the positive one alone.
            of_shares /= 2
        return float(1 - np.average(losses.values[rows], weights=weight) / of_shares)

    return on_rows


def _of_medians(metric: Metric, answers: Answers) -> OnRows:
    truth, size = answers.truth, np.abs(answers.truth - answers.decision)
    sign = -1.0 if metric.name.startswith("neg_") else 1.0

    def median(rows: Rows) -> float:
        return sign * float(np.median(size[rows], overwrite_input=True))

    def removed(rows: Rows) -> float:
        drawn = truth[rows]
        spread = np.abs(drawn - np.median(drawn)).sum()
        return float(1 - size[rows].sum() / spread) if spread > 0 else nan

    return removed if metric.name.startswith("d2_") else median
