"""Round numbers and times, so that words say an edge whole and no edge is the value of one person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil, floor, isfinite, log10, nextafter, ulp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds: a year, a day, an hour, a quarter, a minute, a second. Times are cut at these.
_UNITS = (365.25 * 86400, 86400.0, 3600.0, 900.0, 60.0, 1.0)
# An edge may move by at most an eighth of the gap to its neighbour.
STEPS_A_GAP = 4


def step_of(gap: float, *, time: bool = False) -> float:
    """Return the step of a grid that is finer than a gap: a power of ten, or a unit of time, at least a second."""
    fine = gap / STEPS_A_GAP
    if time:
        return next((unit for unit in _UNITS[1:] if unit <= fine), 1.0)
    return float(10.0 ** floor(log10(fine))) if isfinite(fine) and fine > 0 else 0.0


def rounded(number: float, step: float) -> float:
    """Return the multiple of `step` nearest to a number; the number itself where floats know none."""
    return _on_grid(number, step, round)


def below(number: float, step: float) -> float:
    """Return the multiple of `step` at or below a number."""
    return _on_grid(number, step, floor)


def above(number: float, step: float) -> float:
    """Return the multiple of `step` at or above a number."""
    return _on_grid(number, step, ceil)


def _on_grid(number: float, step: float, way: type[int] | object) -> float:
    if step <= ulp(number) or not isfinite(number / step):
        return number
    places = way(number / step)  # type: ignore[operator]
    # Steps below one are powers of ten: divided by a whole number, a decimal has the fewest digits.
    return float(places / round(1 / step)) if step < 1 and isfinite(1 / step) else float(places * step)


def after(number: float) -> float:
    """Return the next larger float, where the bin of a single value ends."""
    return nextafter(number, float("inf"))


def as_number(number: float) -> str:
    """Return a number for people."""
    return f"{number:.15g}"


def as_time(seconds: float) -> str:
    """Return seconds since 1970 as a date, with the time of day where it is not midnight, in UTC."""
    try:
        moment = _EPOCH + timedelta(seconds=floor(seconds))
    except OverflowError:  # a year beyond 9999
        return f"{seconds:.0f} s"
    midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return f"{moment:%Y-%m-%d}" if midnight else f"{moment:%Y-%m-%d %H:%M:%S}"
