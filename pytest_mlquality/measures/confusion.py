"""Metrics of labels from the counts of each pair of truth and decision: what resamples are asked, in microseconds.

scikit-learn takes milliseconds for the same, most of which it spends on checking labels that were checked before. The
values are its own, tested against it; where it warns that a metric is undefined, there is no value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import nan

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.metric import Metric

Floats = NDArray[np.float64]


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


# Of each label: what is counted, and among what. F-beta is 2 hits over truth and decided at beta 1.
_Parts = tuple[Floats, Floats]
_PARTS: dict[str, Callable[[Confusion, float], _Parts]] = {
    "precision": lambda one, _beta: (one.hits, one.decided),
    "recall": lambda one, _beta: (one.hits, one.truth),
    "f1": lambda one, _beta: (2 * one.hits, one.truth + one.decided),
    "fbeta": lambda one, beta: ((1 + beta**2) * one.hits, beta**2 * one.truth + one.decided),
    "jaccard": lambda one, _beta: (one.hits, one.truth + one.decided - one.hits),
}


def of_confusion(metric: Metric) -> Callable[[Confusion], float] | None:
    """Return the function from counts of single labels to a metric, NaN where undefined; None where there is none."""
    if metric.name in _WHOLE:
        return _WHOLE[metric.name]
    name, _, average = metric.family.partition("_")
    parts = _PARTS.get(name)
    if parts is None or average not in _AVERAGES:
        return None
    return partial(_averaged, partial(parts), _AVERAGES[average], metric.parameter or 1.0)


def _averaged(
    parts: Callable[[Confusion, float], _Parts],
    average: Callable[[Confusion, Floats, Floats], float],
    beta: float,
    one: Confusion,
) -> float:
    return average(one, *parts(one, beta))


def _of_positive(_one: Confusion, counted: Floats, among: Floats) -> float:
    return float(counted[1] / among[1]) if among[1] > 0 else nan


def _micro(_one: Confusion, counted: Floats, among: Floats) -> float:
    return float(counted.sum() / among.sum()) if among.sum() > 0 else nan


def _macro(one: Confusion, counted: Floats, among: Floats) -> float:
    present = one.truth + one.decided > 0
    return float((counted[present] / among[present]).mean()) if (among[present] > 0).all() else nan


def _weighted(one: Confusion, counted: Floats, among: Floats) -> float:
    present = one.truth + one.decided > 0
    if not (among[present] > 0).all():
        return nan
    return float(np.average(counted[present] / among[present], weights=one.truth[present]))


_AVERAGES: dict[str, Callable[[Confusion, Floats, Floats], float]] = {
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
