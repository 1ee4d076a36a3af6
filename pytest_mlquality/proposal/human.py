"""Numbers as people choose them: few digits, and rounded to the safe side."""

from __future__ import annotations

from math import ceil, floor, isfinite, log10

_STEPS = (1, 2, 5, 10)


def nice_step(reach: float) -> float:
    """Return the least of 1, 2 or 5 times a power of ten that is no less than `reach`, which is positive."""
    power = floor(log10(reach))
    return next(clean(step * 10.0**power) for step in _STEPS if step * 10.0**power >= reach * (1 - 1e-9))


def up(number: float, digits: int = 2) -> float:
    """Return the least number of so many digits that is no less than `number`."""
    return _rounded(number, digits, ceil)


def down(number: float, digits: int = 2) -> float:
    """Return the greatest number of so many digits that is no more than `number`."""
    return _rounded(number, digits, floor)


def _rounded(number: float, digits: int, towards: object) -> float:
    if number == 0 or not isfinite(number):
        return number
    unit = 10.0 ** (floor(log10(abs(number))) - digits + 1)
    whole = number / unit
    # 0.29 / 0.01 is 28.999...: what is whole but for that stays as it is.
    near = round(whole)
    return clean((near if abs(whole - near) < 1e-9 else towards(whole)) * unit)  # type: ignore[operator]


def clean(number: float) -> float:
    """Return a number without the noise of binary fractions."""
    return float(format(number, ".12g"))


def text(number: float) -> str:
    """Return a number as a file writes it."""
    return format(number, ".0f") if float(number).is_integer() and abs(number) < 1e15 else format(number, ".12g")


def percent(share: float) -> str:
    """Return a share for people."""
    return f"{float(format(100 * share, '.2g')):g}%"
