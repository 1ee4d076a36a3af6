"""Bounds from an estimate and its standard error, and the levels at which they are to be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtrit

from pytest_mlquality.statistics.estimate import Bound
from pytest_mlquality.statistics.scale import Scale

Floats = NDArray[np.float64]

# The t bounds of an estimate to which p observations contribute as if equal ones are trusted at a level with the
# normal quantile z when p >= PARTICIPANTS z^2: the terms that their expansion leaves out are of that order (Hall 1992,
# The Bootstrap and Edgeworth Expansion, section 2.6). The factor is what studies/levels.py needs.
PARTICIPANTS = 2.0
LARGEST_LEVEL = 0.05
# Participants beyond which the t bounds are the tighter ones wherever they are trusted.
AMPLE = 150.0
HALF = 0.5
USUAL_LEVELS = (0.05, 1e-3, 1e-5)


def participants_needed(level: float) -> int:
    """Return how many participants the t bounds need at `level`."""
    return int(np.ceil(PARTICIPANTS * ndtri(checked(level)) ** 2))


def checked(level: float) -> float:
    """Return `level`; raise ValueError where it is not in (0, 0.5]."""
    if not 0 < level <= HALF:
        raise ValueError(f"a level of a one-sided bound lies in (0, 0.5], not {level}")
    return level


@dataclass(frozen=True, slots=True)
class Pivot:
    """An estimate with what the contributions of its units say about its distribution.

    Parameters
    ----------
    value, standard_error
        The estimate, and the root of the sum of squared contributions.
    freedom
        Degrees of freedom of the standard error.
    skewness
        Third standardised cumulant of the estimate.
    participants
        ``sum(c^2)^2 / sum(c^4)`` of the contributions c: how many equal ones would make up the variance.
    excess
        Excess of the kurtosis of the contributions, over their number: how much the skewness that a sample shows
        lacks where the sample errs.
    scale
        On which the t bounds are drawn.
    """

    value: float
    standard_error: float
    freedom: float
    skewness: float
    participants: float
    excess: float
    scale: Scale

    @classmethod
    def of(
        cls,
        value: float,
        contributions: Floats,
        scale: Scale,
        *,
        rounding: float,
        freedom: float = inf,
        at_most: float = inf,
    ) -> Pivot:
        """Describe an estimate by the contributions of its independent units.

        Parameters
        ----------
        contributions
            What each unit adds to the error of the estimate, linearised and corrected for the degrees of freedom;
            their sum is 0, shape (units,).
        rounding
            A standard error that is no more than the rounding of the numbers is none.
        freedom
            An upper limit of the degrees of freedom, beside those that the kurtosis of the contributions leaves.
        at_most
            An upper limit of the participants, where a part of the variance comes from few units.
        """
        square = float((contributions**2).sum())
        if not sqrt(square) > rounding:
            return cls(value, 0.0, 1.0, 0.0, 0.0, 0.0, scale)
        fourth = float((contributions**4).sum()) / square**2
        spread = fourth - 1 / len(contributions)
        kurtosis_freedom = 2 / spread if spread > 0 else inf
        return cls(
            value,
            sqrt(square),
            max(1.0, min(freedom, kurtosis_freedom, len(contributions) - 1.0)),
            float((contributions**3).sum()) / square**1.5,
            min(1 / fourth, at_most),
            max(0.0, fourth - 3 / len(contributions)),
            scale,
        )

    @property
    def last_trusted_level(self) -> float:
        """The smallest level at which the t bounds hold within a factor of two; 1 where there is none."""
        if self.participants < participants_needed(LARGEST_LEVEL):
            return 1.0
        return float(ndtr(-((self.participants / PARTICIPANTS) ** 0.5)))

    def trusted(self, level: float) -> bool:
        """Whether the t bounds hold `level` within a factor of two."""
        return checked(level) >= self.last_trusted_level

    def describe(self, elsewhere: str = "betting bounds") -> str:
        """Return by what method the bounds are drawn, and `elsewhere`, where they are not trusted, for people."""
        last = self.last_trusted_level
        if last > LARGEST_LEVEL:
            return elsewhere
        below = f", {elsewhere} below a level of {last:.1g}" if last > 1e-6 else ""
        return f"t with {self.freedom:,.0f} degrees of freedom{below}"

    def lower(self, level: float) -> float:
        """Return the lower t bound: the wider one of that on the scale and the one corrected for skewness."""
        return self._bound(level, -1.0)

    def upper(self, level: float) -> float:
        """Return the upper t bound, in the same way."""
        return self._bound(level, 1.0)

    def _bound(self, level: float, side: float) -> float:
        if self.standard_error == 0:
            return self.value
        t = -float(stdtrit(self.freedom, checked(level)))
        slope = self.scale.slope(self.value)
        on_scale = self.scale.from_line(self.scale.to_line(self.value) + side * t * self.standard_error * slope)
        straight = self.value + side * self.standard_error * max(
            t, skewed_quantile(t, t * self.excess + side * self.skewness)
        )
        if not isfinite(on_scale):
            return self.scale.within(straight)
        return self.scale.within(max(on_scale, straight) if side > 0 else min(on_scale, straight))


def skewed_quantile(t: float, skewness: float) -> float:
    """Return the t quantile for a mean that `skewness` makes too low too often, or too high where it is negative.

    The inverse of Hall's monotone cubic transformation (Hall 1992, Journal of the Royal Statistical Society B 54,
    221-228).
    """
    if abs(skewness) < 1e-9:
        return t
    inner = 1 + skewness * (-t - skewness / 6)
    return -3 / skewness * (float(np.cbrt(inner)) - 1)


def bounded_by(pivot: Pivot, lower: Bound, upper: Bound) -> tuple[Bound, Bound]:
    """Return the t bounds of `pivot` at the levels at which they are trusted, and elsewhere `lower` and `upper`.

    `lower` and `upper` hold at any level. With few participants the corrections of the t bounds are large, so that
    the tighter of the two is taken even where t is trusted: the errors add, and both are below nominal there.
    The bounds are monotone in the level and never on the wrong side of the value.
    """
    last = pivot.last_trusted_level
    ample = pivot.participants >= AMPLE

    def low(level: float) -> float:
        trusted = checked(level) >= last
        if ample:
            return pivot.lower(level) if trusted else min(lower(level), pivot.lower(last))
        sure = min(lower(level), pivot.value)
        return max(sure, pivot.lower(level)) if trusted else sure

    def high(level: float) -> float:
        trusted = checked(level) >= last
        if ample:
            return pivot.upper(level) if trusted else max(upper(level), pivot.upper(last))
        sure = max(upper(level), pivot.value)
        return min(sure, pivot.upper(level)) if trusted else sure

    return low, high
