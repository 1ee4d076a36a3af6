"""Shares of rows of which a few weigh most: what the light rows show says little of the heavy ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from pytest_mlquality.statistics.clusters import Clusters, clusters
from pytest_mlquality.statistics.estimate import Bound, Estimate
from pytest_mlquality.statistics.pivot import checked
from pytest_mlquality.statistics.proportion import share_of

Floats = NDArray[np.float64]


def weighted_share_of(
    success: NDArray[np.bool_], *, unit: NDArray[Any] | None = None, weight: Floats | None = None
) -> Estimate:
    """Return the (weighted) share of rows that are a success, also where a few rows or units weigh most.

    As `proportion.share_of`. Where units weigh differently each bound is the outer one of that and of Clopper and
    Pearson's at the effective number of rows: Kish's (1965, Survey Sampling, section 8.2), over the design effect of
    the units. Bounds from the variance alone are too narrow where many light rows err and no heavy one was seen to
    err yet: the variance is then that of the light rows.

    Parameters
    ----------
    success
        Whether each row is one, shape (n,).
    unit
        What is independent, shape (n,): rows that share a value are one unit. None: every row.
    weight
        Weights of the rows, shape (n,).
    """
    found = share_of(success, unit=unit, weight=weight)
    rows = _unequal(found, unit, weight)
    if rows is None or found.value is None:
        return found
    n = effective_rows(np.asarray(success, dtype=np.float64), rows)
    lower, upper = clopper_pearson(found.value, n)
    return replace(
        found,
        method=f"{found.method}; or Clopper-Pearson at {n:,.0f} rows, whichever is wider",
        lower=lambda level: min(found.lower(level), lower(level)),
        upper=lambda level: max(found.upper(level), upper(level)),
    )


def difference_of_shares(
    found: Estimate,
    a: NDArray[np.bool_],
    b: NDArray[np.bool_],
    *,
    unit: NDArray[Any] | None = None,
    weight: Floats | None = None,
) -> Estimate:
    """Return the share of successes of `a` less that of `b` over the same rows, no surer than these shares are.

    Where units weigh differently each bound is the outer one of that of `found` and of the difference of two shares,
    at half the level each: of the rows where `a` alone succeeds, and of those where `b` alone does.

    Parameters
    ----------
    found
        The difference with bounds from its variance, as of `paired.share_difference`.
    a, b
        Whether each row is a success, shape (n,), in the same order.
    unit, weight
        As in `weighted_share_of`.
    """
    if _unequal(found, unit, weight) is None:
        return found
    gained = weighted_share_of(a & ~b, unit=unit, weight=weight)
    lost = weighted_share_of(b & ~a, unit=unit, weight=weight)
    return replace(
        found,
        method=f"{found.method}; or two weighted shares, whichever is wider",
        lower=lambda level: min(found.lower(level), gained.lower(level / 2) - lost.upper(level / 2)),
        upper=lambda level: max(found.upper(level), gained.upper(level / 2) - lost.lower(level / 2)),
    )


def _unequal(found: Estimate, unit: NDArray[Any] | None, weight: Floats | None) -> Clusters | None:
    """Return the units of rows where they weigh differently; None where they do not, or there are no rows."""
    if found.value is None or (unit is None and weight is None):
        return None
    rows = clusters(found.n, unit, weight)
    return rows if np.ptp(rows.totals(rows.weight)) > 0 else None


def effective_rows(values: Floats, rows: Clusters) -> float:
    """Return how many independent rows of equal weight the (weighted) mean of `values` is worth.

    Rows that all have one value show no design effect of their units: then each unit counts as one row.
    """
    spread = rows.weight * (values - np.average(values, weights=rows.weight))
    within = float((spread**2).sum())
    if not within > 0:
        sizes = rows.totals(rows.weight)
        return float(sizes.sum() ** 2 / (sizes**2).sum())
    design_effect = float((rows.totals(spread) ** 2).sum()) / within
    return rows.effective_n / max(design_effect, 1.0)


def clopper_pearson(value: float, n: float) -> tuple[Bound, Bound]:
    """Return Clopper and Pearson's (1934) bounds of a share `value` among `n` rows, neither of which need be whole."""
    successes, failures = value * n, (1 - value) * n

    def lower(level: float) -> float:
        return float(betaincinv(successes, failures + 1, checked(level))) if successes > 0 else 0.0

    def upper(level: float) -> float:
        # The mirror image keeps the precision of small levels near 1.
        return 1 - float(betaincinv(failures, successes + 1, checked(level))) if failures > 0 else 1.0

    return lower, upper
