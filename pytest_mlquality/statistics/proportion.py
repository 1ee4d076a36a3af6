"""Shares: successes among rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from pytest_mlquality.statistics.clusters import clusters
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.mean import mean_of
from pytest_mlquality.statistics.pivot import checked
from pytest_mlquality.statistics.scale import Scale


def share(successes: int, n: int) -> Estimate:
    """Return the share of `successes` among `n` independent rows, with the exact bounds of Clopper and Pearson 1934.

    Raises
    ------
    ValueError
        When `successes` is not between 0 and `n`.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes among {n} rows")
    if n == 0:
        return Estimate.undefined(0, "no rows")

    def lower(level: float) -> float:
        return float(betaincinv(successes, n - successes + 1, checked(level))) if successes else 0.0

    def upper(level: float) -> float:
        # The mirror image keeps the precision of small levels near 1.
        return 1 - float(betaincinv(n - successes, successes + 1, checked(level))) if successes < n else 1.0

    return Estimate(successes / n, n, "Clopper-Pearson", lower, upper, n)


def share_of(
    success: NDArray[np.bool_], *, unit: NDArray[Any] | None = None, weight: NDArray[np.float64] | None = None
) -> Estimate:
    """Return the (weighted) share of rows that are a success.

    Clopper-Pearson where rows are independent and weigh the same; else as `mean` on (0, 1), with t bounds on the
    logit scale.

    Parameters
    ----------
    success
        Whether each row is one, shape (n,).
    unit
        What is independent, shape (n,): rows that share a value are one unit. None: every row.
    weight
        Weights of the rows, shape (n,).
    """
    successes = np.asarray(success, dtype=np.bool_)
    n = len(successes)
    rows = clusters(n, unit, weight)
    if n == 0 or rows.plain:
        return share(int(successes.sum()), n)
    return mean_of(successes.astype(np.float64), rows, (0.0, 1.0), Scale((0.0, 1.0)))
