"""Rates of decisions and means of numbers that groups are compared by, beside the metrics of performance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.estimates import ONE_UNIT, has_one_unit
from pytest_mlquality.measures.metric import ONE_LABEL, REGRESSION
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.mean import mean
from pytest_mlquality.statistics.proportion import share_of

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rate:
    """What is asked of every group.

    Parameters
    ----------
    tasks
        For which it is defined.
    meaning
        One sentence for people who choose a limit.
    estimates
        Of a group's answers the estimate, without bounds where the rows are all there are (`exact`); of multiclass one
        for each class against the rest, by the class's label.
    support
        Ends of the range in which it can lie.
    """

    name: str
    tasks: frozenset[str]
    meaning: str
    estimates: Callable[[Answers, bool], dict[str, Estimate]]
    support: tuple[float, float] = (0.0, 1.0)


def _decided(among: Callable[[Flags], Flags], no_row: str, *, positive: bool = True) -> Callable[..., Any]:
    """Return the share of rows decided positive, or negative, among those of a truth, for each class to be decided."""

    def estimates(answers: Answers, exact: bool) -> dict[str, Estimate]:
        # Of two classes the second tells all about the first.
        classes = answers.classes or ()
        places = {"": 1} if answers.task == "binary" else {str(label): place for place, label in enumerate(classes)}
        return {label: of_class(answers, place, exact) for label, place in places.items()}

    def of_class(answers: Answers, place: int, exact: bool) -> Estimate:
        counted = among(np.asarray(answers.truth == place))
        if len(counted) and not counted.any():
            return Estimate.undefined(len(answers), no_row)
        decided = np.asarray((answers.decision == place) == positive)
        beside = {
            name: None if array is None else array[counted]
            for name, array in (("unit", answers.unit), ("weight", answers.weight))
        }
        return _bounded(share_of(decided[counted], **beside), answers, exact)

    return estimates


def _mean(values: Callable[[Answers], NDArray[np.float64]]) -> Callable[[Answers, bool], dict[str, Estimate]]:
    def estimates(answers: Answers, exact: bool) -> dict[str, Estimate]:
        return {"": _bounded(mean(values(answers), unit=answers.unit, weight=answers.weight), answers, exact)}

    return estimates


def _bounded(found: Estimate, answers: Answers, exact: bool) -> Estimate:
    if found.value is None:
        return found
    if exact:
        return Estimate.exact(found.value, found.n)
    return Estimate.undefined(found.n, ONE_UNIT) if has_one_unit(answers) else found


def _all(truth: Flags) -> Flags:
    return np.ones_like(truth)


def _positive(truth: Flags) -> Flags:
    return truth


_NO_POSITIVE, _NO_NEGATIVE = "no row is truly positive", "no row is truly negative"
RATES: dict[str, Rate] = {
    rate.name: rate
    for rate in (
        Rate("selection_rate", ONE_LABEL, "Share of rows that are decided positive.", _decided(_all, "no rows")),
        Rate(
            "true_positive_rate",
            ONE_LABEL,
            "Share of rows decided positive among the truly positive (recall, sensitivity).",
            _decided(_positive, _NO_POSITIVE),
        ),
        Rate(
            "false_positive_rate",
            ONE_LABEL,
            "Share of rows decided positive among the truly negative.",
            _decided(np.logical_not, _NO_NEGATIVE),
        ),
        Rate(
            "true_negative_rate",
            ONE_LABEL,
            "Share of rows decided negative among the truly negative (specificity).",
            _decided(np.logical_not, _NO_NEGATIVE, positive=False),
        ),
        Rate(
            "false_negative_rate",
            ONE_LABEL,
            "Share of rows decided negative among the truly positive.",
            _decided(_positive, _NO_POSITIVE, positive=False),
        ),
        Rate(
            "mean_prediction",
            REGRESSION,
            "Mean of the predictions, in the target's unit.",
            _mean(lambda answers: np.asarray(answers.decision, dtype=np.float64)),
            (-inf, inf),
        ),
        Rate(
            "mean_error",
            REGRESSION,
            "Mean of prediction less truth: above 0 a group is predicted too high.",
            _mean(lambda answers: np.asarray(answers.decision - answers.truth, dtype=np.float64)),
            (-inf, inf),
        ),
    )
}
