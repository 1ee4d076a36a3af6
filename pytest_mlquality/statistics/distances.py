"""Distances between two frequency distributions, corrected for the bias of samples, with bounds at any level.

All take counts of the same bins: the reference (what the model was trained on), then the current rows. Two samples of
one distribution have distance 0 but for chance, and the bounds know what chance does: at a true distance of 0 a lower
bound exceeds 0 with probability at most its level. `effective_n` says how many independent rows each side is worth,
where units or weights make it fewer than the counts: both bounds then take the counts, scaled to it, as if drawn
independently. That is a design effect common to all bins (Rao and Scott 1981), the largest one over bins being the
careful choice.

Definitions, corrections and where the bounds miss their level: docs/drift.md.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainccinv

from pytest_mlquality.statistics.divergence import (
    JENSEN_SHANNON,
    POPULATION_STABILITY,
    SQUARED_HELLINGER,
    Divergence,
)
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.frequencies import (
    Frequencies,
    frequencies,
    rare_bins_merged,
    without_empty_bins,
)
from pytest_mlquality.statistics.largest_gap import LargestGap
from pytest_mlquality.statistics.noncentral import Noncentral
from pytest_mlquality.statistics.pivot import checked
from pytest_mlquality.statistics.total_gap import TotalGap

Floats = NDArray[np.float64]
Sizes = tuple[float, float] | None

HALF_A_SD = 0.5


def jensen_shannon_divergence(reference: ArrayLike, current: ArrayLike, *, effective_n: Sizes = None) -> Estimate:
    """Return the Jensen-Shannon divergence in bits, from 0 to 1 (Lin 1991).

    Parameters
    ----------
    reference, current
        Rows, or sums of weights, in each bin, shape (bins,).
    effective_n
        Independent rows that reference and current are worth; None: their counts.

    Raises
    ------
    ValueError
        When the counts do not belong together or are negative or not finite.
    """
    return _smooth(JENSEN_SHANNON, reference, current, effective_n)


def jensen_shannon_distance(reference: ArrayLike, current: ArrayLike, *, effective_n: Sizes = None) -> Estimate:
    """Return the Jensen-Shannon distance: the square root of the divergence in bits, from 0 to 1.

    Parameters and errors are those of `jensen_shannon_divergence`.
    """
    return _root(jensen_shannon_divergence(reference, current, effective_n=effective_n))


def hellinger_distance(reference: ArrayLike, current: ArrayLike, *, effective_n: Sizes = None) -> Estimate:
    """Return the Hellinger distance, ``sqrt(sum (sqrt p - sqrt q)^2 / 2)``, from 0 to 1.

    Parameters and errors are those of `jensen_shannon_divergence`.
    """
    return _root(_smooth(SQUARED_HELLINGER, reference, current, effective_n))


def population_stability_index(reference: ArrayLike, current: ArrayLike, *, effective_n: Sizes = None) -> Estimate:
    """Return the population stability index, ``sum (q - p) ln(q / p)``, in nats.

    Half a row is added to each bin on each side: without, an empty bin would make it infinite. Where bins are empty on
    one side, the number depends on that convention, and so on the number of rows. Parameters and errors are those of
    `jensen_shannon_divergence`.
    """
    return _smooth(POPULATION_STABILITY, reference, current, effective_n)


def total_variation(reference: ArrayLike, current: ArrayLike, *, effective_n: Sizes = None) -> Estimate:
    """Return the total variation distance: half the sum of the absolute differences of shares, from 0 to 1.

    Parameters and errors are those of `jensen_shannon_divergence`.
    """
    pair = frequencies(reference, current, effective_n)
    if isinstance(pair, str):
        return _undefined(reference, current, pair)
    pair = rare_bins_merged(pair)
    if len(pair.reference) == 1:
        return _one_bin(pair, lambda elsewhere: elsewhere)
    p, q = pair.shares
    gap = TotalGap(p, q, pair.sizes, np.full(len(p), 0.5), cumulative=False, spread=HALF_A_SD)
    return _estimate(pair, gap, "bias-corrected total variation", 1.0)


def l_infinity(reference: ArrayLike, current: ArrayLike, *, effective_n: Sizes = None) -> Estimate:
    """Return the L-infinity distance: the largest absolute difference of shares, from 0 to 1 (as TFDV has it).

    Parameters and errors are those of `jensen_shannon_divergence`.
    """
    pair = frequencies(reference, current, effective_n)
    if isinstance(pair, str):
        return _undefined(reference, current, pair)
    pair = without_empty_bins(pair)
    if len(pair.reference) == 1:
        return _one_bin(pair, lambda elsewhere: elsewhere)
    # Of two bins the second says the same as the first.
    shown = slice(0, 1) if len(pair.reference) == 2 else slice(None)
    p, q = pair.shares
    return _estimate(pair, LargestGap(p[shown], q[shown], pair.sizes), "bias-corrected largest difference", 1.0)


def kolmogorov_smirnov(reference: ArrayLike, current: ArrayLike, *, effective_n: Sizes = None) -> Estimate:
    """Return the Kolmogorov-Smirnov distance of ordered bins: the largest difference of cumulative shares, from 0 to 1.

    Within bins it sees nothing, so that it is at most the distance of the values. Parameters and errors are those of
    `jensen_shannon_divergence`; the bins are in ascending order.
    """
    pair = frequencies(reference, current, effective_n)
    if isinstance(pair, str):
        return _undefined(reference, current, pair)
    pair = without_empty_bins(pair)
    if len(pair.reference) == 1:
        return _one_bin(pair, lambda elsewhere: elsewhere)
    p, q = (np.minimum(np.cumsum(side)[:-1], 1.0) for side in pair.shares)
    gap = LargestGap(p, q, pair.sizes, cumulative=True)
    return _estimate(pair, gap, "bias-corrected largest difference of cumulative shares", 1.0)


def wasserstein_distance(
    reference: ArrayLike,
    current: ArrayLike,
    centres: ArrayLike,
    *,
    scale: float | None = None,
    effective_n: Sizes = None,
) -> Estimate:
    """Return the Wasserstein distance of ordered bins, in standard deviations of the reference.

    It is the area between the two cumulative distributions: by how far the rows would have to move on average. It has
    no upper end.

    Parameters
    ----------
    reference, current
        Rows, or sums of weights, in each bin, shape (bins,).
    centres
        Where the rows of each bin lie, ascending, shape (bins,).
    scale
        What the distance is divided by, in the unit of `centres`; None: the standard deviation of the reference over
        its bins.
    effective_n
        Independent rows that reference and current are worth; None: their counts.

    Raises
    ------
    ValueError
        When the counts do not belong together or are negative or not finite, or the centres do not ascend.
    """
    places = np.asarray(centres, dtype=np.float64)
    pair = frequencies(reference, current, effective_n)
    if isinstance(pair, str):
        return _undefined(reference, current, pair)
    if places.shape != pair.reference.shape or not (np.isfinite(places).all() and (np.diff(places) > 0).all()):
        raise ValueError("one finite centre for each bin is needed, in ascending order")
    p, q = pair.shares
    deviations = places - p @ places
    variance = float(p @ deviations**2)
    unit = sqrt(variance) if scale is None else scale
    if not unit > 0 or variance == 0:
        return Estimate.undefined(pair.rows, "all rows of the reference lie in one bin, which gives no scale")
    kurtosis = float(p @ deviations**4) / variance**2
    gap = TotalGap(
        p,
        q,
        pair.sizes,
        np.append(np.diff(places), 0.0) / unit,
        cumulative=True,
        spread=sqrt(max(variance, float(q @ (places - q @ places) ** 2))) / unit,
        relative_error=sqrt(max(kurtosis - 1, 0) / (4 * pair.sizes[0])),
    )
    return _estimate(pair, gap, "bias-corrected area between cumulative shares", np.inf)


def _smooth(divergence: Divergence, reference: ArrayLike, current: ArrayLike, effective_n: Sizes) -> Estimate:
    pair = frequencies(reference, current, effective_n)
    if isinstance(pair, str):
        return _undefined(reference, current, pair)
    pair = rare_bins_merged(pair, divergence.least_expected)
    if len(pair.reference) == 1:
        return _one_bin(pair, lambda elsewhere: _of_two_bins(divergence, elsewhere))
    most = np.inf if divergence.pseudo_count else 1.0
    return _estimate(pair, Noncentral.of(divergence, pair), "bias-corrected, noncentral chi-square", most)


def _estimate(pair: Frequencies, distance: Noncentral | LargestGap | TotalGap, method: str, most: float) -> Estimate:
    value = min(distance.value, most)
    return Estimate(
        value,
        pair.rows,
        method + pair.describe(),
        lambda level: min(distance.lower(level), value),
        lambda level: min(max(distance.upper(level), value), most),
        round(sum(pair.sizes)),
    )


def _one_bin(pair: Frequencies, of_share: Callable[[float], float]) -> Estimate:
    """Return the distance 0 of two sides that have one bin in common, of which rows elsewhere are not ruled out."""
    if pair.aside is not None:
        return _nearly_one_bin(pair, pair.aside, of_share)
    if pair.rare[0]:
        return Estimate.undefined(
            pair.rows, f"too few rows are expected in every bin on the smaller side{pair.describe()}"
        )
    smaller = min(pair.sizes)
    return Estimate(
        0.0,
        pair.rows,
        "one bin holds all rows",
        lambda level: 0.0 * checked(level),
        lambda level: of_share(-float(np.expm1(np.log(checked(level)) / smaller))),
        round(sum(pair.sizes)),
    )


def _nearly_one_bin(pair: Frequencies, aside: tuple[float, float], of_share: Callable[[float], float]) -> Estimate:
    """Return the distance 0 of two sides that have one bin and a few rows beside it; more are not ruled out."""

    def upper(level: float) -> float:
        checked(level)
        # Clopper-Pearson: more than is seen beside the bin on either side, and none on the other.
        shares = [
            float(betainccinv(rows + 1, size - rows, level)) for rows, size in zip(aside, pair.sizes, strict=True)
        ]
        return of_share(max(shares))

    method = f"one bin holds nearly all rows{pair.describe()}"
    return Estimate(0.0, pair.rows, method, lambda level: 0.0 * checked(level), upper, round(sum(pair.sizes)))


def _of_two_bins(divergence: Divergence, elsewhere: float) -> float:
    """Return the divergence where a share of one side lies in a second bin."""
    if divergence.pseudo_count:
        return np.inf
    return float(divergence.term(np.array([1.0, 0.0]), np.array([1 - elsewhere, elsewhere])).sum())


def _root(squared: Estimate) -> Estimate:
    if squared.value is None:
        return squared
    return Estimate(
        sqrt(squared.value),
        squared.n,
        squared.method,
        lambda level: sqrt(squared.lower(level)),
        lambda level: sqrt(squared.upper(level)),
        squared.units,
        squared.reason,
    )


def _undefined(reference: ArrayLike, current: ArrayLike, reason: str) -> Estimate:
    return Estimate.undefined(round(float(np.sum(reference)) + float(np.sum(current))), reason)
