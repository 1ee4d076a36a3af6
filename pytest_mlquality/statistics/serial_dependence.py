"""Whether values in order of time are like those before them, and over how many of them that lasts."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]

# Fewer say nothing of what comes after what.
LEAST_VALUES = 20
# Correlations of later values are summed until one is within so many standard errors of 0.
NEGLIGIBLE = 2.0
# A correlation of values farther apart than this part of the series has hardly any pairs.
FARTHEST = 4


@dataclass(frozen=True, slots=True)
class SerialDependence:
    """How a series depends on itself.

    Parameters
    ----------
    autocorrelation
        Of each value with the next.
    inflation
        By how much the variance of the mean is larger than were the values independent, and so, about, how many
        values in a row tell as much as one: ``1 + 2 sum r_k`` (Bartlett 1946).
    """

    autocorrelation: float
    inflation: float


def serial_dependence(values: Floats, level: float) -> SerialDependence | None:
    """Return how a series depends on itself; None where chance explains it at the level, or it is too short.

    Without dependence an autocorrelation has mean -1/n and variance about 1/n (Bartlett 1946).

    Parameters
    ----------
    values
        In order of time, finite, shape (n,).
    """
    n, deviations = len(values), values - values.mean() if len(values) else values
    square = float((deviations**2).sum())
    if n < LEAST_VALUES or not square > 0:
        return None
    found = np.array([float(deviations[lag:] @ deviations[:-lag]) / square for lag in range(1, n // FARTHEST + 1)])
    if found[0] + 1 / n <= -float(ndtri(level)) / sqrt(n):
        return None
    small = np.flatnonzero(found < NEGLIGIBLE / sqrt(n))
    return SerialDependence(float(found[0]), float(1 + 2 * found[: small[0] if len(small) else None].sum()))
