"""Mean, spread, skewness and kurtosis from sums of powers, which add up over parts of a table."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, nan, sqrt

Sums = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums of the first four powers of ``(x - centre) / scale`` over `n` finite values.

    Values so far from the centre that a power overflows leave the statistics of that power undefined: NaN.
    """

    n: int
    sums: Sums
    centre: float
    scale: float

    @property
    def mean(self) -> float:
        """The mean; NaN of no value."""
        return self.centre + self.scale * self._raw(1)

    @property
    def sd(self) -> float:
        """The sample standard deviation (n - 1); NaN below two values."""
        if self.n < 2:
            return nan
        return self.scale * sqrt(max(self._variance, 0.0) * self.n / (self.n - 1))

    @property
    def skewness(self) -> float:
        """The third standardised moment, as scipy.stats.skew has it; NaN of a constant."""
        a, b, c = self._raw(1), self._raw(2), self._raw(3)
        return self._standardised(c - 3 * a * b + 2 * a**3, 1.5)

    @property
    def kurtosis(self) -> float:
        """The excess over the normal distribution's, as scipy.stats.kurtosis has it; NaN of a constant."""
        a, b, c, d = self._raw(1), self._raw(2), self._raw(3), self._raw(4)
        return self._standardised(d - 4 * a * c + 6 * a * a * b - 3 * a**4, 2.0) - 3

    def _raw(self, power: int) -> float:
        total = self.sums[power - 1]
        return total / self.n if self.n and isfinite(total) else nan

    @property
    def _variance(self) -> float:
        return self._raw(2) - self._raw(1) ** 2

    def _standardised(self, moment: float, power: float) -> float:
        # What is left of a constant by the rounding of floats is no spread.
        negligible = 1e-14 * self._raw(2) if self.n else nan
        return moment / self._variance**power if self._variance > negligible else nan
