"""Bounds of any number that a function computes from rows, from a bootstrap standard error."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isfinite, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from pytest_mlquality.statistics.clusters import Clusters, clusters
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.pivot import USUAL_LEVELS, checked, skewed_quantile
from pytest_mlquality.statistics.scale import Scale, Support

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

FEWEST_RESAMPLES = 200
FAILING_SHARE = 0.05
# What the function depends on within the rows is not known, so that units are asked for in place of participants, and
# many more of them: UNITS z^2 at a level with the normal quantile z. The factor is what studies/levels.py needs.
UNITS = 90.0


def units_needed(level: float) -> int:
    """Return how many units a bootstrap bound needs at `level`."""
    return int(np.ceil(UNITS * ndtri(checked(level)) ** 2))


def bootstrap(
    function: Callable[[Rows], float],
    n: int,
    *,
    unit: NDArray[Any] | None = None,
    seed: int,
    resamples: int = FEWEST_RESAMPLES,
    support: Support = (-inf, inf),
) -> Estimate:
    """Return ``function`` of all rows, with bounds from its standard error over resamples of the units.

    The bounds are t bounds on the scale of `support`, never empirical quantiles: those of the small levels would
    need more resamples than anyone runs. At a level that the number of units is too small for, there is no bound.

    Parameters
    ----------
    function
        Takes row numbers, with repetition, and returns a number. One that raises ValueError, ZeroDivisionError or
        FloatingPointError or returns a number that is not finite has failed on that resample.
    n
        Number of rows.
    unit
        What is independent, shape (n,): whole units are resampled. None: every row.
    seed
        Seed of the resamples.
    resamples
        How many, at least 200.
    support
        Ends of the range in which the number can lie.
    """
    if resamples < FEWEST_RESAMPLES:
        raise ValueError(f"{resamples} resamples: a standard error needs at least {FEWEST_RESAMPLES}")
    if n == 0:
        return Estimate.undefined(0, "no rows")
    rows = clusters(n, unit, None)
    value = _call(function, np.arange(n))
    if not isfinite(value):
        return Estimate.undefined(n, "the function has no finite value on these rows")
    replicates = _replicates(function, rows, np.random.default_rng(seed), resamples)
    finite = [replicate for replicate in replicates if isfinite(replicate)]
    failed = resamples - len(finite)
    if failed > FAILING_SHARE * resamples:
        return Estimate.undefined(n, f"the function has no finite value on {failed} of {resamples} resamples")
    return _estimate(value, finite, Scale(support), rows)


def _replicates(
    function: Callable[[Rows], float], rows: Clusters, random: np.random.Generator, resamples: int
) -> list[float]:
    order = np.argsort(rows.code, kind="stable")
    starts = np.searchsorted(rows.code[order], np.arange(rows.units + 1))
    return [
        _call(function, _rows_of(random.integers(rows.units, size=rows.units), order, starts)) for _ in range(resamples)
    ]


def _rows_of(drawn: Rows, order: Rows, starts: Rows) -> Rows:
    """Return the rows of the drawn units."""
    if len(order) == len(starts) - 1:
        # Every row is a unit, as most often: the same rows at a tenth of the work.
        alone: Rows = order[drawn]
        return alone
    sizes = starts[drawn + 1] - starts[drawn]
    first_of_each = np.repeat(starts[drawn] - np.concatenate(([0], np.cumsum(sizes)[:-1])), sizes)
    drawn_rows: Rows = order[first_of_each + np.arange(sizes.sum())]
    return drawn_rows


def _call(function: Callable[[Rows], float], rows: Rows) -> float:
    try:
        return float(function(rows))
    except (ValueError, ArithmeticError):
        return nan


def _estimate(value: float, replicates: list[float], scale: Scale, rows: Clusters) -> Estimate:
    low_end, high_end = scale.support
    centre = scale.to_line(value)
    points = np.array([scale.to_line(replicate) for replicate in replicates])
    inside = points[np.isfinite(points)]
    at_end = len(points) - len(inside)
    standard_error = float(inside.std(ddof=1)) if len(inside) > 1 else 0.0
    sound = (
        isfinite(centre) and at_end <= FAILING_SHARE * len(points) and standard_error > 1e-12 * max(1.0, abs(centre))
    )
    # The standard error varies with the units and with the resamples.
    freedom = 1 / (1 / max(rows.units - 1, 1) + 1 / max(len(inside) - 1, 1))
    skewness = float((((inside - inside.mean()) / standard_error) ** 3).mean()) if sound else 0.0

    def bound(level: float, side: float) -> float:
        if not sound or rows.units < units_needed(level):
            return high_end if side > 0 else low_end
        t = -float(stdtrit(freedom, level))
        return scale.from_line(centre + side * standard_error * max(t, skewed_quantile(t, side * skewness)))

    method = f"bootstrap standard error of {len(replicates)} resamples, t with {freedom:.0f} degrees of freedom"
    return Estimate(
        value,
        len(rows.code),
        method + rows.describe(),
        lambda level: bound(level, -1.0),
        lambda level: bound(level, 1.0),
        rows.units,
        _too_small(rows.units) if sound else _unsound(at_end, len(points)),
    )


def _unsound(at_end: int, resamples: int) -> str:
    """Say why the resamples give no standard error."""
    if at_end:
        return f"{at_end} of {resamples} resamples lie at the end of the range"
    return f"all {resamples} resamples give the same number"


def _too_small(units: int) -> str:
    """Say which of the usual levels the units are too few for, and how many it takes."""
    missing = [level for level in USUAL_LEVELS if units < units_needed(level)]
    if not missing:
        return ""
    needs = ", ".join(f"{units_needed(level):,} at {level:g}" for level in missing)
    return f"{units:,} units are too few for a bootstrap bound, which needs {needs}"
