"""The ratio of two samples' shares, each counted from a small share on: by how many times a value is more frequent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, ndtr, ndtri

from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.pivot import checked

Floats = NDArray[np.float64]

# Events of a smaller share, of which a sample may have no sign, are nobody's business.
ANSWERED_FOR = 0.01
# How the deviation that a level allows is split between both sides; a bound is the worst of these.
_ANGLES = np.linspace(0, pi / 2, 33)[:, None]


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one sample, or several of it.

    Parameters
    ----------
    rows
        Effective rows of each event, shape (events,).
    n
        Effective rows of the sample.
    at_most
        Rows of each event at most, where the number is not known and `rows` is the least that it can be; None: `rows`.
    """

    rows: ArrayLike
    n: float
    at_most: ArrayLike | None = None

    @property
    def least(self) -> Floats:
        """The fewest rows that each event can have."""
        return np.asarray(self.rows, dtype=np.float64)

    @property
    def most(self) -> Floats:
        """The most rows that each event can have."""
        return self.least if self.at_most is None else np.asarray(self.at_most, dtype=np.float64)


def largest_share_ratio(reference: Events, current: Events, base: float, unjudged: Sequence[float] = ()) -> Estimate:
    """Return the largest ratio ``(q + base) / (p + base)`` of shares, or its inverse; 1 of none.

    The bound of one ratio is the least over pairs (p, q) within a deviation of the level. That deviation is split
    between both sides as a circle is, which is the profile likelihood of normal ones; each part is drawn by
    Clopper and Pearson 1934 for the share that leads the ratio, and for the other halfway between them and Jeffreys
    (Brown, Cai and DasGupta 2001, Statistical Science 16, 101-133): that errs at 1.1 times the level at most in the
    tests. Of the largest ratio the lower bound is by Bonferroni, over events and both ways; the upper one is the
    largest of all: it fails only where that of the truly largest does.

    Parameters
    ----------
    reference, current
        The same events, in both samples.
    base
        From which on shares are counted: of a ratio of 2 and a base of 0.2%, an event of 0% is 0.2% then.
    unjudged
        Effective rows that an event may have on one side, and none on the other, without being among these: of the
        reference, of the current rows. They widen the upper bound where so many may be a share above `ANSWERED_FOR`.
    """
    n, m = reference.n, current.n
    rows = round(n + m)
    if not min(n, m) > 0:
        return Estimate.undefined(rows, "no rows in the reference" if not n > 0 else "no rows in the current rows")
    tests = 2 * max(len(reference.least), 1)

    def lower(level: float) -> float:
        at = checked(level) / tests
        up = ratio_bound(reference.most, n, current.least, m, base, at)
        down = ratio_bound(current.most, m, reference.least, n, base, at)
        return float(np.max([1.0, *up, *down]))

    def upper(level: float) -> float:
        before, after = _unseen(unjudged[:1], n, checked(level)), _unseen(unjudged[1:], m, level)
        up = ratio_bound([*current.most, *after], m, [*reference.least, *[0.0] * len(after)], n, base, level)
        down = ratio_bound([*reference.most, *before], n, [*current.least, *[0.0] * len(before)], m, base, level)
        return float(1 / np.min([1.0, *up, *down]))

    value = lower(0.5)
    return Estimate(value, rows, "ratio of shares, split deviation", lower, upper, rows)


def _unseen(rows: Sequence[float], n: float, level: float) -> list[float]:
    """Return those numbers of rows among n that may be a share to answer for."""
    return [some for some in rows if 1 - betaincinv(max(n - some, 1e-9), some + 1, level) > ANSWERED_FOR]


def ratio_bound(of_p: ArrayLike, n: float, of_q: ArrayLike, m: float, base: float, level: float) -> Floats:
    """Return the lower bound of ``(q + base) / (p + base)`` of each event, shape (events,).

    Parameters
    ----------
    of_p, of_q
        Rows of each event in samples of n and m effective rows, shape (events,).
    """
    x, y = (np.asarray(rows, dtype=np.float64) for rows in (of_p, of_q))
    z = -float(ndtri(level))
    beside, leading = ndtr(-z * np.cos(_ANGLES)), ndtr(-z * np.sin(_ANGLES))
    # The mirror image keeps the precision of small levels near 1.
    p = np.where(x < n, 1 - betaincinv(np.maximum(n - x, 0) + 0.25, x + 0.75, beside), 1.0)
    q = np.where(y > 0, betaincinv(np.maximum(y, 1e-9), np.maximum(m - y, 0) + 1, leading), 0.0)
    found: Floats = ((q + base) / (p + base)).min(axis=0)
    return found
