"""How far the largest of a column's correlations has moved between two samples.

The variance of a correlation is the one that no distribution is assumed for: it takes fourth moments (Steiger and
Hakstian 1982, British Journal of Mathematical and Statistical Psychology 35, 208-215). Bounds of one are drawn on the
scale of Fisher's z (1915), those of a difference are squared and added (Zou 2007, Psychological Methods 12, 399-413).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.pivot import checked

Floats = NDArray[np.float64]

# Nothing is drawn on the scale of z beyond it.
MOST = 1 - 1e-9
# What varies less is constant, but for rounding.
LEAST_VARIANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Correlations:
    """Correlations of one sample.

    Parameters
    ----------
    value
        Shape (pairs,), or a matrix; NaN where a side of a pair does not vary.
    variance
        Of each, times the number of rows.
    n
        Effective number of rows.
    """

    value: Floats
    variance: Floats
    n: float

    def bounds(self, level: float) -> tuple[Floats, Floats]:
        """Return the lower and the upper bounds, each at the level."""
        value = np.clip(self.value, -MOST, MOST)
        away = float(t.isf(checked(level), max(self.n - 2, 1))) * np.sqrt(self.variance / self.n) / (1 - value**2)
        z = np.arctanh(value)
        return np.tanh(z - away), np.tanh(z + away)

    def between(self, pairs: tuple[NDArray[np.intp], NDArray[np.intp]]) -> Correlations:
        """Return some of the correlations of a matrix, as one row."""
        return Correlations(self.value[pairs], self.variance[pairs], self.n)


def correlations(
    sums: Floats, products: tuple[Floats, Floats, Floats, Floats], rows: int, worth: float = 1.0
) -> Correlations:
    """Return the correlation matrix of variables of which sums are known; leading axes are samples.

    Parameters
    ----------
    sums
        Of each variable, shape (k,). Values are at most about 1, so that sums lose no digits.
    products
        Sums of ``x y``, ``x^2 y``, ``x^3 y`` and ``x^2 y^2``, x the variable of the row and y that of the column, each
        of shape (k, k).
    rows
        Number of rows.
    worth
        How many independent rows a row is worth.
    """
    xy, xxy, xxxy, xxyy = (each / max(rows, 1) for each in products)
    x = (sums / max(rows, 1))[..., :, None]
    y = _turned(x)
    of_x2, of_x3, of_x4 = (np.diagonal(each, axis1=-2, axis2=-1)[..., :, None] for each in (xy, xxy, xxyy))
    variance = of_x2 - x**2
    fourth = of_x4 - 4 * x * of_x3 + 6 * x**2 * of_x2 - 3 * x**4
    third = xxxy - 3 * x * xxy + 3 * x**2 * xy - y * of_x3 + 3 * x * y * of_x2 - 3 * x**3 * y
    both = xxyy - 2 * y * xxy - 2 * x * _turned(xxy) + y**2 * of_x2 + x**2 * _turned(of_x2)
    both += 4 * x * y * xy - 3 * x**2 * y**2
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.sqrt(np.where(variance > LEAST_VARIANCE, variance, np.nan))
        scale = deviation * _turned(deviation)
        r = np.clip((xy - x * y) / scale, -1, 1)
        kurtosis = fourth / deviation**4
        skewed = third / (deviation**2 * scale)
        spread = r**2 / 4 * (kurtosis + _turned(kurtosis) + 2 * both / scale**2)
        spread += both / scale**2 - r * (skewed + _turned(skewed))
    return Correlations(r, np.maximum(spread, 0.0), rows * worth)


def _turned(matrix: Floats) -> Floats:
    return np.swapaxes(matrix, -1, -2)


def change_bounds(reference: Correlations, current: Correlations, level: float) -> tuple[Floats, Floats]:
    """Return the lower and the upper bound of each change, current less reference, each at the level."""
    change = current.value - reference.value
    (low, high), (lower, upper) = reference.bounds(level), current.bounds(level)
    down = change - np.hypot(current.value - lower, high - reference.value)
    return down, change + np.hypot(upper - current.value, reference.value - low)


def largest_change(reference: Correlations, current: Correlations) -> Estimate:
    """Return the largest absolute change of several correlations.

    The lower bound is the largest lower bound of all changes, each at its part of the level (Bonferroni); the value is
    that bound at a half, since the largest of many observed changes is too large. The upper bound is the largest of
    all upper bounds, each at the level: it fails only where that of the pair does whose change is the largest.

    Parameters
    ----------
    reference, current
        The same pairs, at least one of which varies on both sides.
    """
    pairs = len(reference.value)

    def smallest(level: float) -> float:
        # A change of 0 is missed on both sides.
        down, up = change_bounds(reference, current, checked(level) / (2 * pairs))
        return float(np.maximum(np.maximum(down, -up), 0.0).max())

    def largest(level: float) -> float:
        down, up = change_bounds(reference, current, level)
        return float(np.maximum(up, -down).max())

    value, rows = smallest(0.5), round(reference.n + current.n)
    return Estimate(
        value, rows, "square-and-add on Fisher's z", smallest, lambda level: max(largest(level), value), rows
    )
