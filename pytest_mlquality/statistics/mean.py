"""The mean of values, with bounds that hold for skewed, clustered and weighted ones."""

from __future__ import annotations

from functools import cache
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.statistics.betting import Sample, lower_mean
from pytest_mlquality.statistics.clusters import Clusters, clusters
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.pivot import USUAL_LEVELS, Pivot, bounded_by, participants_needed
from pytest_mlquality.statistics.scale import Scale, Support

Floats = NDArray[np.float64]

UNBOUNDED: Support = (-inf, inf)
ROUNDING = 1e-12


def mean(
    values: NDArray[Any],
    *,
    unit: NDArray[Any] | None = None,
    weight: Floats | None = None,
    support: Support = UNBOUNDED,
) -> Estimate:
    """Return the (weighted) mean of `values`.

    Bounds are t bounds of the linearised mean of unit totals, widened for skewness, where enough units take part
    for the level; elsewhere betting bounds, which hold for any distribution on the support, on each side on which
    the support is finite, and none on a side on which it is not.

    Parameters
    ----------
    values
        Numbers, shape (n,).
    unit
        What is independent, shape (n,): rows that share a value are one unit. None: every row.
    weight
        Weights of the rows, shape (n,).
    support
        Ends of the range in which the values can lie. A finite lower end gives a lower bound at any n.

    Raises
    ------
    ValueError
        When a value lies outside of `support`.
    """
    numbers = np.asarray(values, dtype=np.float64)
    n = len(numbers)
    if n == 0:
        return Estimate.undefined(0, "no rows")
    broken = n - int(np.isfinite(numbers).sum())
    if broken:
        return Estimate.undefined(n, f"{broken:,} of {n:,} values are not finite")
    if numbers.min() < support[0] or numbers.max() > support[1]:
        raise ValueError(f"values from {numbers.min():g} to {numbers.max():g} lie outside of their support {support}")
    return mean_of(numbers, clusters(n, unit, weight), support, Scale(UNBOUNDED))


def mean_of(values: Floats, rows: Clusters, support: Support, scale: Scale) -> Estimate:
    """Return the mean of finite `values` on `support`, with t bounds drawn on `scale`."""
    totals = rows.totals(rows.weight * values)
    sizes = rows.totals(rows.weight)
    taking_part = sizes > 0
    totals, sizes = totals[taking_part], sizes[taking_part]
    value = float(totals.sum() / sizes.sum())
    units = len(sizes)
    contributions = (totals - value * sizes) / sizes.sum() * np.sqrt(units / max(units - 1, 1))
    pivot = Pivot.of(value, contributions, scale, rounding=ROUNDING * float(np.abs(values).max()))
    unit_means = totals / sizes
    low_end, high_end = support

    def betting_lower(level: float) -> float:
        return low_end + lower_mean([Sample.of(unit_means - low_end, sizes)], level) if isfinite(low_end) else -inf

    def betting_upper(level: float) -> float:
        return high_end - lower_mean([Sample.of(high_end - unit_means, sizes)], level) if isfinite(high_end) else inf

    lower, upper = bounded_by(pivot, cache(betting_lower), cache(betting_upper))
    elsewhere = "betting bounds" if any(isfinite(end) for end in support) else "no bounds"
    method = f"linearised mean, {pivot.describe(elsewhere)}{rows.describe()}"
    return Estimate(value, len(values), method, lower, upper, units, _reason(pivot, support))


def _reason(pivot: Pivot, support: Support) -> str:
    """Say at which of the usual levels there is no bound on an unbounded side, and what it would take."""
    if all(isfinite(end) for end in support):
        return ""
    missing = [level for level in USUAL_LEVELS if not pivot.trusted(level)]
    if not missing:
        return ""
    needs = ", ".join(f"{participants_needed(level):,} at {level:g}" for level in missing)
    worth = f"{pivot.participants:,.0f} equal contributions"
    return f"too small: worth {worth}, where a bound without a finite support needs {needs}"
