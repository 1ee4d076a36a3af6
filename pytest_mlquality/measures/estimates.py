"""A metric's value with the best bounds that there are for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf, isnan, sqrt

import numpy as np

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.calibration_bounds import NORMS, calibration_bounds
from pytest_mlquality.measures.loss_tails import without_tails
from pytest_mlquality.measures.median_bounds import MEDIANS, median_bounds
from pytest_mlquality.measures.metric import Metric, Support
from pytest_mlquality.measures.metric_families import OPERATING_POINTS
from pytest_mlquality.measures.operating_bounds import operating_bounds
from pytest_mlquality.measures.rare_classes import deciding_units, guarded
from pytest_mlquality.measures.row_losses import row_losses
from pytest_mlquality.measures.sample import Rows, Sample
from pytest_mlquality.measures.scoring import MAXIMA, on_rows, score
from pytest_mlquality.measures.shares import share
from pytest_mlquality.measures.small_samples import where_resampling_ends
from pytest_mlquality.statistics.auc import roc_auc
from pytest_mlquality.statistics.bootstrap import bootstrap
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.mean import mean
from pytest_mlquality.statistics.proportion import share_of
from pytest_mlquality.statistics.weighted_share import weighted_share_of

ONE_UNIT = "all rows belong to one unit: nothing is independent of anything else"


def estimate(metric: Metric, answers: Answers, *, exact: bool = False, tail_of: Answers | None = None) -> Estimate:
    """Return scikit-learn's value of a metric, with bounds.

    Parameters
    ----------
    exact
        Whether the rows are all there are: then the value is its own bound.
    tail_of
        Answers that show how heavy the tail of the losses is, such as those of all groups; None: these answers.
    """
    point = score(metric, Sample.of(answers))
    if isnan(point.value):
        return Estimate.undefined(len(answers), point.reason)
    if exact:
        return Estimate.exact(point.value, len(answers))
    if has_one_unit(answers):
        return Estimate.undefined(len(answers), ONE_UNIT)
    bounded = analytic(metric, answers, point.value)
    if bounded is None:
        resampled = bootstrapped(metric, on_rows(metric, answers), answers, support=metric.support)
        bounded = where_resampling_ends(resampled, metric, answers)
    # The same number by another route differs in the last digits.
    told = bounded if bounded.value is None else replace(bounded, value=point.value)
    return without_tails(told, metric, answers if tail_of is None else tail_of)


def has_one_unit(answers: Answers) -> bool:
    """Return whether all rows belong to one independent unit, of which there is no variance to see."""
    return answers.unit is not None and len(answers) > 0 and bool((answers.unit == answers.unit[0]).all())


def analytic(metric: Metric, answers: Answers, value: float) -> Estimate | None:
    """Return bounds from what the metric is (AUC, operating point, norm, share, mean, median, maximum), or None."""
    if metric.name in MAXIMA:
        return _of_maximum(metric, answers, value)
    if metric.name in MEDIANS:
        found = median_bounds(answers, abs(value))
        return negated(found) if metric.higher_is_better else found
    if metric.family in OPERATING_POINTS:
        return operating_bounds(metric, answers, value)
    if metric.name in NORMS:
        return calibration_bounds(metric, answers, value)
    if is_binary_auc(metric, answers):
        return roc_auc(answers.positives, answers.score, unit=answers.unit, weight=answers.weight)
    return _of_share(metric, answers) or _of_mean(metric, answers)


def is_binary_auc(metric: Metric, answers: Answers) -> bool:
    """Return whether the metric is the area under the one ROC curve: of two classes all averages are that."""
    return answers.task == "binary" and metric.name.startswith("roc_auc")


def _of_share(metric: Metric, answers: Answers) -> Estimate | None:
    part = share(metric, answers)
    if part is None:
        return None
    # Weights that make classes alike are those of the rows of each class, and no row of a class is heavier.
    alike = answers.unit is None and answers.weight is None
    found = (share_of if alike else weighted_share_of)(part.success[part.among], **part.rows)
    return found if part.function is None else increasing(part.function, found)


def _of_mean(metric: Metric, answers: Answers) -> Estimate | None:
    losses = row_losses(metric, answers)
    if losses is None:
        return None
    weight = answers.weight if losses.weight is None else losses.weight
    found = mean(losses.values, unit=answers.unit, weight=weight, support=losses.support)
    if losses.is_root:
        found = increasing(_root, found)
    return negated(found) if metric.higher_is_better else found


def bootstrapped(metric: Metric, function: Callable[[Rows], float], answers: Answers, *, support: Support) -> Estimate:
    """Return bootstrap bounds of a function of row numbers, with none where what it turns on is too rare."""
    found = bootstrap(function, len(answers), unit=answers.unit, seed=answers.seed, support=support)
    rarest = deciding_units(metric, answers)
    if found.value is None or rarest is None:
        return found
    what = "beside the threshold" if metric.family in OPERATING_POINTS else "of the rarest class"
    return guarded(found, rarest, support, what)


def _of_maximum(metric: Metric, answers: Answers, value: float) -> Estimate:
    """Return the largest error seen: the largest there is cannot be smaller, and may be anything above."""
    worst = Estimate(
        abs(value),
        len(answers),
        "largest of the rows seen",
        lambda _level: abs(value),
        lambda _level: inf,
        reason="no number of rows bounds a maximum from above",
    )
    return negated(worst) if metric.higher_is_better else worst


def increasing(function: Callable[[float], float], found: Estimate) -> Estimate:
    """Return an increasing function of an estimate: its bounds are those of the function."""
    return replace(
        found,
        value=None if found.value is None else function(found.value),
        lower=lambda level: function(found.lower(level)),
        upper=lambda level: function(found.upper(level)),
    )


def negated(found: Estimate) -> Estimate:
    """Return the negative of an estimate: its bounds change sides."""
    return replace(
        found,
        value=None if found.value is None else -found.value,
        lower=lambda level: -found.upper(level),
        upper=lambda level: -found.lower(level),
    )


def shifted(found: Estimate, by: float) -> Estimate:
    """Return an estimate with a constant added."""
    return increasing(lambda value: value + by, found)


def _root(square: float) -> float:
    return sqrt(max(square, 0.0)) if np.isfinite(square) else square
