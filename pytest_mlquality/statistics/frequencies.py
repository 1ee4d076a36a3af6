"""Counts of the same bins on two sides, and the bins that are too rare to be compared one by one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# Bins in which fewer rows are expected on the smaller side, were both sides alike, are one bin. The number is what
# studies/distances.py needs; divergences with steep derivatives ask for more.
LEAST_EXPECTED = 1.0


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Two frequency distributions over the same bins.

    Parameters
    ----------
    reference, current
        Counts that sum to the effective sample sizes, at least one row in each bin on either side, shape (bins,).
    rows
        Rows of both sides, as counted.
    rare
        How many bins were merged into the last one, and the share of all rows that lies in them.
    aside
        Rows of reference and current in bins so rare that they were merged into the only other one.
    """

    reference: Floats
    current: Floats
    rows: int
    rare: tuple[int, float] = (0, 0.0)
    aside: tuple[float, float] | None = None

    @property
    def sizes(self) -> tuple[float, float]:
        """Effective sample sizes of reference and current."""
        return float(self.reference.sum()), float(self.current.sum())

    @property
    def shares(self) -> tuple[Floats, Floats]:
        """Share of each bin in reference and current, shape (bins,) each."""
        return self.reference / self.reference.sum(), self.current / self.current.sum()

    @property
    def pooled(self) -> Floats:
        """Share of each bin in the rows of both sides, shape (bins,)."""
        both = self.reference + self.current
        share: Floats = both / both.sum()
        return share

    @property
    def noise(self) -> float:
        """Sum of the reciprocal effective sample sizes: what the variance of a difference is in units of."""
        n, m = self.sizes
        return 1 / n + 1 / m

    def describe(self) -> str:
        """Return what is special about the bins, for the name of a method: rare ones, or nothing."""
        bins, share = self.rare
        return f", {bins:,} rare bins with {share:.2%} of rows taken as one" if bins else ""


def frequencies(
    reference: ArrayLike, current: ArrayLike, effective_n: tuple[float, float] | None = None
) -> Frequencies | str:
    """Return the counts of both sides, without bins that are empty on both; or why they cannot be compared.

    Parameters
    ----------
    reference, current
        Rows (or sums of weights) in each bin, shape (bins,).
    effective_n
        Independent rows that reference and current are worth; None: their counts.

    Raises
    ------
    ValueError
        When the shapes differ, a count is negative or not finite, or an effective n is not above 0.
    """
    counts = [np.asarray(side, dtype=np.float64) for side in (reference, current)]
    if counts[0].shape != counts[1].shape or counts[0].ndim != 1:
        raise ValueError(f"counts of the same bins are needed, not of shapes {counts[0].shape} and {counts[1].shape}")
    if not all(np.isfinite(side).all() and (side >= 0).all() for side in counts):
        raise ValueError("counts must be finite and not negative")
    totals = [float(side.sum()) for side in counts]
    for name, total in zip(("reference", "current"), totals, strict=True):
        if total == 0:
            return f"no rows in the {name}"
    sizes = effective_n or (totals[0], totals[1])
    if not min(sizes) > 0:
        raise ValueError(f"effective sample sizes must be above 0, not {sizes[0]:g} and {sizes[1]:g}")
    scaled = [side * (size / total) for side, size, total in zip(counts, sizes, totals, strict=True)]
    return Frequencies(scaled[0], scaled[1], round(sum(totals)))


def without_empty_bins(pair: Frequencies) -> Frequencies:
    """Return `pair` without the bins that hold no row on either side."""
    seen = pair.reference + pair.current > 0
    return Frequencies(pair.reference[seen], pair.current[seen], pair.rows, pair.rare)


def rare_bins_merged(pair: Frequencies, least: float = LEAST_EXPECTED) -> Frequencies:
    """Return `pair` with all rare bins as one bin, the last.

    Which bins are rare is decided from the rows of both sides together. Where both sides are alike, that says nothing
    about how these rows fall to the sides, so that it favours no distance; and a new label of some size stays a bin of
    its own. The distance of the merged bins is never above that of all of them.
    """
    seen = without_empty_bins(pair)
    smaller = min(seen.sizes)
    rare = seen.pooled * smaller < least
    if not rare.any():
        return seen
    aside = None
    if seen.pooled[rare].sum() * smaller < least and not rare.all():
        if (~rare).sum() == 1:
            aside = float(seen.reference[rare].sum()), float(seen.current[rare].sum())
        # Too few rows even together: the rarest of the others joins them.
        rare[np.flatnonzero(~rare)[np.argmin(seen.pooled[~rare])]] = True
    merged = [np.append(side[~rare], side[rare].sum()) for side in (seen.reference, seen.current)]
    return Frequencies(merged[0], merged[1], pair.rows, (int(rare.sum()), float(seen.pooled[rare].sum())), aside)
