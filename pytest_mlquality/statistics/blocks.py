"""An AUC as a mean of independent blocks, for bounds that hold at any number of positives.

Units are dealt at random to blocks that each hold some of both classes. The pairs of a block, each of a positive and
a negative row of different units, have the AUC as the mean of their concordance, and blocks are independent: so the
betting bounds of a bounded mean apply, exactly. This is the device of Hoeffding 1963, section 5, with an average of
the wealth of several deals in place of an average of exponentials, and with blocks of more than one pair, whose
smaller variance the bettor can use.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.statistics.clusters import Clusters
from pytest_mlquality.statistics.concordance import pairs_by_group

Floats = NDArray[np.float64]

DEALS = 6
# Units of the rarer class a block: one makes the most blocks, more make blocks of smaller variance.
ANCHORS = (1, 3, 8)
SEED = 20141


def block_samples(
    positive: NDArray[np.bool_], scores: tuple[Floats, ...], rows: Clusters
) -> list[tuple[list[Floats], Floats]]:
    """Return several views of the data as independent blocks, the same ones for the same rows.

    Returns
    -------
    For each size of block: for each score the share of pairs in order, and the weight of the pairs, each of shape
    (deals, blocks). A block without a pair has share and weight 0. Pairs within a unit do not count.
    """
    random = np.random.default_rng(SEED)
    return [
        _views([_deal(blocks, rare, random) for _ in range(DEALS)], blocks, positive, scores, rows)
        for blocks, rare in _sizes(positive, rows)
    ]


def _sizes(positive: NDArray[np.bool_], rows: Clusters) -> list[tuple[int, NDArray[np.bool_]]]:
    """Return numbers of blocks, each with whether a unit holds the rarer class."""
    has_positive = rows.totals(positive * rows.weight) > 0
    has_negative = rows.totals(~positive * rows.weight) > 0
    positive_is_rare = has_positive.sum() <= has_negative.sum()
    rare = has_positive if positive_is_rare else has_negative
    units, anchors = int((has_positive | has_negative).sum()), int(rare.sum())
    most = min(anchors, units // 2)
    return [(min(most, anchors // size), rare) for size in ANCHORS if min(most, anchors // size)]


def _deal(blocks: int, rare: NDArray[np.bool_], random: np.random.Generator) -> NDArray[np.intp]:
    """Return the block of each unit: those of the rarer class are dealt first, in turn, then the others."""
    block = np.empty(len(rare), dtype=np.intp)
    block[np.lexsort((random.random(len(rare)), ~rare))] = np.arange(len(rare)) % blocks
    return block


def _views(
    dealt: list[NDArray[np.intp]],
    blocks: int,
    positive: NDArray[np.bool_],
    scores: tuple[Floats, ...],
    rows: Clusters,
) -> tuple[list[Floats], Floats]:
    shares = []
    pairs = np.zeros((len(dealt), blocks))
    for score in scores:
        counts = [_between_units(block, blocks, positive, score, rows) for block in dealt]
        ordered, pairs = (np.stack(part) for part in zip(*counts, strict=True))
        # Subtracting leaves rounding where a block has no pair between units.
        pairs[pairs < 1e-9 * pairs.max()] = 0.0
        shares.append(np.clip(np.divide(ordered, pairs, out=np.zeros_like(pairs), where=pairs > 0), 0, 1))
    return shares, pairs


def _between_units(
    block: NDArray[np.intp], blocks: int, positive: NDArray[np.bool_], score: Floats, rows: Clusters
) -> tuple[Floats, Floats]:
    ordered, pairs = pairs_by_group(block[rows.code], blocks, positive, score, rows.weight)
    if rows.rows_are_units:
        return ordered, pairs
    own_ordered, own_pairs = pairs_by_group(rows.code, rows.units, positive, score, rows.weight)
    return (
        ordered - np.bincount(block, weights=own_ordered, minlength=blocks),
        pairs - np.bincount(block, weights=own_pairs, minlength=blocks),
    )
