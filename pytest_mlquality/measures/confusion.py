"""Metrics of labels from counts of truths, decisions and hits: what resamples are asked, in microseconds.

Where a row has one label the counts are of each pair of truth and decision; where it has several, of each label.

scikit-learn takes milliseconds for the same, most of which it spends on checking labels that were checked before. The
values are its own, tested against it; where it warns that a metric is undefined, there is no value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import nan
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.metric import Metric

Floats = NDArray[np.float64]


class Counted(Protocol):
    """Rows, or weights, of each label, each of shape (labels,)."""

    @property
    def hits(self) -> Floats:
        """Rows of each label that are decided rightly."""

    @property
    def truth(self) -> Floats:
        """Rows of each label."""

    @property
    def decided(self) -> Floats:
        """Rows that are decided to be of each label."""

    @property
    def present(self) -> NDArray[np.bool_]:
        """Which labels are averaged over."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelSets:
    """Counts of labels that rows have several of: all labels are averaged over, as scikit-learn does.

    With labels and rows exchanged, counts of rows: of the labels in the set of each.
    """

    hits: Floats
    truth: Floats
    decided: Floats

    @property
    def present(self) -> NDArray[np.bool_]:
        """All of them."""
        return np.ones(len(self.hits), dtype=bool)


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """Counts, or weights, shape (labels, labels): of each true label by each decided one; the model knows `classes`."""

    counts: Floats
    classes: int

    @property
    def hits(self) -> Floats:
        """Rows of each label that are decided rightly."""
        return np.diagonal(self.counts)

    @property
    def truth(self) -> Floats:
        """Rows of each label."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def decided(self) -> Floats:
        """Rows that are decided to be of each label."""
        return np.asarray(self.counts.sum(axis=0))

    @property
    def present(self) -> NDArray[np.bool_]:
        """Labels that are in any truth or decision."""
        return np.asarray(self.truth + self.decided > 0)


# Of each label: what is counted, and among what. F-beta is 2 hits over truth and decided at beta 1.
_Parts = tuple[Floats, Floats]
_PARTS: dict[str, Callable[[Counted, float], _Parts]] = {
    "precision": lambda one, _beta: (one.hits, one.decided),
    "recall": lambda one, _beta: (one.hits, one.truth),
    "f1": lambda one, _beta: (2 * one.hits, one.truth + one.decided),
    "fbeta": lambda one, beta: ((1 + beta**2) * one.hits, beta**2 * one.truth + one.decided),
    "jaccard": lambda one, _beta: (one.hits, one.truth + one.decided - one.hits),
}


def of_confusion(metric: Metric) -> Callable[[Confusion], float] | None:
    """Return the function from counts of single labels to a metric, NaN where undefined; None where there is none."""
    return _WHOLE.get(metric.name) or of_counted(metric)


def of_counted(metric: Metric) -> Callable[[Counted], float] | None:
    """Return the function from counts of labels to an average over labels, NaN where undefined; None if it is none."""
    name, _, average = metric.family.partition("_")
    if name not in _PARTS or average not in _AVERAGES:
        return None
    return partial(_averaged, _PARTS[name], _AVERAGES[average], metric.parameter or 1.0)


def of_each_row(metric: Metric, rows: LabelSets) -> Floats | None:
    """Return the score of each row's set of labels, 0 where it has none, as scikit-learn has it; None if it is none."""
    name, _, average = metric.family.partition("_")
    if name not in _PARTS or average != "samples":
        return None
    counted, among = _PARTS[name](rows, metric.parameter or 1.0)
    return np.divide(counted, among, out=np.zeros(len(counted)), where=among > 0)


def _averaged(
    parts: Callable[[Counted, float], _Parts],
    average: Callable[[Counted, Floats, Floats], float],
    beta: float,
    one: Counted,
) -> float:
    return average(one, *parts(one, beta))


def _of_positive(_one: Counted, counted: Floats, among: Floats) -> float:
    return float(counted[1] / among[1]) if among[1] > 0 else nan


def _micro(_one: Counted, counted: Floats, among: Floats) -> float:
    return float(counted.sum() / among.sum()) if among.sum() > 0 else nan


def _macro(one: Counted, counted: Floats, among: Floats) -> float:
    present = one.present
    return float((counted[present] / among[present]).mean()) if (among[present] > 0).all() else nan


def _weighted(one: Counted, counted: Floats, among: Floats) -> float:
    present = one.present
    if not (among[present] > 0).all():
        return nan
    return float(np.average(counted[present] / among[present], weights=one.truth[present]))


_AVERAGES: dict[str, Callable[[Counted, Floats, Floats], float]] = {
    "": _of_positive,
    "macro": _macro,
    "micro": _micro,
    "weighted": _weighted,
}


def _mean_recall(one: Confusion) -> float:
    return _macro(one, one.hits, one.truth) if (one.truth[: one.classes] > 0).all() else nan


def _balanced_accuracy(one: Confusion) -> float:
    known = one.truth > 0
    return float((one.hits[known] / one.truth[known]).mean()) if known[: one.classes].all() else nan


def _matthews(one: Confusion) -> float:
    """Return the correlation of Matthews over all labels (Gorodkin 2004)."""
    if (one.truth > 0).sum() < 2:
        return nan
    total = one.counts.sum()
    together = one.hits.sum() * total - one.truth @ one.decided
    spread = (total**2 - one.truth @ one.truth) * (total**2 - one.decided @ one.decided)
    return float(together / np.sqrt(spread)) if spread > 0 else 0.0


def _kappa(one: Confusion) -> float:
    """Return the agreement beyond chance (Cohen 1960)."""
    total = one.counts.sum()
    by_chance = total - one.truth @ one.decided / total
    return float(1 - (total - one.hits.sum()) / by_chance) if by_chance > 0 else nan


def _positive_likelihood_ratio(one: Confusion) -> float:
    recall, specificity = _rates(one)
    return recall / (1 - specificity)


def _negative_likelihood_ratio(one: Confusion) -> float:
    """Return the ratio with a minus sign, so that higher is better."""
    recall, specificity = _rates(one)
    return (recall - 1) / specificity


def _rates(one: Confusion) -> tuple[float, float]:
    """Return recall and specificity; NaN where one of the two ratios has none, of which scikit-learn warns for both."""
    (right_negative, wrong_positive), (wrong_negative, right_positive) = one.counts
    positive, negative = right_positive + wrong_negative, right_negative + wrong_positive
    if not (right_negative > 0 and wrong_positive > 0 and positive > 0):
        return nan, nan
    return float(right_positive / positive), float(right_negative / negative)


_WHOLE: dict[str, Callable[[Confusion], float]] = {
    "balanced_accuracy": _balanced_accuracy,
    "recall_macro": _mean_recall,
    "matthews_corrcoef": _matthews,
    "cohen_kappa_score": _kappa,
    "positive_likelihood_ratio": _positive_likelihood_ratio,
    "neg_negative_likelihood_ratio": _negative_likelihood_ratio,
}
