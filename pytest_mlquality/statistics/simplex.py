"""Shares of several classes at once: intervals that hold together, and how far sums over them can go.

Shares lie in their intervals and add up to 1. All extremes are certified: what is returned is never inside of the true
extreme, so that a bound made of them holds wherever the intervals do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from pytest_mlquality.statistics.pivot import checked

Floats = NDArray[np.float64]
HALVINGS = 60


def lowest_shares(successes: Floats, n: Floats | float, level: float) -> Floats:
    """Return the lower bounds of Clopper and Pearson 1934 of several shares, each at `level`."""
    k, of = np.broadcast_arrays(np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64))
    return np.where(k > 0, betaincinv(np.maximum(k, 1), of - k + 1, checked(level)), 0.0)


def highest_shares(successes: Floats, n: Floats | float, level: float) -> Floats:
    """Return the upper bounds of several shares, each at `level`."""
    return 1 - lowest_shares(np.asarray(n, dtype=np.float64) - successes, n, level)


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Shares of classes that add up to 1, each between `low` and `high`, of shape (classes,)."""

    low: Floats
    high: Floats

    @classmethod
    def of(cls, counts: Floats, level: float) -> Shares:
        """Return intervals of which every end is wrong with probability at most `level`, of (classes,) counts."""
        n = float(counts.sum())
        return cls(lowest_shares(counts, n, level), highest_shares(counts, n, level))

    @staticmethod
    def ends(classes: int) -> int:
        """Return how many ends can be wrong: the share of one of two classes says that of the other."""
        return 2 if classes == 2 else 2 * classes

    def most(self, worth: Floats) -> float:
        """Return the most that ``sum(worth * share)`` can be."""
        order = np.argsort(-worth, kind="stable")
        room = (self.high - self.low)[order]
        left = 1 - float(self.low.sum())
        given = np.clip(left - np.concatenate(([0.0], np.cumsum(room)[:-1])), 0.0, room)
        return float(worth @ self.low + worth[order] @ given)

    def least(self, worth: Floats) -> float:
        """Return the least that ``sum(worth * share)`` can be."""
        return -self.most(-worth)

    @property
    def most_squares(self) -> float:
        """At least the most that the sum of the squared shares can be: a chord lies above a square."""
        return self.most(self.low + self.high) - float(self.low @ self.high)

    @property
    def least_squares(self) -> float:
        """The least that the sum of the squared shares can be: a tangent lies below a square."""
        low, high = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if np.clip(middle, self.low, self.high).sum() < 1 else (low, middle)
        touching = np.clip(high, self.low, self.high)
        return self.least(2 * touching) - float(touching @ touching)

    def least_together(self, other: Shares) -> float:
        """Return no more than the least that ``sum(share * other share)`` can be (McCormick 1976)."""
        return max(
            self.least(other.low) + other.least(self.low) - float(self.low @ other.low),
            self.least(other.high) + other.least(self.high) - float(self.high @ other.high),
        )

    def most_together(self, other: Shares) -> float:
        """Return no less than the most that ``sum(share * other share)`` can be."""
        return min(
            other.most(self.low) + self.most(other.high) - float(self.low @ other.high),
            other.most(self.high) + self.most(other.low) - float(self.high @ other.low),
        )
