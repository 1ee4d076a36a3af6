"""What every estimator of this room returns: a value, and one-sided bounds at any level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

Bound = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A point estimate with one-sided confidence bounds.

    Parameters
    ----------
    value
        The point estimate; None where it is undefined, and then `reason` says why.
    n
        Rows that entered the estimate.
    method
        How the bounds were obtained, in the field's words ("Clopper-Pearson", "DeLong, logit scale").
    lower, upper
        Functions of a level in (0, 0.5]: the truth lies below ``lower(level)`` (above ``upper(level)``) with
        probability at most `level`. Where the method does not hold such a level, the end of the support, or an
        infinity, which decides nothing.
    units
        Independent units that entered the estimate; `n` where every row is one.
    reason
        Why there is no value, or why some bounds decide nothing.
    """

    value: float | None
    n: int
    method: str
    lower: Bound
    upper: Bound
    units: int | None = None
    reason: str = ""

    @classmethod
    def exact(cls, value: float, n: int) -> Estimate:
        """Return a value without uncertainty: its own bound on both sides."""
        return cls(value, n, "exact", lambda _level: value, lambda _level: value)

    @classmethod
    def undefined(cls, n: int, reason: str, method: str = "none") -> Estimate:
        """Return an estimate that has no value and decides nothing."""
        return cls(None, n, method, lambda _level: -inf, lambda _level: inf, reason=reason)
