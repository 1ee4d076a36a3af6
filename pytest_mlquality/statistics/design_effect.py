"""Bounds where rows of a unit are alike to an unknown degree, so that a row is worth less than one.

Rows of one unit that are all alike are worth one row (the design effect of Kish 1965), rows that have nothing in common
are worth what they count. The truth lies between. An estimate that is corrected for the bias of its effective number of
rows takes off too much where that number is too small: its upper bound is then below the truth, so that no one number
is the careful choice for both bounds.
"""

from __future__ import annotations

from collections.abc import Callable

from pytest_mlquality.statistics.estimate import Bound, Estimate

Worths = tuple[float, float]

# Between the two ends an upper bound can be above those at both, since its bias falls as the noise grows.
STEPS = 8


def over_design_effects(measure: Callable[[Worths], Estimate], worths: Worths) -> Estimate:
    """Return an estimate of two sides whose bounds hold whatever the design effect between none and the largest.

    The lower bound is the smallest over design effects, the upper bound the largest. The value is that at the
    geometric mean of the effects, which of m rows a unit is that of an intraclass correlation of ``1 / (1 + sqrt m)``.
    Where the largest effect leaves too few rows for an estimate there is none.

    Parameters
    ----------
    measure
        Of how many independent rows a row of either side is worth.
    worths
        The least that it can be: 1 where no unit has two rows.
    """
    careful = measure(worths)
    if careful.value is None or min(worths) >= 1:
        return careful
    rest = [measure(_between(worths, step / STEPS)) for step in range(1, STEPS + 1)]
    assumed = [careful, *rest]
    middle = assumed[STEPS // 2]
    return Estimate(
        middle.value,
        careful.n,
        f"{careful.method}, the widest over design effects up to {1 / min(worths):.3g}",
        _chosen(min, [one.lower for one in assumed]),
        _chosen(max, [one.upper for one in assumed]),
        careful.units,
        careful.reason,
    )


def _between(worths: Worths, way: float) -> Worths:
    """Return the worths some part of the way from the least ones to 1, on the scale of logarithms."""
    first, second = (worth ** (1 - way) for worth in worths)
    return first, second


def _chosen(which: Callable[[list[float]], float], bounds: list[Bound]) -> Bound:
    return lambda level: which([bound(level) for bound in bounds])
