"""How heavy the tail of positive numbers is: the fewer moments they have, the less a sample says of their mean."""

from __future__ import annotations

from math import inf, isqrt, log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from pytest_mlquality.statistics.pivot import checked

LEAST = 5


def tail_index_at_least(values: NDArray[np.float64], level: float = 0.05) -> float:
    """Return a lower bound of the tail index of positive numbers: moments of a higher order than it are infinite.

    The index is that of Hill 1975 (Annals of Statistics 3, 1163-1174) from the ``sqrt(n)`` largest, its bound that of
    a mean of so many exponential variables.

    Parameters
    ----------
    values
        Shape (n,); only positive ones count.
    level
        How often the bound is above the index of a power law.

    Returns
    -------
    Infinity where the largest are all alike; 0 where there are too few to say anything.
    """
    ordered = np.sort(values[values > 0])[::-1]
    top = max(isqrt(len(ordered)), LEAST)
    if len(ordered) <= 2 * top:
        return 0.0
    mean = float(np.mean(np.log(ordered[:top]))) - log(ordered[top])
    return max(0.0, 1 + float(ndtri(checked(level))) / sqrt(top)) / mean if mean > 0 else inf
