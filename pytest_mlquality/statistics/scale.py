"""Scales on which an estimate is closer to normal, by the range in which it can lie."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, isfinite, log, nan

from scipy.special import expit, logit

Support = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scale:
    """A monotone map of a range to the real line: logit, Fisher's z, log, or none.

    Parameters
    ----------
    support
        Ends of the range. Two finite ends: the logit of the position between them, which for (-1, 1) is twice
        Fisher's z. One finite end: the log of the distance to it. None: the identity.
    """

    support: Support

    def to_line(self, value: float) -> float:
        """Return `value` on the line; an end of the support is infinite there."""
        low, high = self.support
        if not low <= value <= high:
            return nan
        if isfinite(low) and isfinite(high):
            return float(logit((value - low) / (high - low)))
        if isfinite(low):
            return _log(value - low)
        if isfinite(high):
            return -_log(high - value)
        return value

    def from_line(self, point: float) -> float:
        """Return the value that lies at `point` on the line."""
        low, high = self.support
        if isfinite(low) and isfinite(high):
            return float(low + (high - low) * expit(point))
        if isfinite(low):
            return low + _exp(point)
        if isfinite(high):
            return high - _exp(-point)
        return point

    def within(self, value: float) -> float:
        """Return `value`, or the end of the support that it lies beyond."""
        return min(max(value, self.support[0]), self.support[1])

    def slope(self, value: float) -> float:
        """Return the derivative of `to_line` at `value`, which carries a standard error over (delta method)."""
        low, high = self.support
        if isfinite(low) and isfinite(high):
            room = (value - low) * (high - value)
            return (high - low) / room if room > 0 else inf
        if isfinite(low) or isfinite(high):
            room = value - low if isfinite(low) else high - value
            return 1 / room if room > 0 else inf
        return 1.0


def _log(distance: float) -> float:
    return log(distance) if distance > 0 else -inf


def _exp(point: float) -> float:
    return exp(point) if point < 700 else inf
