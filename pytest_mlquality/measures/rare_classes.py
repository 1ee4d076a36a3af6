"""How few rows of a class still carry a bootstrap bound.

Where every class counts alike, as in a macro average, the rarest class has most of the variance. Simulated for the
correlation of Matthews and for F1 and precision averaged over two classes, with sensitivities of 0.8 and 0.9: one-sided
errors were at most 1.7 times a nominal 0.05 from 15 rows of the rarer class on, and at most 1.8 times a nominal 1e-3
from 200 on, but up to 62 times with 30.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.metric import Metric, Support
from pytest_mlquality.measures.metric_families import OPERATING_POINTS
from pytest_mlquality.measures.operating_points import rows_that_decide
from pytest_mlquality.measures.sample import Sample
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.pivot import USUAL_LEVELS, checked

# Averages over rows, or by the frequency of classes: rare classes hardly move them.
_BY_FREQUENCY = ("_micro", "_samples", "_weighted")


# Of z^4, as the terms that a studentised estimate leaves out fall with the number of rows: 15 at 0.05, 183 at 1e-3.
UNITS = 2.0


def class_units_needed(level: float) -> int:
    """Return how many units of the rarest class a bootstrap bound needs at `level`."""
    return int(np.ceil(UNITS * ndtri(checked(level)) ** 4))


def rarest_class(metric: Metric, answers: Answers) -> int | None:
    """Return how many units have rows of the rarest class; None where classes do not count alike."""
    by_frequency = metric.function is None and metric.name.endswith(_BY_FREQUENCY)
    if answers.task in ("regression", "ranking") or by_frequency:
        return None
    if answers.task == "multilabel":
        return min(_units(answers, column == 1) for column in answers.truth.T)
    return min(_units(answers, answers.truth == place) for place in range(len(answers.classes or ())))


def deciding_units(metric: Metric, answers: Answers) -> int | None:
    """Return how many units a resampled metric turns on: those of the rarest class, or beside a threshold."""
    rarest = rarest_class(metric, answers)
    if rarest is None or metric.family not in OPERATING_POINTS or metric.parameter is None:
        return rarest
    beside = rows_that_decide(metric, Sample.of(answers))
    units = len(answers) if answers.unit is None else len(set(answers.unit.tolist()))
    return min(rarest, int(beside * units / len(answers)))


def guarded(found: Estimate, rarest: int, support: Support, what: str = "of the rarest class") -> Estimate:
    """Return an estimate without bounds at the levels for which there are too few units of what it turns on."""
    needs = [
        f"{class_units_needed(level):,} at {level:g}" for level in USUAL_LEVELS if rarest < class_units_needed(level)
    ]
    if not needs:
        return found
    reason = f"{rarest:,} units {what} are too few for a bootstrap bound, which needs {', '.join(needs)}"
    if found.reason:
        # Rows of the class are not all that it takes.
        reason = f"{reason}; {found.reason}"
    return replace(
        found,
        lower=lambda level: found.lower(level) if rarest >= class_units_needed(level) else support[0],
        upper=lambda level: found.upper(level) if rarest >= class_units_needed(level) else support[1],
        reason=reason,
    )


def _units(answers: Answers, rows: NDArray[Any]) -> int:
    return int(rows.sum()) if answers.unit is None else len(set(answers.unit[rows].tolist()))
