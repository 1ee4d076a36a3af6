"""Bounds where rows of a unit are alike to an unknown degree, so that a row is worth less than one.

Rows of one unit that are all alike are worth one row (the design effect of Kish 1965), rows that have nothing in common
are worth what they count. The truth lies between, and is not the same everywhere: units may differ in their means as if
their rows were one, and elsewhere as if these were strangers. So an upper bound takes off no more bias than independent
rows have, and has the noise of rows that are all alike; a lower bound takes off the bias of these, too.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, sqrt

from pytest_mlquality.statistics.estimate import Estimate

Worths = tuple[float, float]


def over_design_effects(
    measure: Callable[[Worths], Estimate], worths: Worths, *, is_squared: bool = False, most: float = inf
) -> Estimate:
    """Return an estimate of two sides whose bounds hold whatever the design effect between none and the largest.

    The upper bound is the larger one of that of the fewest rows, and of the distance from value to bound that all rows
    have, times the root of the largest effect: noise is of the order ``1 / sqrt(n)``. The lower bound is the smaller
    one. The value is that at the root of the effects, which of m rows a unit is an intraclass correlation of
    ``1 / (1 + sqrt m)``. Where the largest effect leaves too few rows for an estimate there is none.

    Parameters
    ----------
    measure
        Of how many independent rows a row of either side is worth.
    worths
        The least that it can be: 1 where no unit has two rows.
    is_squared
        Whether the measure is a squared distance, whose root has noise of that order.
    most
        The end of its range.
    """
    careful = measure(worths)
    if careful.value is None or min(worths) >= 1:
        return careful
    as_rows, between = measure((1.0, 1.0)), measure((sqrt(worths[0]), sqrt(worths[1])))
    value = as_rows.value or 0.0
    power, effect = (0.5 if is_squared else 1.0), 1 / min(worths)

    def upper(level: float) -> float:
        start, end = value**power, as_rows.upper(level) ** power
        wider = float((start + sqrt(effect) * (end - start)) ** (1 / power))
        return max(careful.upper(level), min(wider, most))

    return Estimate(
        between.value,
        careful.n,
        f"{careful.method}, wider by design effects up to {effect:.3g}",
        lambda level: min(careful.lower(level), as_rows.lower(level)),
        upper,
        careful.units,
        careful.reason,
    )
