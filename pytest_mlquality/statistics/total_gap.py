"""Bounds of a weighted sum of absolute differences between two samples' shares.

Used for the shares of bins (total variation) and for cumulative shares (Wasserstein). A sum of absolute values is too
large on average: each by what noise alone adds, which is most where the true difference is none. With T observed, d
the true differences and e their errors, ``T = sum w |d + e|``. How much e adds is not known, because differences of
the size of their errors look like none, so that the two bounds make opposite assumptions, each the worst for it:

* lower: the true differences are the observed ones, each nearer to 0 by the same multiple of its standard error. Of all
  that sum to D, such hypotheses, in which few bins differ, let noise add most. T exceeds the observed one under it with
  a probability of at most the level.
* upper: all differ by the same multiple of their standard errors, whereby noise adds least (Jensen's inequality).

Mean of T: exact for normal errors. Standard deviation and skewness: of draws with a fixed seed. Tail: normal after the
cube-root transformation of Wilson and Hilferty (1931), or the inequality of Borell, Tsirelson, Ibragimov and Sudakov
for the norm of a normal vector where that says more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import hypot

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from pytest_mlquality.statistics.pivot import checked

Floats = NDArray[np.float64]

SEED = 1931
DRAWN, FEWEST_DRAWS, MOST_DRAWS = 50_000, 200, 500
STEPS = 12


@dataclass(frozen=True)
class TotalGap:
    """A weighted sum of absolute differences of shares.

    Parameters
    ----------
    reference, current
        Share of each bin on either side, shape (bins,).
    sizes
        Effective sample sizes of reference and current.
    weights
        Weights of the differences, shape (bins,).
    cumulative
        Whether the differences are those of the cumulative shares.
    spread
        The largest standard deviation that a sum of the differences with any signs can have, for samples of one row.
    relative_error
        Relative standard error of a scale that the weights are divided by.
    """

    reference: Floats
    current: Floats
    sizes: tuple[float, float]
    weights: Floats
    cumulative: bool
    spread: float
    relative_error: float = 0.0

    @property
    def observed(self) -> float:
        """The sum T of the observed differences."""
        return float(self.weights @ np.abs(self._gaps))

    @property
    def value(self) -> float:
        """The sum at which the observed one would be exceeded as often as not."""
        return self.lower(0.5)

    def lower(self, level: float) -> float:
        """Return the lower bound."""
        z = -float(ndtri(checked(level)))
        totals, quantiles = self._path
        # From no difference at all, where T is most surprising, to the observed ones, where it is not.
        return float(np.interp(-z, -quantiles, totals, left=0.0))

    def upper(self, level: float) -> float:
        """Return the upper bound."""
        z = -float(ndtri(checked(level)))
        noise = float(self.weights @ self._errors)
        if noise == 0:
            return self.observed
        highest = (self.observed + z * self._deviation) / noise
        if highest <= _folded_mean(np.zeros(1))[0]:
            return self.value
        found = brentq(lambda x: float(_folded_mean(np.array([x]))[0]) - highest, 0.0, highest + 1)
        return max(self.value, float(found) * noise)

    @cached_property
    def _gaps(self) -> Floats:
        return self._differences(self.current - self.reference)

    @cached_property
    def _errors(self) -> Floats:
        """Standard errors of the differences where there are none."""
        return self._errors_of(np.zeros_like(self.reference))

    @cached_property
    def _deviation(self) -> float:
        """Standard deviation of T around differences like the observed ones."""
        errors = self._draws(self.current - self.reference)
        around = np.abs(self._gaps + errors) @ self.weights
        signs = np.sign(self._gaps), np.ones_like(self._gaps)
        largest = max(float(around.std()), *(float((errors @ (self.weights * sign)).std()) for sign in signs))
        return hypot(largest, self.observed * self.relative_error)

    @cached_property
    def _path(self) -> tuple[Floats, Floats]:
        """Sums D of the hypotheses, ascending, and the normal quantiles of T under them, descending."""
        errors, gaps = self._errors, self._gaps
        furthest = float(np.max(np.abs(gaps[errors > 0]) / errors[errors > 0], initial=0.0))
        totals, quantiles = np.empty(STEPS), np.empty(STEPS)
        for step, shrinkage in enumerate(furthest * np.linspace(1, 0, STEPS) ** 2):
            nearer = np.sign(gaps) * np.maximum(np.abs(gaps) - shrinkage * errors, 0.0)
            totals[step] = self.weights @ np.abs(nearer)
            quantiles[step] = self._quantile(nearer)
        return totals, np.minimum.accumulate(quantiles)

    def _quantile(self, gaps: Floats) -> float:
        """Return the normal quantile of T where the true differences are `gaps`."""
        of_shares = np.diff(gaps, prepend=0.0) if self.cumulative else gaps
        errors = self._errors_of(of_shares)
        safe = np.where(errors > 0, errors, 1.0)
        mean = float(self.weights @ np.where(errors > 0, safe * _folded_mean(gaps / safe), np.abs(gaps)))
        drawn = np.abs(gaps + self._draws(of_shares)) @ self.weights
        total = float(self.weights @ np.abs(gaps))
        deviation = max(hypot(float(drawn.std()), total * self.relative_error), np.finfo(float).tiny)
        third = float(((drawn - drawn.mean()) ** 3).mean()) + self._third_cumulant(gaps, safe)
        skewness = max(third / deviation**3, 1e-6)
        x = (self.observed - mean) / deviation
        transformed = 6 / skewness * (float(np.cbrt(1 + skewness * x / 2)) - 1) + skewness / 6
        n, m = self.sizes
        largest_deviation = self.spread * (1 / n + 1 / m) ** 0.5
        return max(transformed, (self.observed - mean) / largest_deviation) if x > 0 else transformed

    def _third_cumulant(self, gaps: Floats, errors: Floats) -> float:
        """Return that of the linear part of T, which normal errors do not have: few rows far away make it large."""
        # The part of each difference that keeps its sign, whatever the error.
        slopes = self.weights * (2 * ndtr(gaps / errors) - 1)
        of_a_row = np.cumsum(slopes[::-1])[::-1] if self.cumulative else slopes
        p, q = self._shares(np.diff(gaps, prepend=0.0) if self.cumulative else gaps)
        n, m = self.sizes
        of_p, of_q = (float(side @ (of_a_row - side @ of_a_row) ** 3) for side in (p, q))
        return of_q / m**2 - of_p / n**2

    def _shares(self, gaps: Floats) -> tuple[Floats, Floats]:
        """Return the shares of both sides that differ by `gaps` and are else those of both together."""
        n, m = self.sizes
        pooled = (n * self.reference + m * self.current) / (n + m)
        return np.clip(pooled - gaps * m / (n + m), 0, 1), np.clip(pooled + gaps * n / (n + m), 0, 1)

    def _errors_of(self, gaps: Floats) -> Floats:
        p, q = (self._differences(side) for side in self._shares(gaps))
        n, m = self.sizes
        return np.sqrt(np.clip(p * (1 - p), 0, None) / n + np.clip(q * (1 - q), 0, None) / m)

    def _draws(self, gaps: Floats) -> Floats:
        """Return normal errors of the differences where the shares differ by `gaps`, shape (draws, bins)."""
        p, q = self._shares(gaps)
        n, m = self.sizes
        variances = p / n + q / m
        drawn = _standard_normal(len(variances)) * np.sqrt(variances)
        # They sum to 0, as those of shares do.
        return self._differences(drawn - drawn.sum(axis=1, keepdims=True) * (variances / variances.sum()))

    def _differences(self, of_shares: Floats) -> Floats:
        return np.cumsum(of_shares, axis=-1) if self.cumulative else of_shares


@lru_cache(maxsize=8)
def _standard_normal(bins: int) -> Floats:
    draws = min(max(DRAWN // bins, FEWEST_DRAWS), MOST_DRAWS)
    drawn = np.random.default_rng(SEED).standard_normal((draws, bins))
    drawn.setflags(write=False)
    return drawn


def _folded_mean(x: Floats) -> Floats:
    """Return the mean of the absolute value of a normal variable with mean `x` and a variance of 1."""
    found: Floats = np.sqrt(2 / np.pi) * np.exp(-(x**2) / 2) + x * (2 * ndtr(x) - 1)
    return found
