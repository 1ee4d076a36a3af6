"""The difference of two numbers measured on different rows."""

from __future__ import annotations

from math import hypot

from pytest_mlquality.statistics.estimate import Bound, Estimate


def difference(a: Estimate, b: Estimate, *, independent: bool = True) -> Estimate:
    """Return `a` less `b`, with bounds from those of both, whatever their methods.

    Of independent estimates the distances from value to bound are added as squares (the method of variance estimates
    recovery: Zou and Donner 2008, Statistics in Medicine 27, 1693-1702; of two shares, Newcombe 1998). Of others each
    bound is drawn at half the level, which holds whatever their dependence.

    Parameters
    ----------
    independent
        Whether no unit has rows in both.
    """
    n = a.n + b.n
    if a.value is None or b.value is None:
        return Estimate.undefined(n, a.reason if a.value is None else b.reason)
    lower, upper = (
        _squares(a, b, a.value, b.value) if independent else (_halves(a.lower, b.upper), _halves(a.upper, b.lower))
    )
    how = "square-and-add" if independent else "half the level each"
    methods = a.method if a.method == b.method else f"{a.method}; {b.method}"
    units = None if a.units is None or b.units is None or not independent else a.units + b.units
    return Estimate(a.value - b.value, n, f"{how} of {methods}", lower, upper, units, a.reason or b.reason)


def _squares(a: Estimate, b: Estimate, of_a: float, of_b: float) -> tuple[Bound, Bound]:
    return (
        lambda level: of_a - of_b - hypot(of_a - a.lower(level), b.upper(level) - of_b),
        lambda level: of_a - of_b + hypot(a.upper(level) - of_a, of_b - b.lower(level)),
    )


def _halves(of_a: Bound, of_b: Bound) -> Bound:
    return lambda level: of_a(level / 2) - of_b(level / 2)
