"""Bounds of the median absolute error, which no tail moves: the errors at which a share of rows surely is a half.

Of independent rows that weigh the same they are order statistics, as Clopper and Pearson's bounds of a share are turned
round (Conover 1999, Practical Nonparametric Statistics, section 3.2); they hold at any number of rows and any level.
"""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.weighted_share import weighted_share_of

MEDIANS = frozenset({"median_absolute_error", "neg_median_absolute_error"})
HALF = 0.5


def median_bounds(answers: Answers, value: float) -> Estimate:
    """Return a median absolute error with bounds.

    Parameters
    ----------
    value
        scikit-learn's.
    """
    size: NDArray[np.float64] = np.abs(answers.truth - answers.decision)
    seen = np.unique(size)

    def share(rows: NDArray[np.bool_]) -> Estimate:
        return weighted_share_of(rows, unit=answers.unit, weight=answers.weight)

    def upper(level: float) -> float:
        # Once so many errors are as small, more are of any larger one.
        low, high = 0, len(seen)
        while low < high:
            middle = (low + high) // 2
            enough = share(size <= seen[middle]).lower(level) >= HALF
            low, high = (low, middle) if enough else (middle + 1, high)
        return max(value, float(seen[low])) if low < len(seen) else inf

    def lower(level: float) -> float:
        low, high = 0, len(seen)
        while low < high:
            middle = (low + high) // 2
            few = share(size < seen[middle]).upper(level) <= HALF
            low, high = (middle + 1, high) if few else (low, middle)
        return min(value, float(seen[low - 1])) if low else 0.0

    return Estimate(value, len(answers), "order statistics, by the bounds of a share of 1/2", lower, upper)
