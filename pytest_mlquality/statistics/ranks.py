"""The rank of one mean among several, largest first, with bounds.

A mean ranks below every one that is surely larger, and above every one that is surely smaller. Each of the others is
compared at its part of the level (Bonferroni), so that a bound errs with at most the level, however many are tied
(confidence sets for ranks: Mogstad, Romano, Shaikh and Wilhelm 2024, Review of Economic Studies 91, 476-518).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.mean import UNBOUNDED, mean
from pytest_mlquality.statistics.pivot import checked
from pytest_mlquality.statistics.scale import Support

Floats = NDArray[np.float64]


def rank(
    values: Floats,
    place: int,
    *,
    unit: NDArray[Any] | None = None,
    weight: Floats | None = None,
    support: Support = UNBOUNDED,
) -> Estimate:
    """Return the rank of the mean of one column among those of all, 1 for the largest.

    Parameters
    ----------
    values
        Numbers, shape (n, columns).
    place
        The column whose rank is asked for.
    unit, weight
        As in `mean`.
    support
        Ends of the range in which the values can lie.
    """
    n, columns = values.shape
    low, high = support
    others = [other for other in range(columns) if other != place]
    if not others:
        return Estimate.exact(1.0, n)
    by_how_much = [
        mean(values[:, other] - values[:, place], unit=unit, weight=weight, support=(low - high, high - low))
        for other in others
    ]

    def above(level: float) -> float:
        part = checked(level) / len(others)
        return 1.0 + sum(one.lower(part) > 0 for one in by_how_much)

    def below(level: float) -> float:
        part = checked(level) / len(others)
        return 1.0 + sum(one.upper(part) >= 0 for one in by_how_much)

    value = 1.0 + sum(one.value is not None and one.value > 0 for one in by_how_much)
    method = f"{len(others)} paired comparisons, {by_how_much[0].method}"
    return Estimate(value, n, method, above, below, by_how_much[0].units)
