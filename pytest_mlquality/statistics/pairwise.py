"""The largest difference, and the smallest ratio, between any two of several groups.

Over K groups the observed difference of the largest and the smallest rate is too large on average, the more so the more
groups there are, and its bootstrap errs nearly always where all groups are alike. It is decided by pairs instead. The
truth is at least the difference of every ordered pair, so the lower bound is the largest of the pairs' lower bounds,
each at ``level / (K (K - 1))``: one of them is wrong with a probability of at most the level (Bonferroni), also where
all groups are alike and the truth is 0. The upper bound is the largest of the pairs' upper bounds, each at the level:
it errs only where that of the pair errs which sets the truth. Of ratios the sides are exchanged.

A pair's bounds come from those of its two groups, whatever their methods: distances from value to bound are added as
squares (the method of variance estimates recovery: Zou and Donner 2008, Statistics in Medicine 27, 1693-1702; of
ratios Donner and Zou 2012, Statistical Methods in Medical Research 21, 347-359).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.pivot import checked

Floats = NDArray[np.float64]

# Bounds that lie farther out than the value are added as squares down to this level. Below it squares err several times
# as often as they say where one group's share is near 0 and another's near 1: there the bounds themselves are put
# together, each at half the level, which holds whatever the distributions (studies/fairness.py).
LAST_LEVEL_OF_SQUARES = 0.025


def largest_difference(rates: Sequence[Sequence[Estimate]], *, independent: bool = True) -> Estimate:
    """Return the largest difference between two groups, of one rate or of several.

    Parameters
    ----------
    rates
        For each rate the estimates of the groups to be compared, all with a value; a rate of fewer than two groups
        has no difference. Equalized odds are two rates: the difference is the larger one of theirs.
    independent
        Whether no unit has rows in two groups.
    """

    def lower(sides: _Groups, level: float) -> float:
        return float(_of_pairs(sides.difference_below(level, independent=independent)).max(initial=0.0))

    def upper(sides: _Groups, level: float) -> float:
        return float(_of_pairs(sides.difference_above(level, independent=independent)).max(initial=0.0))

    compared = _compared(rates)
    if not compared:
        return _nothing(rates)
    pairs = sum(one.pairs for one in compared)
    return _estimate(
        max(one.largest - one.smallest for one in compared),
        compared,
        independent,
        lambda level: max(lower(one, checked(level) / pairs) for one in compared),
        lambda level: max(upper(one, checked(level)) for one in compared),
    )


def smallest_ratio(rates: Sequence[Sequence[Estimate]], *, independent: bool = True) -> Estimate:
    """Return the smallest ratio of two groups, between 0 and 1, of one rate or of several; parameters as above.

    A rate that is 0 in all groups has no ratio.

    Raises
    ------
    ValueError
        If a value is negative: of such numbers a ratio says nothing.
    """

    def lower(sides: _Groups, level: float) -> float:
        return float(_of_pairs(sides.ratio_below(level, independent=independent)).min(initial=1.0))

    def upper(sides: _Groups, level: float) -> float:
        return float(_of_pairs(sides.ratio_above(level, independent=independent)).min(initial=1.0))

    compared = _compared(rates)
    if not compared:
        return _nothing(rates)
    if any(one.smallest < 0 for one in compared):
        raise ValueError("a ratio of negative numbers")
    compared = [one for one in compared if one.largest > 0]
    if not compared:
        return Estimate.undefined(_rows(rates), "it is 0 in every group, so there is no ratio")
    pairs = sum(one.pairs for one in compared)
    return _estimate(
        min(one.smallest / one.largest for one in compared),
        compared,
        independent,
        lambda level: min(lower(one, checked(level)) for one in compared),
        lambda level: min(upper(one, checked(level) / pairs) for one in compared),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """The groups' estimates of one rate; differences and ratios are of the row's group and the column's."""

    estimates: tuple[Estimate, ...]
    values: Floats

    @property
    def pairs(self) -> int:
        """How many ordered pairs there are."""
        return len(self.estimates) * (len(self.estimates) - 1)

    @property
    def largest(self) -> float:
        return float(self.values.max())

    @property
    def smallest(self) -> float:
        return float(self.values.min())

    def difference_below(self, level: float, *, independent: bool) -> Floats:
        """Return lower bounds of all differences, shape (groups, groups)."""
        low, high = self._bounds(level, independent=independent)
        if not independent:
            return _table(np.subtract, low, high)
        return self._differences - _table(np.hypot, self.values - low, high - self.values)

    def difference_above(self, level: float, *, independent: bool) -> Floats:
        """Return upper bounds of all differences."""
        independent &= level >= LAST_LEVEL_OF_SQUARES
        low, high = self._bounds(level, independent=independent)
        if not independent:
            return _table(np.subtract, high, low)
        return self._differences + _table(np.hypot, high - self.values, self.values - low)

    def ratio_below(self, level: float, *, independent: bool) -> Floats:
        """Return lower bounds of all ratios."""
        independent &= level >= LAST_LEVEL_OF_SQUARES
        low, high = self._bounds(level, independent=independent)
        low = np.maximum(low, 0)
        if not independent:
            return _divided(low, high)
        above, below = _table(np.multiply, self.values, self.values), high * (2 * self.values - high)
        part = np.broadcast_to((low * (2 * self.values - low))[:, None], above.shape)
        with np.errstate(invalid="ignore"):
            root = np.sqrt(np.maximum(above**2 - part * below, 0))
        return np.divide(part, above + root, out=np.zeros_like(above), where=(part > 0) & (above + root > 0))

    def ratio_above(self, level: float, *, independent: bool) -> Floats:
        """Return upper bounds of all ratios; infinite where the column's group may have none."""
        low, high = self._bounds(level, independent=independent)
        low = np.maximum(low, 0)
        if not independent:
            return _divided(high, low)
        above, below = _table(np.multiply, self.values, self.values), low * (2 * self.values - low)
        part = (high * (2 * self.values - high))[:, None]
        with np.errstate(invalid="ignore"):
            root = np.sqrt(np.maximum(above**2 - part * below, 0))
        under = np.broadcast_to(below, above.shape)
        return np.divide(above + root, under, out=np.full_like(above, inf), where=under > 0)

    def _bounds(self, level: float, *, independent: bool) -> tuple[Floats, Floats]:
        """Return the groups' lower and upper bounds: at the level, or at half of it where they are put together."""
        each = level if independent else level / 2
        low = np.array([one.lower(each) for one in self.estimates])
        return low, np.array([one.upper(each) for one in self.estimates])

    @property
    def _differences(self) -> Floats:
        return _table(np.subtract, self.values, self.values)


def _compared(rates: Sequence[Sequence[Estimate]]) -> list[_Groups]:
    return [
        _Groups(tuple(groups), np.array([one.value for one in groups], dtype=np.float64))
        for groups in rates
        if len(groups) > 1
    ]


def _table(function: Callable[[Floats, Floats], Floats], rows: Floats, columns: Floats) -> Floats:
    table: Floats = function(rows[:, None], columns[None, :])
    return table


def _divided(rows: Floats, columns: Floats) -> Floats:
    shape = (len(rows), len(columns))
    under = np.broadcast_to(columns, shape)
    found: Floats = np.divide(np.broadcast_to(rows[:, None], shape), under, out=np.full(shape, inf), where=under > 0)
    return found


def _of_pairs(table: Floats) -> Floats:
    """Return what stands off the diagonal: no group is compared with itself."""
    return np.asarray(table[~np.eye(len(table), dtype=np.bool_)])


def _rows(rates: Sequence[Sequence[Estimate]]) -> int:
    return max((sum(one.n for one in groups) for groups in rates), default=0)


def _nothing(rates: Sequence[Sequence[Estimate]]) -> Estimate:
    return Estimate.undefined(_rows(rates), "fewer than two groups are large enough to compare")


def _estimate(
    value: float,
    compared: Sequence[_Groups],
    independent: bool,
    lower: Callable[[float], float],
    upper: Callable[[float], float],
) -> Estimate:
    groups = [one.estimates for one in compared]
    every = [one for some in groups for one in some]
    methods = list(dict.fromkeys(one.method.split(",")[0] for one in every))
    reasons = dict.fromkeys(one.reason for one in every if one.reason)
    largest = max(groups, key=len)
    units = (
        None if not independent or any(one.units is None for one in largest) else [one.units or 0 for one in largest]
    )
    how = "square-and-add" if independent else "half the level each"
    return Estimate(
        value,
        _rows(groups),
        "exact" if methods == ["exact"] else f"pairs of {len(largest)} groups, {how} of {'; '.join(methods)}",
        lower,
        upper,
        None if units is None else sum(units),
        next(iter(reasons), ""),
    )
