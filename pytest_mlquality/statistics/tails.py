"""Whether the tail that rows show is too heavy for the bounds of their mean.

The t bounds of a mean rest on its variance. Where the tail index of the values is 2 or less there is none, and a sample
understates it most often. Hill's estimator of the index (Hill 1975, Annals of Statistics 3, 1163-1174) looks at ratios
of the largest values, so that it tells more of the tail than the largest one does. No sample tells of a tail that it
has not drawn from.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf, isinf, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from pytest_mlquality.statistics.clusters import clusters
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.pivot import checked
from pytest_mlquality.statistics.scale import Support

Floats = NDArray[np.float64]

# The index from which on there is a variance.
LEAST_INDEX = 2.0
# Of n values the largest root of n are looked at, and no fewer than these.
FEWEST_LARGEST = 5


def tail_index(values: Floats) -> float:
    """Return Hill's estimate of the tail index of values of at least 0; infinite where too few are above 0."""
    largest = max(FEWEST_LARGEST, int(sqrt(len(values))))
    if np.count_nonzero(values > 0) <= largest:
        return inf
    top = np.sort(values)[-largest - 1 :]
    mean = float(np.log(top[1:] / top[0]).mean())
    return 1 / mean if mean > 0 else inf


def tail_index_at_least(values: Floats, level: float = 0.05) -> float:
    """Return a lower bound of the tail index of values of at least 0: moments of a higher order than it are infinite.

    The logarithms that Hill's estimate is made of are those of exponential variables, as many as values are looked at.

    Parameters
    ----------
    values
        Shape (n,).
    level
        How often the bound is above the index of a power law.

    Returns
    -------
    Infinity where the largest are all alike; 0 where there are too few to say anything.
    """
    positive = values[values > 0]
    largest = max(FEWEST_LARGEST, int(sqrt(len(positive))))
    if len(positive) <= 2 * largest:
        return 0.0
    return tail_index(positive) * max(0.0, 1 + float(ndtri(checked(level))) / sqrt(largest))


def without_heavy_tails(
    found: Estimate,
    values: Floats,
    *,
    unit: NDArray[Any] | None = None,
    weight: Floats | None = None,
    support: Support,
) -> Estimate:
    """Return the mean of values without its bound on a side on which `support` has no end and their tail is heavy.

    Parameters
    ----------
    found
        The mean, of these values or of a part of them: rows of all groups tell more of the tail than those of one.
    values, unit, weight
        As `mean` takes them. Tails are those of what units contribute, from the finite end of `support` on, or from
        their median where there is none.
    """
    if found.value is None:
        return found
    rows = clusters(len(values), unit, weight)
    low, high = support
    at = low if not isinf(low) else high if not isinf(high) else float(np.median(values))
    beyond = rows.totals(rows.weight * (values - at))
    above = tail_index(np.maximum(beyond, 0.0)) if isinf(high) else inf
    below = tail_index(np.maximum(-beyond, 0.0)) if isinf(low) else inf
    index = min(above, below)
    if index > LEAST_INDEX:
        return found
    said = f"a heavy tail (index {index:.2g}): a few rows decide the mean, and others like them may not be here"
    return replace(
        found,
        lower=found.lower if below > LEAST_INDEX else lambda _level: -inf,
        upper=found.upper if above > LEAST_INDEX else lambda _level: inf,
        reason="; ".join(part for part in (found.reason, said) if part),
    )
