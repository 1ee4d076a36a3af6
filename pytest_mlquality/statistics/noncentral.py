"""Bounds of a smooth divergence: the noncentralities of a chi-square that the observed one could come from.

The divergence T of the observed shares is, near 0, a multiple c of a noncentral chi-square with D / c as its
noncentrality, D being the divergence of the true shares; far from 0 it is normal around D (delta method). One family
holds both: ``T ~ scale chi^2(bias / scale, D / scale)``, whose mean is D + bias. Its scale is chosen so that its
variance is what T has: ``2 scale (bias + 2 D)``.

* bias: the second-order term of the expansion of T (as of Miller 1955 and Madow 1948 for the entropy), times how much
  larger the mean of T is than that where both sides are alike, given the rows of both in each bin.
* variance: that of the first-order term (delta method) for the part that grows with D, that of T where both sides are
  alike for the part that does not.

Where both sides are alike, all rows of a bin fall to a side by chance: mean and variance are sums over the
hypergeometric distribution, taken as binomial. So rare bins, in which chi-square fails, keep the level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import chndtr
from scipy.stats import binom, ncx2

from pytest_mlquality.statistics.divergence import Divergence
from pytest_mlquality.statistics.frequencies import Frequencies
from pytest_mlquality.statistics.pivot import checked

Floats = NDArray[np.float64]

# Rows expected on the smaller side from which on a bin's part of T is chi-square for all purposes.
MANY = 100.0
# What is added to every count where a derivative is not finite at a share of 0.
PSEUDO_COUNT = 0.5
NEGLIGIBLE = 1e-3
# Below this level an upper tail is computed as such, and not as 1 less the rest.
SMALL_LEVEL = 1e-9


@dataclass(frozen=True, slots=True)
class Noncentral:
    """The distribution of an observed divergence, given the true one.

    Parameters
    ----------
    observed
        The divergence T of the observed shares.
    bias
        By how much the mean of T exceeds the true divergence.
    scale_at_zero, scale
        Half the ratio of variance to mean of T at a true divergence of 0, and a quarter of that far from it.
    """

    observed: float
    bias: float
    scale_at_zero: float
    scale: float

    @classmethod
    def of(cls, divergence: Divergence, pair: Frequencies) -> Noncentral:
        """Describe the divergence of two frequency distributions of at least two bins."""
        observed = float(_terms(divergence, pair.reference, pair.current, pair).sum())
        alike = Alike.of(divergence, pair)
        bias = float((_biases(divergence, pair.reference, pair.current, pair) * alike.ratio).sum())
        p, q = _shares(pair.reference, pair.current, pair, PSEUDO_COUNT)
        variance = sum(
            float((share * slope**2).sum() - (share @ slope) ** 2) / size
            for slope, share, size in zip(divergence.slopes(p, q), (p, q), pair.sizes, strict=True)
        )
        away = float(divergence.term(p, q).sum())
        scale = variance / (4 * away) if away > NEGLIGIBLE * alike.scale else alike.scale
        return cls(observed, bias, alike.scale, scale)

    @property
    def value(self) -> float:
        """The observed divergence less its bias, at least 0."""
        return max(self.observed - self.bias, 0.0)

    def lower(self, level: float) -> float:
        """Return the divergence above which the observed one would be exceeded with a probability of `level`."""
        checked(level)

        def missing(root: float) -> float:
            return self._exceeded(root**2, level) - level

        top = self.observed**0.5
        if missing(0.0) >= 0 or top == 0:
            return 0.0
        if missing(top) <= 0:
            return self.value
        return min(self.value, float(brentq(missing, 0.0, top, xtol=1e-9)) ** 2)

    def upper(self, level: float) -> float:
        """Return the divergence above which the observed one would be undercut with a probability of `level`."""
        checked(level)

        def missing(root: float) -> float:
            return self._undercut(root**2) - level

        low, step = self.value**0.5, (max(self.scale, self.scale_at_zero)) ** 0.5
        if missing(low) <= 0:
            return self.value
        high = low + 4 * step
        while missing(high) > 0:
            high += 4 * step
        return float(brentq(missing, low, high, xtol=1e-9)) ** 2

    def _parameters(self, divergence: float) -> tuple[float, float, float]:
        weight = self.bias + 2 * divergence
        scale = (self.scale_at_zero * self.bias + self.scale * 2 * divergence) / weight
        return self.observed / scale, self.bias / scale, divergence / scale

    def _undercut(self, divergence: float) -> float:
        return float(chndtr(*self._parameters(divergence)))

    def _exceeded(self, divergence: float, level: float) -> float:
        if level < SMALL_LEVEL:
            return float(ncx2.sf(*self._parameters(divergence)))
        return 1 - self._undercut(divergence)


@dataclass(frozen=True, slots=True)
class Alike:
    """What T is where both sides are alike, given the rows of both sides in each bin.

    Parameters
    ----------
    ratio
        The mean of each bin's part of T over the mean of its estimated bias, shape (bins,).
    scale
        Half the ratio of variance to mean of T.
    """

    ratio: Floats
    scale: float

    @classmethod
    def of(cls, divergence: Divergence, pair: Frequencies) -> Alike:
        """Return the sum over how the rows of each bin fall to the sides."""
        both = np.rint(pair.reference + pair.current)
        smaller, larger = sorted(pair.sizes)
        part = smaller / (smaller + larger)
        usual = divergence.local * pair.noise
        means, variances, ratios = usual * np.ones(len(both)), 2 * usual**2 * np.ones(len(both)), np.ones(len(both))
        few = both * part < MANY
        if few.any():
            size, place = np.unique(both[few], return_inverse=True)
            most = size.max() * part
            falls = np.arange(int(min(size.max(), most + 9 * most**0.5 + 9)) + 1, dtype=np.float64)
            chance = binom.pmf(falls, size[:, None], part)
            rest = np.maximum(size[:, None] - falls, 0)
            reference, current = (falls, rest) if pair.sizes[0] == smaller else (rest, falls)
            terms = _terms(divergence, reference, current, pair)
            mean = (chance * terms).sum(axis=1)
            variance = (chance * terms**2).sum(axis=1) - mean**2
            ratio = mean / (chance * _biases(divergence, reference, current, pair)).sum(axis=1)
            means[few], variances[few], ratios[few] = mean[place], variance[place], ratio[place]
        return cls(ratios, float(variances.sum() / (2 * means.sum())))


def _shares(reference: Floats, current: Floats, pair: Frequencies, pseudo_count: float) -> tuple[Floats, Floats]:
    n, m = (size + pseudo_count * len(pair.reference) for size in pair.sizes)
    return (reference + pseudo_count) / n, (current + pseudo_count) / m


def _terms(divergence: Divergence, reference: Floats, current: Floats, pair: Frequencies) -> Floats:
    return divergence.term(*_shares(reference, current, pair, divergence.pseudo_count))


def _biases(divergence: Divergence, reference: Floats, current: Floats, pair: Frequencies) -> Floats:
    """Return the second-order term of each bin's part of T."""
    p, q = _shares(reference, current, pair, PSEUDO_COUNT)
    of_p, of_q = divergence.curvatures(p, q)
    n, m = pair.sizes
    found: Floats = (of_p * (1 - p) / n + of_q * (1 - q) / m) / 2
    return found
