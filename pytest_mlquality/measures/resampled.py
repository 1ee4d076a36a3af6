"""Metrics on resampled rows, prepared once: what does not change from one resample to the next is not done again.

A resample is a count of how often each row was drawn. Metrics of labels need no more than the counts of each pair of
truth and decision; those of ranks no more than the counts at each score, in an order that stays; those of sums, sums.
"""

from __future__ import annotations

from collections.abc import Callable
from math import nan

import numpy as np
from scipy.special import entr

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.calibration import OF_CALIBRATION
from pytest_mlquality.measures.confusion import Confusion, LabelSets, of_confusion, of_counted
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.metric_families import OPERATING_POINTS
from pytest_mlquality.measures.metrics import find
from pytest_mlquality.measures.resampled_bins import of_bins
from pytest_mlquality.measures.resampled_ranks import RANKING, drawn, of_ranks
from pytest_mlquality.measures.row_losses import row_losses
from pytest_mlquality.measures.sample import Rows

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
    if answers.task == "multilabel" and metric.needs == "labels":
        return _of_label_sets(metric, answers)
    if metric.name in RANKING or metric.family in OPERATING_POINTS:
        return of_ranks(metric, answers)
    if metric.name in OF_CALIBRATION:
        return of_bins(metric, answers)
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


def _of_label_sets(metric: Metric, answers: Answers) -> OnRows | None:
    value = of_counted(metric)
    if value is None:
        return None
    truth, decided = answers.truth.astype(np.float64), answers.decision.astype(np.float64)
    counted = np.ascontiguousarray(np.concatenate([truth * decided, truth, decided], axis=1).T)
    weigh = drawn(answers)

    def on_rows(rows: Rows) -> float:
        hits, of_truth, of_decided = (counted @ weigh(rows).astype(np.float64)).reshape(3, -1)
        return value(LabelSets(hits, of_truth, of_decided))

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
    removed = metric.name.startswith("d2_")
    sign = -1.0 if metric.name.startswith("neg_") else 1.0
    order = np.argsort(truth if removed else size, kind="stable")
    size = size[order]
    rising = truth[order] if removed else size
    times = np.empty(len(order), dtype=np.intp)

    def on_rows(rows: Rows) -> float:
        np.take(np.bincount(rows, minlength=len(order)), order, out=times, mode="clip")
        middle = np.searchsorted(np.cumsum(times), [(len(rows) - 1) // 2, len(rows) // 2], side="right")
        median = float(rising[middle].mean())
        if not removed:
            return sign * median
        weight = times.astype(np.float64)
        spread = weight @ np.abs(rising - median)
        return float(1 - weight @ size / spread) if spread > 0 else nan

    return on_rows
