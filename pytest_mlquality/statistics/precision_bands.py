"""Bounds of average precision that hold at any number of rows, at any level, and with ties.

Average precision is the mean over positive rows of the precision at their score. With T and F the shares of positive
and of negative rows that score as high, and a share p of positive rows, precision is ``p T / (p T + (1 - p) F)``: it
grows with T and p and falls with F. So bands that surely hold both shares at every score, and bounds of p, bound it.
The bands are those of order statistics (the k-th of n has a beta distribution), at so many of them, a part of the
level each: unlike the band of Kolmogorov they are narrow where scores are high, where precision is decided.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.statistics.estimate import Bound
from pytest_mlquality.statistics.simplex import highest_shares, lowest_shares

Floats = NDArray[np.float64]

# Order statistics are looked at so much further apart each, from either end, and no further than this part of all.
GROWTH, STEP = 1.25, 1 / 40
# Part of the level for the share of positive rows; each band has half of the rest.
OF_PREVALENCE = 0.1


class Band:
    """Shares of one class's rows that score as high as each of some thresholds, with bounds that hold at all at once.

    Parameters
    ----------
    scores
        Of the rows of the class.
    thresholds
        In falling order.
    """

    def __init__(self, scores: Floats, thresholds: Floats) -> None:
        self._n = len(scores)
        rising = np.sort(scores)
        self._counts = self._n - np.searchsorted(rising, thresholds, side="left")

    @cached_property
    def places(self) -> NDArray[np.intp]:
        """Which order statistics are looked at, from the highest score on, the first being 1."""
        from_end, place = [], 1.0
        while place <= (self._n + 1) / 2:
            from_end.append(int(place))
            place += max(1.0, min((GROWTH - 1) * place, STEP * self._n))
        one_side = np.array(from_end, dtype=np.intp)
        return np.unique(np.concatenate((one_side, self._n + 1 - one_side)))

    def low(self, level: float) -> Floats:
        """Return the lower band, which is wrong anywhere with probability at most `level`."""
        bounds = lowest_shares(self.places.astype(np.float64), self._n, level / len(self.places))
        return np.concatenate(([0.0], bounds))[np.searchsorted(self.places, self._counts, side="right")]

    def high(self, level: float) -> Floats:
        """Return the upper band."""
        bounds = highest_shares(np.asarray(self.places - 1, dtype=np.float64), self._n, level / len(self.places))
        return np.concatenate((bounds, [1.0]))[np.searchsorted(self.places, self._counts + 1, side="left")]


def average_precision(positive: NDArray[np.bool_], score: Floats) -> tuple[Bound, Bound]:
    """Return bounds of average precision of independent rows.

    Parameters
    ----------
    positive
        Class of each row, shape (n,); there are rows of both.
    score
        Of each row, higher for positive, shape (n,).
    """
    thresholds = np.unique(score)[::-1]
    hits, alarms = Band(score[positive], thresholds), Band(score[~positive], thresholds)
    positives, n = np.array([float(positive.sum())]), float(len(positive))
    of_band = (1 - OF_PREVALENCE) / 2

    def lower(level: float) -> float:
        share = float(lowest_shares(positives, n, level * OF_PREVALENCE)[0])
        return _least(share, hits.low(level * of_band), alarms.high(level * of_band))

    def upper(level: float) -> float:
        share = float(highest_shares(positives, n, level * OF_PREVALENCE)[0])
        return _most(share, hits.high(level * of_band), alarms.low(level * of_band))

    return lower, upper


def _least(share: float, hits: Floats, alarms: Floats) -> float:
    """Return the average of the precision that is sure at each recall: at recall u, ``p u / (p u + (1 - p) F)``."""
    if share <= 0:
        return 0.0
    recalls = np.concatenate(([0.0], np.maximum.accumulate(hits), [1.0]))
    beside = (1 - share) * np.concatenate((alarms, [1.0])) / share
    start, end = recalls[:-1], recalls[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.where(beside > 0, beside * np.log((end + beside) / (start + beside)), 0.0)
    return float(np.clip((end - start - lost).sum(), 0.0, 1.0))


def _most(share: float, hits: Floats, alarms: Floats) -> float:
    """Return the average of the highest precision that is possible at each recall or beyond it.

    The threshold of a recall is no higher than where the upper band reaches it, and may be any below.
    """
    reached = np.maximum.accumulate(hits)
    # Between two thresholds as many positive rows may be called as at the lower, as few negative ones as at the higher.
    called = share * np.append(reached, 1.0)
    beside = (1 - share) * np.concatenate(([0.0], np.maximum.accumulate(alarms)))
    precision = np.where(beside > 0, called / np.where(beside > 0, called + beside, 1.0), 1.0)
    at_or_below = np.maximum.accumulate(precision[::-1])[::-1]
    recalls = np.concatenate(([0.0], reached, [1.0]))
    return float(np.clip(np.diff(recalls) @ at_or_below, 0.0, 1.0))
