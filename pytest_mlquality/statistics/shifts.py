"""Shifts of single numbers between a reference and the current rows: of the share missing, and of the mean."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, sqrt

import numpy as np

from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.largest_gap import LargestGap
from pytest_mlquality.statistics.pivot import Pivot, bounded_by
from pytest_mlquality.statistics.scale import Scale


@dataclass(frozen=True, slots=True)
class Moments:
    """What a profile knows of the numbers of a column.

    Parameters
    ----------
    n
        Effective number of rows with a number.
    mean, sd
        In the unit of the column.
    skewness, kurtosis
        Third and fourth standardised moments; 0 and 3 of a normal distribution.
    """

    n: float
    mean: float
    sd: float
    skewness: float
    kurtosis: float


def missing_share_difference(reference: tuple[float, float], current: tuple[float, float]) -> Estimate:
    """Return the absolute difference of the shares missing.

    Bounds as of a score interval, with the skewness that rare events have.

    Parameters
    ----------
    reference, current
        Rows that miss the value, and all rows, both scaled to the effective number of rows.

    Raises
    ------
    ValueError
        When more rows miss the value than there are, or fewer than none.
    """
    for missing, n in (reference, current):
        if not 0 <= missing <= n:
            raise ValueError(f"{missing:g} rows without a value among {n:g}")
    rows = round(reference[1] + current[1])
    for name, (_, n) in (("reference", reference), ("current", current)):
        if n == 0:
            return Estimate.undefined(rows, f"no rows in the {name}")
    p, q = (np.array([missing / n]) for missing, n in (reference, current))
    gap = LargestGap(p, q, (reference[1], current[1]))
    value = gap.value
    return Estimate(
        value,
        rows,
        "difference of shares, score bounds",
        lambda level: min(gap.lower(level), value),
        lambda level: max(gap.upper(level), value),
        rows,
    )


def mean_difference(reference: Moments, current: Moments) -> Estimate:
    """Return the absolute difference of the means in standard deviations of the reference.

    Bounds are t bounds of the linearised ratio, widened for skewness, at the levels at which enough rows contribute
    for them to hold; at others there are none. Few rows may not show a tail that all are drawn from, such as a rare
    sentinel, and then take their mean for certain: both bounds are the wider ones of those with the shape that the
    side of fewer rows shows and of those with the shape of the other side.

    Parameters
    ----------
    reference, current
        Moments of the numbers on either side.
    """
    rows = round(reference.n + current.n)
    for name, side in (("reference", reference), ("current", current)):
        if side.n < 2:
            return Estimate.undefined(rows, f"fewer than two numbers in the {name}")
    if not reference.sd > 0:
        return Estimate.undefined(rows, "the reference does not vary")
    value = (current.mean - reference.mean) / reference.sd
    shapes = (reference, current), _of_the_larger(reference, current)
    pivots = [_pivot(value, *pair, reference.sd) for pair in shapes]
    bounds = [bounded_by(pivot, lambda _level: -inf, lambda _level: inf) for pivot in pivots]

    def low(level: float) -> float:
        return min(lower(level) for lower, _ in bounds)

    def high(level: float) -> float:
        return max(upper(level) for _, upper in bounds)

    return Estimate(
        abs(value),
        rows,
        f"difference of means, {max(pivots, key=lambda one: one.last_trusted_level).describe('no bounds')}",
        # A difference of 0 is missed on both sides.
        lambda level: max(0.0, low(level / 2), -high(level / 2)),
        lambda level: max(high(level), -low(level)),
        rows,
    )


def _of_the_larger(reference: Moments, current: Moments) -> tuple[Moments, Moments]:
    """Return both sides, the one of fewer rows with the shape of the other around its own mean."""
    if current.n < reference.n:
        return reference, replace(reference, n=current.n, mean=current.mean)
    return replace(current, n=reference.n, mean=reference.mean), current


def _pivot(value: float, reference: Moments, current: Moments, unit: float) -> Pivot:
    """Describe a difference, in `unit`, by the sums of powers of what each row contributes to its error."""
    n, m = reference.n, current.n
    own, ratio = reference.sd / unit, current.sd / unit
    # The standard deviation of the reference is estimated, too.
    of_reference = max(own**2 + own * value * reference.skewness + value**2 * (reference.kurtosis - 1) / 4, 0.0)
    square = ratio**2 / m + of_reference / n
    third = ratio**3 * current.skewness / m**2 - own**3 * reference.skewness / n**2
    fourth = (ratio**4 * current.kurtosis / m**3 + of_reference**2 * reference.kurtosis / n**3) / square**2
    spread = fourth - 1 / (n + m)
    freedom = max(1.0, min(2 / spread if spread > 0 else inf, n + m - 2))
    excess = max(0.0, fourth - 3 / (n + m))
    return Pivot(value, sqrt(square), freedom, third / square**1.5, 1 / fourth, excess, Scale((-inf, inf)))
