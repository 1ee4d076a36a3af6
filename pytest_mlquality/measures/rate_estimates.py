"""Rates of decisions and means of numbers, estimated from a group's answers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.estimates import ONE_UNIT, has_one_unit
from pytest_mlquality.measures.group_rates import Rate
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.mean import mean
from pytest_mlquality.statistics.tails import without_heavy_tails
from pytest_mlquality.statistics.weighted_share import weighted_share_of

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

# Of one class of several.
NO_ROW_OF_CLASS = "no row is of this class"


def rate_estimates(rate: Rate, answers: Answers, *, exact: bool = False) -> dict[str, Estimate]:
    """Return a rate with bounds; of multiclass one for each class against the rest, by the class's label.

    Parameters
    ----------
    exact
        Whether the rows are all there are: then the value is its own bound.
    """
    if rate.name in _NUMBERS:
        numbers, unit, weight = _NUMBERS[rate.name](answers), answers.unit, answers.weight
        found = mean(numbers, unit=unit, weight=weight)
        found = without_heavy_tails(found, numbers, unit=unit, weight=weight, support=rate.support)
        return {"": bounded(found, answers, exact=exact)}
    # Of two classes the second tells all about the first.
    classes = answers.classes or ()
    places = {"": 1} if answers.task == "binary" else {str(label): place for place, label in enumerate(classes)}
    return {label: bounded(_of_class(rate, answers, place), answers, exact=exact) for label, place in places.items()}


# What is a number of each row.
_NUMBERS: dict[str, Callable[[Answers], Floats]] = {
    "mean_prediction": lambda answers: np.asarray(answers.decision, dtype=np.float64),
    "mean_error": lambda answers: np.asarray(answers.decision - answers.truth, dtype=np.float64),
}
# Among which rows a rate counts, by their truth; and whether it counts those decided positive.
_AMONG: dict[str, tuple[bool | None, bool]] = {
    "selection_rate": (None, True),
    "true_positive_rate": (True, True),
    "false_positive_rate": (False, True),
    "true_negative_rate": (False, False),
    "false_negative_rate": (True, False),
}


def _of_class(rate: Rate, answers: Answers, place: int) -> Estimate:
    truth, decided = _AMONG[rate.name]
    positive = np.asarray(answers.truth == place)
    counted = np.ones_like(positive) if truth is None else positive == truth
    if len(counted) and not counted.any():
        return Estimate.undefined(len(answers), _what_lacks(answers, positive=bool(truth)))
    success: Flags = np.asarray((answers.decision == place) == decided)[counted]
    unit = None if answers.unit is None else answers.unit[counted]
    weight = None if answers.weight is None else answers.weight[counted]
    if weight is not None and len(weight) and not weight.any():
        return Estimate.undefined(len(success), "all of the rows that count weigh 0")
    return weighted_share_of(success, unit=unit, weight=weight)


def _what_lacks(answers: Answers, *, positive: bool) -> str:
    if answers.task == "binary":
        return "no row is truly positive" if positive else "no row is truly negative"
    return NO_ROW_OF_CLASS if positive else "every row is of this class"


def bounded(found: Estimate, answers: Answers, *, exact: bool = False) -> Estimate:
    """Return an estimate without bounds where the rows are all there are, or none where they are one unit."""
    if found.value is None:
        return found
    if exact:
        return Estimate.exact(found.value, found.n)
    return Estimate.undefined(found.n, ONE_UNIT) if has_one_unit(answers) else found
