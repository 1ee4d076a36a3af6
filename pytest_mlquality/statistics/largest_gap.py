"""Bounds of the largest of several differences between two samples' shares.

Used for the shares of bins (L-infinity) and for cumulative shares (Kolmogorov-Smirnov). The largest observed
difference is too large on average, the more so the more bins there are, and by how much depends on how many true
differences are as large. The lower bound is the largest difference D at which what was observed would be exceeded
with a probability of at most the level, under the hypothesis nearest to the observed differences: those that exceed D
are D, all others are as observed. The probability is that of the union, bounded by the sum over bins (Bonferroni), in
each the normal tail after the cube-root transformation of Wilson and Hilferty (1931), which counts need where few rows
are expected.

The upper bound is the largest of the upper bounds of all differences, each at the level: it fails only where that of
the truly largest one does.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri, owens_t

from pytest_mlquality.statistics.pivot import checked

Floats = NDArray[np.float64]

ROUNDS = 8
PARTS_OF_THE_WAY = (0.0, 0.25, 0.5, 0.75, 1.0)
LEAST_VARIANCE = 1e-30
NO_SKEWNESS = 1e-6
TINY = 1e-300


@dataclass(frozen=True, slots=True)
class LargestGap:
    """The largest difference of two shares over several events.

    Parameters
    ----------
    reference, current
        Share of each event on either side, shape (events,).
    sizes
        Effective sample sizes of reference and current.
    """

    reference: Floats
    current: Floats
    sizes: tuple[float, float]
    cumulative: bool = False

    @property
    def gaps(self) -> Floats:
        """Observed differences, shape (events,)."""
        return self.current - self.reference

    @property
    def observed(self) -> float:
        """The largest observed difference, whatever its sign."""
        return float(np.abs(self.gaps).max())

    @property
    def value(self) -> float:
        """The difference at which the observed one would be exceeded as often as not."""
        return self.lower(0.5)

    def lower(self, level: float) -> float:
        """Return the lower bound."""
        checked(level)

        def missing(largest: float) -> float:
            return log(max(self._exceeded(largest), TINY)) - log(level)

        top = self.observed
        if missing(0.0) >= 0:
            return 0.0
        return float(brentq(missing, 0.0, top, xtol=1e-6)) if missing(top) > 0 else top

    def upper(self, level: float) -> float:
        """Return the upper bound."""
        z = -float(ndtri(checked(level)))
        return min(1.0, max(self._highest(np.abs(self.gaps), z, sign) for sign in (1.0, -1.0)))

    def _exceeded(self, largest: float) -> float:
        """Return a bound of the probability of more than is observed where the largest difference is `largest`."""
        gaps = np.clip(self.gaps, -largest, largest)
        deviation, skewness = self._moments(gaps)
        above = _normal((self.observed - gaps) / deviation, skewness)
        below = _normal((self.observed + gaps) / deviation, -skewness)
        exceeded = float((ndtr(-above) + ndtr(-below)).sum())
        if not self.cumulative:
            return exceeded
        return exceeded - float((_both(above, self._correlation) + _both(below, self._correlation)).sum())

    @property
    def _correlation(self) -> Floats:
        """Correlation of the errors of neighbouring cumulative shares, shape (events - 1,)."""
        n, m = self.sizes
        pooled = np.clip((n * self.reference + m * self.current) / (n + m), 1e-12, 1 - 1e-12)
        odds = pooled / (1 - pooled)
        found: Floats = np.sqrt(odds[:-1] / odds[1:])
        return found

    def _highest(self, gaps: Floats, z: float, sign: float) -> float:
        """Return the largest score bound: its variance is the largest from the observed difference up to the bound."""
        n, m = self.sizes
        away = np.where(self.gaps < 0, -sign, sign)
        # Each round begins above the solution, and ends nearer to it.
        bounds = gaps + z * 0.5 * sqrt(1 / n + 1 / m)
        for _ in range(ROUNDS):
            way = gaps + np.outer(PARTS_OF_THE_WAY, bounds - gaps)
            bounds = gaps + z * self._moments(away * way)[0].max(axis=0)
        return float(bounds.max())

    def _moments(self, gaps: Floats) -> tuple[Floats, Floats]:
        """Return standard deviation and skewness of the observed differences where the true ones are `gaps`."""
        n, m = self.sizes
        pooled = (n * self.reference + m * self.current) / (n + m)
        p = np.clip(pooled - gaps * m / (n + m), 0, 1)
        q = np.clip(pooled + gaps * n / (n + m), 0, 1)
        of_p, of_q = p * (1 - p) / n, q * (1 - q) / m
        deviation = np.sqrt(np.maximum(of_p + of_q, LEAST_VARIANCE))
        return deviation, (of_q * (1 - 2 * q) / m - of_p * (1 - 2 * p) / n) / deviation**3


def _both(x: Floats, correlation: Floats) -> Floats:
    """Return the probability that neighbours of a row of normal variables both exceed their `x` (Owen 1956)."""
    first, second = x[:-1], x[1:]
    rest = np.sqrt(np.maximum(1 - correlation**2, 1e-12))
    safe = [np.where(np.abs(side) < 1e-9, 1e-9, side) for side in (first, second)]
    inner = owens_t(safe[0], (safe[1] / safe[0] - correlation) / rest)
    outer = owens_t(safe[1], (safe[0] / safe[1] - correlation) / rest)
    opposed = np.where(safe[0] * safe[1] < 0, 0.5, 0.0)
    both: Floats = (ndtr(-safe[0]) + ndtr(-safe[1])) / 2 - inner - outer - opposed
    return np.clip(both, 0, np.minimum(ndtr(-safe[0]), ndtr(-safe[1])))


def _normal(x: Floats, skewness: Floats) -> Floats:
    """Return the normal quantile that corresponds to a standardised `x` of a gamma-like variable."""
    skewness = np.where(np.abs(skewness) < NO_SKEWNESS, NO_SKEWNESS, skewness)
    found: Floats = 6 / skewness * (np.cbrt(1 + skewness * x / 2) - 1) + skewness / 6
    return found
