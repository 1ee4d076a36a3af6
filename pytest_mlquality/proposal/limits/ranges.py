"""Between which numbers, times and lengths values lie: widened, and never the least or greatest value itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil, floor

from pytest_mlquality.data.kinds import NUMBERS, TIMES
from pytest_mlquality.proposal import human
from pytest_mlquality.proposal.looking.seen import LEAST_ROWS, Column

# How far beyond what was seen a range reaches, as a share of its width.
BEYOND = 0.1
# Bounds are written in 12 digits: of values that differ in later ones only they would cut some off.
LEAST_SHARE = 1e-9


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of a column as pandera writes them.

    Parameters
    ----------
    low, high
        Name of pandera's check and its bound; None for no bound.
    said
        Why, for people.
    """

    low: tuple[str, float | date] | None
    high: tuple[str, float | date] | None
    said: str


def range_of(column: Column) -> Range | None:
    """Return the range of a column of numbers or times; None where it has none or one value."""
    low, high = column.low, column.high
    if low is None or low == high or column.any("infinite") or column.lacks("low", "high", "infinite"):
        return None
    if column.kind in TIMES:
        # Where no type is written beside it a bound is text, which no engine compares with a time.
        return None if column.type is None else _of_times(column, low, high)
    return _of_numbers(column, float(low), float(high)) if column.kind in NUMBERS else None


def _of_numbers(column: Column, low: float, high: float) -> Range | None:
    reach = BEYOND * (high - low)
    if not 0 < reach < float("inf") or reach < max(abs(low), abs(high)) * LEAST_SHARE:
        # Between numbers so close no bound of a few digits lies.
        return None
    step = max(human.nice_step(reach), 1.0 if column.kind == "whole" else 0.0)
    below = human.clean(floor((low - reach) / step) * step)
    above = human.clean(ceil((high + reach) / step) * step)
    bounds = ("greater_than_or_equal_to", below), ("less_than_or_equal_to", above)
    said = "wider than what was seen by a tenth or more"
    if low >= 0 > below:
        return Range(_not_negative(column, step), bounds[1], f"{said}; none is negative")
    if high <= 0 < above:
        return Range(bounds[0], ("less_than", 1.0 if column.kind == "whole" else step / 100), f"{said}; none positive")
    if column.kind != "whole" and high <= 1 < above and _often(column, "ones", high == 1):
        return Range(bounds[0], ("less_than_or_equal_to", 1.0), f"{said}; none is above 1")
    return Range(*bounds, said)


def _not_negative(column: Column, step: float) -> tuple[str, float] | None:
    """Return the border of the signs, said so that it is no value which only few rows have."""
    if any(type_.startswith("uint") for type_ in column.types.values()):
        return None
    if column.kind == "whole":
        return "greater_than", -1.0
    if _often(column, "zeros", float(column.low) == 0):
        return "greater_than_or_equal_to", 0.0
    return "greater_than", human.clean(-step / 100)


def _often(column: Column, what: str, reached: bool) -> bool:
    return not reached or max(getattr(seen, what) for seen in column.seen.values()) >= LEAST_ROWS


def _of_times(column: Column, low: date, high: date) -> Range | None:
    if isinstance(low, datetime) and low.tzinfo is not None:
        # pandera keeps a bound with a time zone as text, which no engine compares with a time.
        return None
    try:
        year = (low - max(BEYOND * (high - low), timedelta(days=1))).year
    except OverflowError:
        return None
    first = datetime(year, 1, 1) if column.kind == "moment" else date(year, 1, 1)
    return Range(("greater_than_or_equal_to", first), None, "no upper bound: time goes on")


def lengths_of(column: Column) -> tuple[int | None, int] | None:
    """Return the least and the greatest length of texts, widened; None where nothing was seen.

    The least is 1 where no text is empty, else None.
    """
    if column.lacks("shortest", "longest"):
        return None
    longest = max((seen.longest for seen in column.seen.values() if seen.longest is not None), default=None)
    if not longest:
        return None
    shortest = min(seen.shortest for seen in column.seen.values() if seen.shortest is not None)
    most = int(human.up(max(1.5 * longest, longest + 2), 1))
    return (1 if shortest else None), most
