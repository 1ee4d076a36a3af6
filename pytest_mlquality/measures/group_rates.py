"""Rates of decisions and means of numbers that groups are compared by, beside the metrics of performance."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from pytest_mlquality.measures.metric import ONE_LABEL, REGRESSION


@dataclass(frozen=True, slots=True)
class Rate:
    """What is asked of every group; of multiclass models, of each class against the rest.

    Parameters
    ----------
    tasks
        For which it is defined.
    meaning
        One sentence for people who choose a limit.
    support
        Ends of the range in which it can lie.
    """

    name: str
    tasks: frozenset[str]
    meaning: str
    support: tuple[float, float] = (0.0, 1.0)


RATES: dict[str, Rate] = {
    rate.name: rate
    for rate in (
        Rate("selection_rate", ONE_LABEL, "Share of rows that are decided positive."),
        Rate(
            "true_positive_rate",
            ONE_LABEL,
            "Share of rows decided positive among the truly positive (recall, sensitivity).",
        ),
        Rate("false_positive_rate", ONE_LABEL, "Share of rows decided positive among the truly negative."),
        Rate("true_negative_rate", ONE_LABEL, "Share of rows decided negative among the truly negative (specificity)."),
        Rate("false_negative_rate", ONE_LABEL, "Share of rows decided negative among the truly positive."),
        Rate("mean_prediction", REGRESSION, "Mean of the predictions, in the target's unit.", (-inf, inf)),
        Rate(
            "mean_error",
            REGRESSION,
            "Mean of prediction less truth: above 0 a group is predicted too high.",
            (-inf, inf),
        ),
    )
}
