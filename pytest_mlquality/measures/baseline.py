"""How much worse one model is than another on the same rows: what both get right or wrong cancels."""

from __future__ import annotations

from dataclasses import replace
from math import inf, isnan

import numpy as np

from pytest_mlquality.errors import DataError
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.estimates import ONE_UNIT, bootstrapped, has_one_unit, is_binary_auc
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.row_losses import row_losses
from pytest_mlquality.measures.sample import Rows, Sample
from pytest_mlquality.measures.scoring import MAXIMA, on_rows, score
from pytest_mlquality.measures.shares import share
from pytest_mlquality.statistics.auc import roc_auc_difference
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.paired import mean_difference, share_difference


def loss(metric: Metric, challenger: Answers, baseline: Answers, *, exact: bool = False) -> Estimate:
    """Return by how much the challenger is worse, with bounds of the paired difference; negative means better.

    Unit, weight and seed are those of the challenger.

    Parameters
    ----------
    exact
        Whether the rows are all there are: then the value is its own bound.
    """
    beside = _with_rows_of(baseline, challenger)
    points = {"challenger": score(metric, Sample.of(challenger)), "baseline": score(metric, Sample.of(beside))}
    for name, point in points.items():
        if isnan(point.value):
            return Estimate.undefined(len(challenger), f"{metric.name} of the {name}: {point.reason}")
    worse, better = metric.loss_of(*points.values())
    value = worse.value - better.value
    if exact:
        return Estimate.exact(value, len(challenger))
    if has_one_unit(challenger):
        return Estimate.undefined(len(challenger), ONE_UNIT)
    found = bounded(metric, challenger, beside, value)
    # The same number by another route differs in the last digits.
    return found if found.value is None else replace(found, value=value)


def check_same_rows(challenger: Answers, baseline: Answers) -> None:
    """Refuse answers that are not on the same rows, of the same task.

    Raises
    ------
    DataError
        Naming what differs.
    """
    if len(challenger) != len(baseline):
        raise DataError(
            f"the challenger answered {len(challenger):,} rows, the baseline {len(baseline):,}",
            "compare them on one split",
        )
    for what, of_challenger, of_baseline in (
        ("task", challenger.task, baseline.task),
        ("positive class", challenger.positive, baseline.positive),
    ):
        if of_challenger != of_baseline:
            raise DataError(
                f"the challenger has the {what} {of_challenger!r}, the baseline {of_baseline!r}",
                "compare models that answer one question",
            )
    if not np.array_equal(challenger.target, baseline.target):
        differing = int((challenger.target != baseline.target).sum())
        raise DataError(
            f"{differing:,} of {len(challenger):,} labels differ between challenger and baseline",
            "compare them on one split, in one order of rows",
        )


def _with_rows_of(baseline: Answers, challenger: Answers) -> Answers:
    """Return the baseline's answers with the unit, weight and seed of the challenger's."""
    return replace(baseline, unit=challenger.unit, weight=challenger.weight, seed=challenger.seed)


def bounded(metric: Metric, challenger: Answers, baseline: Answers, value: float) -> Estimate:
    """Return the loss with the best bounds that there are for the metric; its value may differ in the last digits."""
    if metric.name in MAXIMA:
        return _of_maxima(value, len(challenger))
    worse, better = metric.loss_of(challenger, baseline)
    if is_binary_auc(metric, challenger):
        return roc_auc_difference(
            challenger.positives, worse.score, better.score, unit=challenger.unit, weight=challenger.weight
        )
    return (
        _of_shares(metric, worse, better)
        or _of_means(metric, challenger, baseline)
        or _resampled(metric, worse, better)
    )


def _of_shares(metric: Metric, first: Answers, second: Answers) -> Estimate | None:
    a, b = share(metric, first), share(metric, second)
    if a is None or b is None or a.function is not None or not a.fixed:
        return None
    found = share_difference(a.success[a.among], b.success[b.among], **a.rows)
    independent = first.weight is None and found.units in (None, found.n)
    return _between_counts(found) if independent and found.n else found


def _between_counts(found: Estimate) -> Estimate:
    """Return a difference of shares with bounds one row wider: it moves in steps, which t bounds overlook.

    The continuity correction of McNemar's test: of so many rows on which the models differ, the difference of the
    counts moves by two (Edwards 1948, Psychometrika 13, 185-187).
    """
    step = 1 / found.n
    return replace(
        found,
        method=f"{found.method}, continuity correction",
        lower=lambda level: max(found.lower(level) - step, -1.0),
        upper=lambda level: min(found.upper(level) + step, 1.0),
    )


def _of_means(metric: Metric, challenger: Answers, baseline: Answers) -> Estimate | None:
    a, b = row_losses(metric, challenger), row_losses(metric, baseline)
    if a is None or b is None or a.is_root:
        return None
    support = (min(a.support[0], b.support[0]), max(a.support[1], b.support[1]))
    weight = challenger.weight if a.weight is None else a.weight
    return mean_difference(a.values, b.values, unit=challenger.unit, weight=weight, support=support)


def _resampled(metric: Metric, first: Answers, second: Answers) -> Estimate:
    of_first, of_second = on_rows(metric, first), on_rows(metric, second)
    width = metric.support[1] - metric.support[0]

    def difference(rows: Rows) -> float:
        return of_first(rows) - of_second(rows)

    return bootstrapped(metric, difference, first, support=(-width, width))


def _of_maxima(value: float, n: int) -> Estimate:
    reason = "no number of rows bounds a difference of maxima"
    return Estimate(value, n, "largest of the rows seen", lambda _level: -inf, lambda _level: inf, reason=reason)
