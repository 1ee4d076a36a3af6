"""What weights of rows, new with every resample, make of an order of rows that stays.

Arrays are kept from one resample to the next: to fetch memory anew takes three quarters of the time. So none of these
is for two threads at once.
"""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Whole numbers add up several times as fast as floats, which only weights need.
Counts = NDArray[np.int64] | NDArray[np.float64]


class _Falling:
    """Rows in order of a score, from the highest down.

    Parameters
    ----------
    score
        Of each row, shape (n,).
    positive
        Whether each row is, shape (n,).
    kind
        Type of the weights that resamples give rows.
    """

    def __init__(self, score: Floats, positive: NDArray[np.bool_], kind: type) -> None:
        self._order = np.argsort(-score, kind="stable")
        self._falling = score[self._order]
        self._is_positive = positive[self._order]
        self._of_rows: list[NDArray[Any]] = [np.empty(len(score), kind) for _ in range(2)]


class Ranked(_Falling):
    """How much there is at each score, and how much of it is positive."""

    def __init__(self, score: Floats, positive: NDArray[np.bool_], kind: type) -> None:
        super().__init__(score, positive, kind)
        falling = self._falling
        self._starts = np.flatnonzero(np.append(True, falling[1:] != falling[:-1])[: len(falling)])
        self.score = falling[self._starts]
        self._of_scores: list[NDArray[Any]] = [np.empty(len(self.score), kind) for _ in range(2)]

    def weighed(self, weight: Counts) -> tuple[Counts, Counts]:
        """Return what the rows weigh, and what the positive ones do, at each score; overwritten by the next call."""
        total, hits = self._of_rows
        np.take(weight, self._order, out=total, mode="clip")
        np.multiply(total, self._is_positive, out=hits)
        if len(self._starts) == len(self._order):
            return total, hits
        at_score = self._of_scores
        return (
            np.add.reduceat(total, self._starts, out=at_score[0]),
            np.add.reduceat(hits, self._starts, out=at_score[1]),
        )


class Precision(_Falling):
    """How many rows from the top down are positive: the average precision of resampled rows."""

    def __init__(self, score: Floats, positive: NDArray[np.bool_], kind: type) -> None:
        super().__init__(score, positive, kind)
        self._positive = np.flatnonzero(self._is_positive)
        of_positive = -self._falling[self._positive]
        # Rows of one score are reached together: all of them, and all positive ones among them.
        self._reached = np.searchsorted(-self._falling, of_positive, side="right") - 1
        self._hit = np.searchsorted(of_positive, of_positive, side="right") - 1
        self._of_positive: list[NDArray[Any]] = [np.empty(len(self._positive), kind) for _ in range(3)]

    def average(self, weight: Counts) -> float:
        """Return the average precision of rows of such weights; NaN where none of them is positive."""
        hits, passed, reached = self._of_positive
        rows = np.take(weight, self._order, out=self._of_rows[0], mode="clip")
        np.take(rows, self._positive, out=hits, mode="clip")
        np.cumsum(hits, out=passed)
        if not (len(passed) and passed[-1] > 0):
            return nan
        np.cumsum(rows, out=rows)
        np.take(rows, self._reached, out=reached, mode="clip")
        # Above the first row that was drawn there is nothing, and no gain in recall.
        reached[reached == 0] = 1
        hits *= np.take(passed, self._hit)
        return float((hits / reached).sum() / passed[-1])


class Pair:
    """Two groups of rows, and which of the one a score puts above which of the other.

    Parameters
    ----------
    score
        Of each row, shape (n,).
    positive, negative
        Which rows are in the group that should have the higher scores, and in the other, each of shape (n,).
    kind
        Type of the weights that resamples give rows.
    """

    def __init__(self, score: Floats, positive: NDArray[np.bool_], negative: NDArray[np.bool_], kind: type) -> None:
        order = np.argsort(score, kind="stable")
        self._positive, self._negative = order[positive[order]], order[negative[order]]
        rising, of_positive = score[self._negative], score[self._positive]
        self._below = np.searchsorted(rising, of_positive, side="left")
        up_to = np.searchsorted(rising, of_positive, side="right")
        self._up_to = None if np.array_equal(self._below, up_to) else up_to
        self._of_positive: list[NDArray[Any]] = [np.empty(len(self._positive), kind) for _ in range(2)]
        self._of_negative: NDArray[Any] = np.empty(len(self._negative), kind)
        self._passed: NDArray[Any] = np.zeros(len(self._negative) + 1, kind)

    def wins(self, weight: Counts) -> tuple[float, float, float]:
        """Return what the pairs weigh that are ranked rightly (ties half), and what either group weighs."""
        positive, passed = self._of_positive
        np.take(weight, self._positive, out=positive, mode="clip")
        np.take(weight, self._negative, out=self._of_negative, mode="clip")
        np.cumsum(self._of_negative, out=self._passed[1:])
        np.take(self._passed, self._below, out=passed, mode="clip")
        won = float(positive @ passed)
        if self._up_to is not None:
            np.take(self._passed, self._up_to, out=passed, mode="clip")
            won = (won + float(positive @ passed)) / 2
        return won, float(positive.sum()), float(self._passed[-1])

    def area(self, weight: Counts) -> float:
        """Return the area under the ROC curve of rows of such weights; NaN where either group weighs nothing."""
        won, positive, negative = self.wins(weight)
        return won / (positive * negative) if positive > 0 and negative > 0 else nan
