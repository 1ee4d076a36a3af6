"""Pairs of a positive and a negative row that scores put in order: what an AUC counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


def placements(positive: NDArray[np.bool_], score: Floats, weight: Floats) -> Floats:
    """Return for each row the weighted share of the other class that it is in order with, shape (n,).

    For a positive row that is the share of negatives below it, for a negative row that of positives above it; a tie
    counts half. These are the structural components of DeLong, DeLong and Clarke-Pearson 1988, in O(n log n) (Sun
    and Xu 2014). Their weighted mean over either class is the AUC.
    """
    order = np.argsort(score, kind="stable")
    run = _runs(score[order])
    negative = np.where(positive, 0.0, weight)[order]
    above = np.where(positive, weight, 0.0)[order]
    below_share = _middle(negative, run) / negative.sum()
    above_share = 1 - _middle(above, run) / above.sum()
    placed = np.empty(len(score))
    placed[order] = np.where(positive[order], below_share, above_share)
    return placed


def pairs_by_group(
    group: Codes, groups: int, positive: NDArray[np.bool_], score: Floats, weight: Floats
) -> tuple[Floats, Floats]:
    """Return per group the weight of its pairs in order (ties half) and of all its pairs, each shape (groups,)."""
    order = np.lexsort((score, group))
    within, sorted_score = group[order], score[order]
    run = _runs(sorted_score, within)
    negative = np.where(positive, 0.0, weight)[order]
    above = np.where(positive, weight, 0.0)[order]
    negatives = np.bincount(within, weights=negative, minlength=groups).astype(np.float64)
    positives = np.bincount(within, weights=above, minlength=groups).astype(np.float64)
    before = np.concatenate(([0.0], np.cumsum(negatives)[:-1]))
    below = _middle(negative, run) - before[within]
    ordered: Floats = np.bincount(within, weights=above * below, minlength=groups).astype(np.float64)
    pairs: Floats = negatives * positives
    return ordered, pairs


def _runs(*keys: NDArray[np.generic]) -> Codes:
    """Return the number of the run of equal keys that each row of sorted keys is in."""
    new = np.zeros(len(keys[0]), dtype=np.bool_)
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return np.cumsum(new)


def _middle(weight: Floats, run: Codes) -> Floats:
    """Return for each sorted row the weight before its run and half of that in it."""
    per_run = np.bincount(run, weights=weight)
    result: Floats = (np.cumsum(per_run) - per_run / 2)[run]
    return result
