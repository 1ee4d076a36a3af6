"""How a metric stands against train, a training run, an earlier run, a simple model."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

from scipy.special import ndtri

from pytest_mlquality.measurement import Measurement
from pytest_mlquality.measures import baseline as against
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.estimates import estimate, negated, shifted
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.on_same_rows import loss_on_same_rows
from pytest_mlquality.measures.sample import Sample
from pytest_mlquality.measures.scoring import score, suiting
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.independent import difference


def loss_to_train(name: str | Metric, answers: Answers, on_train: Answers, *, exact: bool = False) -> Measurement:
    """Measure by how much the metric is worse on new rows than on those that the model was trained on.

    What the model reached in training is a number, not an estimate: those rows are all that it was trained on. The
    bounds are those of the metric on the new rows.

    Parameters
    ----------
    answers
        On rows that the model has not seen.
    on_train
        On the rows that it was trained on.
    exact
        Whether the new rows are all there are: then the value is its own bound.
    """
    wanted = suiting(name, on_train)
    before = score(wanted, Sample.of(on_train))
    if isnan(before.value):
        found = Estimate.undefined(len(answers), f"{name} on train: {before.reason}")
    else:
        found = _loss(wanted, answers, before.value, exact=exact)
    return Measurement.of(
        f"loss_to_train[{name}]", replace(found, reason=found.reason or f"train: {before.value:.4g}"), unit=wanted.unit
    )


def loss_to_recorded(name: str | Metric, answers: Answers, recorded: float, *, exact: bool = False) -> Measurement:
    """Measure by how much the metric is worse than the number that was written down when the model was trained.

    That number is taken as it is, so that the bounds are those of the metric on the rows at hand.
    """
    wanted = suiting(name, answers)
    found = _loss(wanted, answers, recorded, exact=exact)
    reason = found.reason or f"recorded: {recorded:.4g}"
    return Measurement.of(f"loss_to_recorded[{name}]", replace(found, reason=reason), unit=wanted.unit)


def loss_to_previous(name: str | Metric, answers: Answers, previous: Estimate, *, exact: bool = False) -> Measurement:
    """Measure by how much the metric is worse than an earlier run measured it.

    The two are taken as independent: where both looked at the same rows their errors agree, and the bounds are wider
    than need be.
    """
    wanted = suiting(name, answers)
    now = estimate(wanted, answers, exact=exact)
    found = replace(difference(*wanted.loss_of(now, previous)), n=now.n)
    return Measurement.of(f"loss_to_previous[{name}]", found, unit=wanted.unit)


def gain_over(
    name: str | Metric, answers: Answers, of_reference: Answers, reference: str, *, exact: bool = False
) -> Measurement:
    """Measure by how much the model is better than another on the same rows, paired.

    Parameters
    ----------
    reference
        What the other one is called.
    """
    against.check_same_rows(answers, of_reference)
    wanted = suiting(name, answers)
    found = negated(loss_on_same_rows(wanted, answers, of_reference, exact=exact))
    return Measurement.of(f"gain_over[{name}-{reference}]", found, unit=wanted.unit)


def of_interval(value: float, low: float, high: float, n: int) -> Estimate:
    """Return the estimate that an earlier run left behind as a value and its 95% interval.

    Bounds at other levels are those of a normal distribution with the same interval on each side.
    """

    def distance(level: float) -> float:
        return float(ndtri(level) / ndtri(0.025))

    return Estimate(
        value,
        n,
        "normal, from a 95% interval",
        lambda level: value - (value - low) * distance(level),
        lambda level: value + (high - value) * distance(level),
    )


def _loss(wanted: Metric, answers: Answers, before: float, *, exact: bool) -> Estimate:
    found = estimate(wanted, answers, exact=exact)
    return shifted(negated(found), before) if wanted.higher_is_better else shifted(found, -before)
