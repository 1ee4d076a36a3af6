"""Bounds, at any number of rows and any level, of what a confusion matrix decides.

Rows are independent, and each falls into one cell. Shares of such counts have the exact bounds of Clopper and Pearson
1934; several of them, at a part of the level each, hold together (Bonferroni), and the metric's extreme over all
matrices within them is a bound of the metric. What such a region costs is width, never validity: it serves where rows
are too few for the standard error of resamples.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.statistics.estimate import Bound
from pytest_mlquality.statistics.simplex import Shares, highest_shares, lowest_shares

Floats = NDArray[np.float64]
Bounds = tuple[Bound, Bound]
Increasing = Callable[[Floats], Floats]
# Of recall, specificity and the share of positive rows: the least and the most where only the last one may vary.
OfRates = Callable[[float, float, float, float], tuple[float, float]]


def average_of_shares(hits: Floats, among: Floats, of_share: Increasing) -> Bounds:
    """Return bounds of the mean over classes of an increasing function of a share each.

    Parameters
    ----------
    hits, among
        Successes, and rows that they are among, of each class, shape (classes,).
    """

    def lower(level: float) -> float:
        return float(of_share(lowest_shares(hits, among, level / len(hits))).mean())

    def upper(level: float) -> float:
        return float(of_share(highest_shares(hits, among, level / len(hits))).mean())

    return lower, upper


def frequency_average_of_shares(hits: Floats, among: Floats, rows: Floats, of_share: Increasing) -> Bounds:
    """Return bounds of the same mean, in which a class counts by the share of the rows that are of it.

    Parameters
    ----------
    rows
        Of each class, shape (classes,).
    """
    events = len(hits) + Shares.ends(len(hits))

    def lower(level: float) -> float:
        worth = of_share(lowest_shares(hits, among, level / events))
        return Shares.of(rows, level / events).least(worth)

    def upper(level: float) -> float:
        worth = of_share(highest_shares(hits, among, level / events))
        return Shares.of(rows, level / events).most(worth)

    return lower, upper


def of_two_classes(counts: Floats, of_rates: OfRates) -> Bounds:
    """Return bounds of what grows with recall and with specificity, by the share of positive rows.

    Parameters
    ----------
    counts
        Rows by truth and decision, shape (2, 2), the positive class last.
    of_rates
        Takes recall, specificity, and the least and greatest share of positive rows, and returns the least and the
        greatest value between the two.
    """
    right, rows = np.diagonal(counts), counts.sum(axis=1)
    positive, n = rows[1:], float(rows.sum())

    def share(level: float) -> tuple[float, float]:
        return float(lowest_shares(positive, n, level)[0]), float(highest_shares(positive, n, level)[0])

    def lower(level: float) -> float:
        specificity, recall = map(float, lowest_shares(right, rows, level / 4))
        return of_rates(recall, specificity, *share(level / 4))[0]

    def upper(level: float) -> float:
        specificity, recall = map(float, highest_shares(right, rows, level / 4))
        return of_rates(recall, specificity, *share(level / 4))[1]

    return lower, upper


def matthews_of_rates(recall: float, specificity: float, least: float, most: float) -> tuple[float, float]:
    """Return the least and greatest correlation of Matthews between two shares of positive rows.

    It grows with recall and specificity; in the share it has one extreme, where the odds are the root of
    ``specificity (1 - specificity) / (recall (1 - recall))``.
    """
    spread = sqrt(specificity * (1 - specificity)), sqrt(recall * (1 - recall))

    def value(share: float) -> float:
        decided = share * recall + (1 - share) * (1 - specificity)
        among = share * (1 - share) / (decided * (1 - decided)) if 0 < decided < 1 else 0.0
        return (recall + specificity - 1) * sqrt(among)

    return _between(value, least, most, *spread)


def kappa_of_rates(recall: float, specificity: float, least: float, most: float) -> tuple[float, float]:
    """Return the least and greatest kappa of Cohen between two shares of positive rows.

    It is ``2 J / (2 J + (1 - specificity) / share + (1 - recall) / (1 - share))`` with J the sum of both rates less 1.
    """
    skill = recall + specificity - 1

    def value(share: float) -> float:
        missed = (1 - specificity) * (1 - share) + (1 - recall) * share
        below = 2 * skill * share * (1 - share) + missed
        return 2 * skill * share * (1 - share) / below if below > 0 else 0.0

    return _between(value, least, most, sqrt(1 - specificity), sqrt(1 - recall))


def _between(value: Callable[[float], float], least: float, most: float, up: float, down: float) -> tuple[float, float]:
    """Return the least and greatest value at both ends, and at the share whose odds are ``up / down``."""
    turning = up / (up + down) if up + down > 0 else least
    found = [value(share) for share in (least, most, min(max(turning, least), most))]
    return min(found), max(found)


def likelihood_ratios(counts: Floats) -> tuple[Bounds, Bounds]:
    """Return bounds of ``recall / (1 - specificity)`` and of ``(recall - 1) / specificity``, of (2, 2) counts."""
    right, rows = np.diagonal(counts), counts.sum(axis=1)

    def positive(rates: Floats) -> float:
        specificity, recall = map(float, rates)
        return recall / (1 - specificity) if specificity < 1 else inf

    def negative(rates: Floats) -> float:
        specificity, recall = map(float, rates)
        return (recall - 1) / specificity if specificity > 0 else -inf

    def bounds(of_rates: Callable[[Floats], float]) -> Bounds:
        return (
            lambda level: of_rates(lowest_shares(right, rows, level / 2)),
            lambda level: of_rates(highest_shares(right, rows, level / 2)),
        )

    return bounds(positive), bounds(negative)


def matthews(counts: Floats) -> Bounds:
    """Return bounds of the correlation of Matthews over all classes (Gorodkin 2004), of (classes, classes) counts."""
    if len(counts) > 2:
        return _of_margins(counts, _matthews)
    return _tighter(_of_margins(counts, _matthews), of_two_classes(counts, matthews_of_rates), (-1.0, 1.0))


def kappa(counts: Floats) -> Bounds:
    """Return bounds of the kappa of Cohen 1960, of (classes, classes) counts."""
    if len(counts) > 2:
        return _of_margins(counts, _kappa)
    return _tighter(_of_margins(counts, _kappa), of_two_classes(counts, kappa_of_rates), (-1.0, 1.0))


def _of_margins(counts: Floats, extreme: Callable[[float, Shares, Shares, int], float]) -> Bounds:
    """Return bounds from the share of right decisions and the shares of each class in truth and in decision."""
    n, right = np.array([counts.sum()]), np.array([np.trace(counts)])
    margins = counts.sum(axis=1), counts.sum(axis=0)
    events = 1 + 2 * Shares.ends(len(counts))

    def lower(level: float) -> float:
        each = level / events
        truth, decided = (Shares.of(one, each) for one in margins)
        return extreme(float(lowest_shares(right, n, each)[0]), truth, decided, -1)

    def upper(level: float) -> float:
        each = level / events
        truth, decided = (Shares.of(one, each) for one in margins)
        return extreme(float(highest_shares(right, n, each)[0]), truth, decided, 1)

    return lower, upper


def _matthews(right: float, truth: Shares, decided: Shares, side: int) -> float:
    beyond = right - (truth.least_together(decided) if side > 0 else truth.most_together(decided))
    # What is beyond chance is over the root of both spreads: a small one takes it away from 0.
    small = (beyond > 0) == (side > 0)
    spread = [1 - (one.most_squares if small else one.least_squares) for one in (truth, decided)]
    if min(spread) <= 0:
        return float(side) if small else 0.0
    return float(np.clip(beyond / sqrt(spread[0] * spread[1]), -1.0, 1.0))


def _kappa(right: float, truth: Shares, decided: Shares, side: int) -> float:
    by_chance = truth.least_together(decided) if side > 0 else truth.most_together(decided)
    return max(1 - (1 - right) / (1 - by_chance), -1.0) if by_chance < 1 else float(side)


def _tighter(one: Bounds, other: Bounds, support: tuple[float, float]) -> Bounds:
    """Return the tighter of two bounds, each at half the level."""
    return (
        lambda level: max(one[0](level / 2), other[0](level / 2), support[0]),
        lambda level: min(one[1](level / 2), other[1](level / 2), support[1]),
    )
