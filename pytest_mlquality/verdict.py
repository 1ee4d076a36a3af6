"""A measurement held against a limit: pass, fail, or not decided by the evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil, isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_mlquality.limit import Limit
    from pytest_mlquality.measurement import Measurement
    from pytest_mlquality.statistics.estimate import Bound

# Rows that would decide are named up to so many times those at hand, and up to so many.
MOST_TIMES, MOST_ROWS = 100, 10_000_000
NEVER = 10**15
# What a measurement without bounds says of its rows, units or classes.
TOO_FEW = ("too few", "too small")
# Smaller than any level that people ask for: what still stands there is no bound but the end of the range.
NO_LEVEL = 1e-12


class Verdict(StrEnum):
    """What the evidence says of one limit."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Levels:
    """How often a verdict may be wrong, a claim at a time, whatever else is in the run.

    A claim is one comparison with a limit: of one measurement, or of several of a kind, such as one a column.

    Parameters
    ----------
    false_fail
        Greatest probability of ``fail`` while the truth satisfies the limit.
    false_pass
        Greatest probability of ``pass`` while the truth does not.
    """

    false_fail: float = 1e-3
    false_pass: float = 0.05

    def shared(self, members: int) -> Levels:
        """Return the levels of each of the measurements of one claim.

        All of them must pass, which needs no correction; any of them fails the claim (Bonferroni).
        """
        return replace(self, false_fail=self.false_fail / max(members, 1))


@dataclass(frozen=True, slots=True)
class Judgement:
    """One measurement, one limit, and what came of it.

    Parameters
    ----------
    verdict
        None where the measurement is too small to judge or undefined.
    levels
        Those of each edge of the limit.
    lower_bound, upper_bound
        The one-sided confidence bounds that decided, each at the level of the side on which it decides.
    rows_to_decide
        About how many rows would decide an inconclusive verdict, were the truth the value measured; more than
        `most_rows` where none will.
    """

    measurement: Measurement
    limit: Limit
    levels: Levels
    verdict: Verdict | None
    lower_bound: float | None
    upper_bound: float | None
    rows_to_decide: int | None = None

    @property
    def false_fail(self) -> float:
        """The level at which the measurement may fail, at either edge of its limit."""
        edges = [edge for edge in (self.limit.at_least, self.limit.at_most) if edge is not None]
        return self.levels.false_fail * len(edges)


def judge(measurement: Measurement, limit: Limit, levels: Levels) -> Judgement:
    """Hold a measurement against a limit.

    For ``at_most``: fail if the lower bound at `levels.false_fail` is above it, pass if the upper bound at
    `levels.false_pass` is at or below it; mirrored for ``at_least``. With both, either may fail and both must pass,
    which keeps the level of a pass (intersection-union test, Berger 1982); each fails at half the level.
    """
    low, high = limit.at_least, limit.at_most
    levels = levels.shared(2) if low is not None and high is not None else levels
    if measurement.value is None:
        return Judgement(measurement, limit, levels, None, None, None)
    fail_lower, fail_upper = measurement.lower(levels.false_fail), measurement.upper(levels.false_fail)
    pass_lower, pass_upper = measurement.lower(levels.false_pass), measurement.upper(levels.false_pass)
    too_high = high is not None and fail_lower > high
    too_low = low is not None and fail_upper < low
    if too_high or too_low:
        return Judgement(measurement, limit, levels, Verdict.FAIL, fail_lower, fail_upper)
    passes = (low is None or pass_lower >= low) and (high is None or pass_upper <= high)
    shown_lower = pass_lower if low is not None else fail_lower
    shown_upper = pass_upper if high is not None else fail_upper
    if passes:
        return Judgement(measurement, limit, levels, Verdict.PASS, shown_lower, shown_upper)
    rows = _rows_to_decide(measurement, limit, levels)
    return Judgement(measurement, limit, levels, Verdict.INCONCLUSIVE, shown_lower, shown_upper, rows)


def most_rows(n: int) -> int:
    """Return how many rows at most are named where more would decide: beyond that no sample will."""
    return min(MOST_TIMES * n, max(MOST_ROWS, n))


def can_fail(measurement: Measurement, limit: Limit, levels: Levels) -> bool:
    """Return whether some value, with as few rows, could fail a limit: its bounds are there at that level."""
    sides = [(limit.at_least, measurement.upper), (limit.at_most, measurement.lower)]
    return any(edge is not None and has_bound(measurement, bound, levels.false_fail) for edge, bound in sides)


def has_bound(measurement: Measurement, bound: Bound, level: float) -> bool:
    """Return whether a bound is there at `level`, or only the end of the range because rows are too few.

    One that no level moves any more is the end of the range, where the measurement says that it has too few of what
    bounds take.
    """
    found = bound(level)
    few = any(words in measurement.reason for words in TOO_FEW)
    return isfinite(found) and not (few and found == bound(NO_LEVEL) != measurement.value)


def _rows_to_decide(measurement: Measurement, limit: Limit, levels: Levels) -> int | None:
    """Scale the sample until the bound nearest to deciding reaches the limit; bounds shrink with the root of n."""
    if measurement.value is None or not measurement.n:
        return None
    needed = [
        _rows_for(measurement, edge, levels, is_floor=is_floor)
        for edge, is_floor in ((limit.at_least, True), (limit.at_most, False))
        if edge is not None
    ]
    known = [rows for rows in needed if rows is not None]
    return max(known) if known and len(known) == len(needed) else None


def _rows_for(measurement: Measurement, edge: float, levels: Levels, *, is_floor: bool) -> int | None:
    value, n = measurement.value, measurement.n
    if value is None or n is None:
        return None
    distance = abs(value - edge)
    satisfied = value >= edge if is_floor else value <= edge
    level = levels.false_pass if satisfied else levels.false_fail
    towards_edge_is_down = value > edge
    bound_of = measurement.lower if towards_edge_is_down else measurement.upper
    bound = bound_of(level)
    if not has_bound(measurement, bound_of, level):
        return None
    if distance == 0:
        return NEVER
    return max(n, ceil(min(n * (abs(value - bound) / distance) ** 2, NEVER)))
