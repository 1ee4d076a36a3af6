"""Bounds of metrics at any number of independent rows: where too few are there for the standard error of resamples.

They hold whatever the number of rows and whatever the level, and are wider for it. What counts rows, or pairs of truth
and decision, has the bounds of a confusion matrix; average precision those of the two classes' scores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.metric import Metric, Support
from pytest_mlquality.statistics.auc import roc_auc
from pytest_mlquality.statistics.confusion_region import (
    Bounds,
    average_of_shares,
    frequency_average_of_shares,
    kappa,
    likelihood_ratios,
    matthews,
)
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.precision_bands import average_precision

Floats = NDArray[np.float64]

# Successes of each class, the rows that they are among, and what is averaged as a function of the share: F1 and the
# Jaccard index count a row that is of a class in truth or decision once.
_Parts = Callable[[Floats, Floats, Floats], Floats]
_AMONG: dict[str, _Parts] = {
    "precision": lambda _hits, _truth, decided: decided,
    "recall": lambda _hits, truth, _decided: truth,
    "f1": lambda hits, truth, decided: truth + decided - hits,
    "jaccard": lambda hits, truth, decided: truth + decided - hits,
}


def sure_bounds(metric: Metric, answers: Answers) -> Bounds | None:
    """Return bounds of a metric that hold at any number of rows and any level; None where there are none.

    Rows that are not independent, or that weigh differently, have none.
    """
    if metric.function is not None or answers.task not in ("binary", "multiclass", "multilabel"):
        return None
    if not rows_count_alike(answers):
        return None
    if metric.name == "average_precision":
        return _of_precision(answers)
    if metric.name in ("roc_auc", "roc_auc_ovr"):
        return _of_areas(answers)
    return _of_labels(metric, answers) if metric.needs == "labels" else None


def rows_count_alike(answers: Answers) -> bool:
    """Return whether every row is a unit of its own and weighs as much as any other."""
    weight, unit = answers.weight, answers.unit
    if weight is not None and bool((weight != weight[0]).any()):
        return False
    return unit is None or len(set(unit.tolist())) == len(answers)


def where_resampling_ends(found: Estimate, metric: Metric, answers: Answers) -> Estimate:
    """Return an estimate from resamples with the bounds of `sure_bounds` at the levels at which it has none."""
    if not lacks_bounds(found):
        return found
    sure = sure_bounds(metric, answers)
    if sure is None:
        return found if rows_count_alike(answers) else replace(found, reason=f"{found.reason}; {_why_none(answers)}")
    return supported(found, sure, metric.support)


def lacks_bounds(found: Estimate) -> bool:
    """Return whether an estimate is from resamples, and these give no bound at some of the usual levels."""
    return found.value is not None and bool(found.reason) and found.method.startswith("bootstrap")


def supported(found: Estimate, sure: Bounds, support: Support) -> Estimate:
    """Return an estimate from resamples with `sure` bounds where it has none, and where these are the tighter ones.

    The errors of both add where both are there, as of t and betting bounds of few rows: those of bounds that hold
    together are far below the level (studies/small_samples.py).
    """
    low_end, high_end = support
    value = 0.0 if found.value is None else found.value

    def lower(level: float) -> float:
        return max(found.lower(level), min(value, sure[0](level)), low_end)

    def upper(level: float) -> float:
        return min(found.upper(level), max(value, sure[1](level)), high_end)

    method = f"{found.method}; at levels that take more rows, bounds of shares that hold together at any number"
    return replace(found, method=method, lower=lower, upper=upper, reason="")


def _why_none(answers: Answers) -> str:
    what = "units of several rows" if answers.weight is None else "rows of different weights"
    return f"{what} have no bounds of another kind"


def _of_labels(metric: Metric, answers: Answers) -> Bounds | None:
    if answers.task == "multilabel":
        truth, decided = answers.truth.astype(np.float64), answers.decision.astype(np.float64)
        hits = truth * decided
        return _of_averages(metric.name, *(each.sum(axis=0) for each in (hits, truth, decided)), one_label=False)
    counts = _counts(answers)
    if metric.name == "matthews_corrcoef":
        return matthews(counts)
    if metric.name == "cohen_kappa_score":
        return kappa(counts)
    if len(counts) == 2 and metric.name in ("positive_likelihood_ratio", "neg_negative_likelihood_ratio"):
        return likelihood_ratios(counts)[metric.name.startswith("neg")]
    return _of_averages(metric.name, np.diagonal(counts), counts.sum(axis=1), counts.sum(axis=0))


def _counts(answers: Answers) -> Floats:
    """Return rows by truth and decision, shape (labels, labels); labels that the model does not know come last."""
    side = max(len(answers.classes or ()), 1 + int(max(answers.truth.max(), answers.decision.max())))
    pair = (answers.truth * side + answers.decision).astype(np.intp)
    return np.bincount(pair, minlength=side**2).astype(np.float64).reshape(side, side)


def _of_averages(name: str, hits: Floats, truth: Floats, decided: Floats, *, one_label: bool = True) -> Bounds | None:
    name, _, average = name.partition("_")
    if name not in _AMONG or average not in ("macro", "weighted"):
        return None
    there = truth + decided > 0
    hits, truth, decided = hits[there], truth[there], decided[there]
    among = _AMONG[name](hits, truth, decided)
    of_share = _f1 if name == "f1" else np.asarray
    if not (among > 0).all():
        return None
    if average == "macro":
        return average_of_shares(hits, among, of_share)
    # Frequencies are shares of rows where a row has one label.
    return frequency_average_of_shares(hits, among, truth, of_share) if one_label else None


def _f1(share: Floats) -> Floats:
    return 2 * share / (1 + share)


def _of_precision(answers: Answers) -> Bounds:
    return _mean([average_precision(has, score) for has, score in _one_against_rest(answers)])


def _of_areas(answers: Answers) -> Bounds:
    found = [roc_auc(has, score) for has, score in _one_against_rest(answers)]
    return _mean([(one.lower, one.upper) for one in found])


def _one_against_rest(answers: Answers) -> list[tuple[NDArray[np.bool_], Floats]]:
    """Return which rows have each label, and their score for it; of two classes the positive one alone."""
    score = np.asarray(answers.score, dtype=np.float64)
    if answers.task == "binary":
        return [(answers.positives, score)]
    if answers.task == "multilabel":
        return [(truth == 1, each) for truth, each in zip(answers.truth.T, score.T, strict=True)]
    return [(answers.truth == place, each) for place, each in enumerate(score.T)]


def _mean(bounds: list[Bounds]) -> Bounds:
    """Return bounds of the mean of several numbers that each has bounds, at a part of the level each."""
    parts = len(bounds)

    def lower(level: float) -> float:
        return sum(low(level / parts) for low, _ in bounds) / parts

    def upper(level: float) -> float:
        return sum(high(level / parts) for _, high in bounds) / parts

    return lower, upper
