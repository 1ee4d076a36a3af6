"""Differences between two models on the same rows: what both get right cancels."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.statistics.clusters import clusters
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.mean import UNBOUNDED, mean, mean_of
from pytest_mlquality.statistics.scale import Scale, Support

Floats = NDArray[np.float64]


def share_difference(
    a: NDArray[np.bool_], b: NDArray[np.bool_], *, unit: NDArray[Any] | None = None, weight: Floats | None = None
) -> Estimate:
    """Return the share of successes of `a` less that of `b`, over the same rows.

    The rows on which the two differ decide. With many of them the bounds are t bounds; with few, betting bounds of
    the mean of -1, 0 and 1, which hold at any count, zero included.

    Parameters
    ----------
    a, b
        Whether each row is a success, shape (n,), in the same order.
    unit
        What is independent, shape (n,): rows that share a value are one unit. None: every row.
    weight
        Weights of the rows, shape (n,).
    """
    difference = _paired(np.asarray(a, dtype=np.bool_), np.asarray(b, dtype=np.bool_))
    if not len(difference):
        return Estimate.undefined(0, "no rows")
    return mean_of(difference, clusters(len(difference), unit, weight), (-1.0, 1.0), Scale(UNBOUNDED))


def mean_difference(
    a: Floats,
    b: Floats,
    *,
    unit: NDArray[Any] | None = None,
    weight: Floats | None = None,
    support: Support = UNBOUNDED,
) -> Estimate:
    """Return the mean of `a` less that of `b`, over the same rows; `support` is that of the values of `a` and `b`.

    Parameters
    ----------
    a, b
        Numbers, shape (n,), in the same order.
    unit, weight
        As in `mean`.
    support
        Ends of the range in which the values of `a` and `b` can lie.
    """
    low, high = support
    width = high - low
    reach = (-width, width) if width < inf else UNBOUNDED
    return mean(_paired(a, b), unit=unit, weight=weight, support=reach)


def _paired(a: NDArray[Any], b: NDArray[Any]) -> Floats:
    if len(a) != len(b):
        raise ValueError(f"{len(a):,} rows of one model against {len(b):,} of the other: they must be the same rows")
    return np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)
