"""The mean of numbers whose errors may depend on each other in any way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pytest_mlquality.statistics.estimate import Estimate


def average(estimates: Sequence[Estimate]) -> Estimate:
    """Return the mean of some estimates, with the mean of their bounds, each drawn at its part of the level.

    The mean of k bounds is wrong only where one of them is, which at 1/k of the level happens at most as often as the
    level says, whatever their dependence (Boole's inequality).
    """
    values = [one.value for one in estimates if one.value is not None]
    n, parts = sum(one.n for one in estimates), len(estimates)
    if len(values) < parts or not parts:
        reasons = [one.reason for one in estimates if one.value is None]
        return Estimate.undefined(n, reasons[0] if reasons else "nothing to average")
    methods = "; ".join(dict.fromkeys(one.method for one in estimates))
    units = [one.units for one in estimates if one.units is not None]
    return Estimate(
        float(np.mean(values)),
        n,
        f"mean of {parts} at 1/{parts} of the level each: {methods}",
        lambda level: float(np.mean([one.lower(level / parts) for one in estimates])),
        lambda level: float(np.mean([one.upper(level / parts) for one in estimates])),
        sum(units) if len(units) == parts else None,
    )
