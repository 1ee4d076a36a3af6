"""Single numbers that many rows have: which stand out among their neighbours, and how many rows each has, exactly.

They are counted in the pass that counts the bins: each is a bin of its own there, and its rows go back to the bin that
it lies in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.data.profiles.numbers import INFINITE, Floats, NumberLayout, places
from pytest_mlquality.data.profiles.rounding import after
from pytest_mlquality.data.profiles.tally import Tally
from pytest_mlquality.statistics.proportion import share

if TYPE_CHECKING:
    from pytest_mlquality.data.profiles.column import Column

# Of one profile; the most frequent.
MOST_ATOMS = 50
# A value of fewer rows may have them by chance, and may point at a person.
LEAST_ROWS = 10
# A value of this share of the rows is one whatever its neighbours have, so is each of so few values.
SHARE = 0.03
FEW_VALUES = 10
# Times the rows that three in four of its neighbours have at most, of four on either side; or its bin in the reference.
STANDS_OUT = 4
_NEIGHBOURS = np.array([-4, -3, -2, -1, 1, 2, 3, 4])
# Of a sample: how seldom a value that is not listed has more rows than is said.
_SELDOM = 1e-6


@dataclass(frozen=True, slots=True)
class Atoms:
    """The values that are counted one by one.

    Parameters
    ----------
    values
        Ascending and finite.
    unlisted
        Rows that no other value has more of.
    """

    values: tuple[float, ...] = ()
    unlisted: int = 0

    def and_those_of(self, listed: Mapping[float, int]) -> Atoms:
        """Return these and the values that another profile counts one by one."""
        return replace(self, values=tuple(sorted({*self.values, *listed})))


NO_ATOMS = Atoms()


def frequent(values: Floats, rows: int, like: Column | None = None) -> Atoms:
    """Return the values that stand out among those of a sample, or against the reference.

    Parameters
    ----------
    values
        Of a column or of a sample of it, shape (n,); only finite ones count.
    rows
        Of the whole column.
    like
        The reference.
    """
    different, counts = np.unique(values[np.isfinite(values)] + 0.0, return_counts=True)
    limit = float(np.finfo(np.float64).max)
    chosen = _stand_out(counts)
    if like is not None and isinstance(like.layout, NumberLayout) and like.rows:
        expected = np.asarray(like.counts)[places(different, np.asarray(like.layout.starts))] / like.rows
        chosen |= (counts >= LEAST_ROWS) & (counts > STANDS_OUT * expected * len(values))
    chosen &= np.abs(different) < limit
    listed = np.flatnonzero(chosen)
    listed = np.sort(listed[np.argsort(-counts[listed], kind="stable")][:MOST_ATOMS])
    rest = int(np.delete(counts, listed).max(initial=0))
    if len(values) < rows:
        rest = ceil(rows * share(rest, len(values)).upper(_SELDOM))
    return Atoms(tuple(different[listed].tolist()), rest)


def _stand_out(counts: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which of the values, in ascending order, are atoms, by the rows of all."""
    if len(counts) <= FEW_VALUES:
        return np.full(len(counts), True)
    found: NDArray[np.bool_] = counts >= max(SHARE * counts.sum(), LEAST_ROWS)
    asked = np.flatnonzero((counts >= LEAST_ROWS) & ~found)
    beside = asked[:, None] + _NEIGHBOURS
    around = np.where((beside >= 0) & (beside < len(counts)), counts[np.clip(beside, 0, len(counts) - 1)], np.nan)
    found[asked] = counts[asked] > STANDS_OUT * np.nanquantile(around, 0.75, axis=1)
    return found


def finer(layout: NumberLayout, values: Sequence[float]) -> NumberLayout:
    """Return the layout with a bin for each value, whose rows lie where bins begin."""
    starts = tuple(sorted({*layout.starts, *values, *map(after, values)}))
    if not starts:
        return layout
    return replace(layout, starts=starts, centres=(float(np.nextafter(starts[0], -np.inf)), *starts))


@dataclass(frozen=True, slots=True)
class Counted:
    """The rows of a column in its own bins, and those of single values."""

    tally: Tally
    atoms: Mapping[float, int] = field(default_factory=dict)


def coarser(tally: Tally, layout: NumberLayout, values: Sequence[float]) -> Counted:
    """Return what was counted in the bins of `finer` in those of a layout, and the rows of each value."""
    fine = np.asarray(finer(layout, values).starts)
    ordered = np.asarray(tally.counts[: len(fine) + 1])
    own = np.searchsorted(np.asarray(layout.starts), np.append(-np.inf, fine), side="right")
    counts = np.bincount(own, weights=ordered, minlength=len(layout.starts) + 1).astype(np.intp)
    rows = ordered[places(np.asarray(values, dtype=np.float64), fine)] if len(fine) else ordered[:0]
    whole = (*counts.tolist(), *tally.counts[-len(INFINITE) :])
    return Counted(replace(tally, counts=whole), dict(zip(values, rows.tolist(), strict=True)))
