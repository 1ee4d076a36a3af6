"""A measurement held against a limit: pass, fail, or not decided by the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_mlquality.limit import Limit
    from pytest_mlquality.measurement import Measurement


class Verdict(StrEnum):
    """What the evidence says of one limit."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Levels:
    """How often a verdict may be wrong, a limit at a time, whatever else is in the run.

    Parameters
    ----------
    false_fail
        Greatest probability of ``fail`` while the truth satisfies the limit.
    false_pass
        Greatest probability of ``pass`` while the truth does not.
    """

    false_fail: float = 1e-5
    false_pass: float = 0.05


@dataclass(frozen=True, slots=True)
class Judgement:
    """One measurement, one limit, and what came of it.

    Parameters
    ----------
    verdict
        None where the measurement is too small to judge or undefined.
    lower_bound, upper_bound
        The one-sided confidence bounds that decided, each at the level of the side on which it decides.
    rows_to_decide
        About how many rows would decide an inconclusive verdict, were the truth the value measured.
    """

    measurement: Measurement
    limit: Limit
    levels: Levels
    verdict: Verdict | None
    lower_bound: float | None
    upper_bound: float | None
    rows_to_decide: int | None = None


def judge(measurement: Measurement, limit: Limit, levels: Levels) -> Judgement:
    """Hold a measurement against a limit.

    For ``at_most``: fail if the lower bound at `levels.false_fail` is above it, pass if the upper bound at
    `levels.false_pass` is at or below it; mirrored for ``at_least``. With both, either may fail and both must pass,
    which keeps each level (intersection-union test, Berger 1982).
    """
    if measurement.value is None:
        return Judgement(measurement, limit, levels, None, None, None)
    low, high = limit.at_least, limit.at_most
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
    bound = measurement.lower(level) if towards_edge_is_down else measurement.upper(level)
    if distance == 0 or not isfinite(bound):
        return None
    return max(n, ceil(n * (abs(value - bound) / distance) ** 2))
