"""The search for slices in which rows lose more than others: conjunctions of conditions on up to three columns.

All pairs of conditions on two columns are tried, and the clearest of them with every third condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import combinations, islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.slice_cells import Cells
from pytest_mlquality.measures.slice_conditions import Condition
from pytest_mlquality.measures.surplus import Surplus

if TYPE_CHECKING:
    import pandas as pd

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Places = NDArray[np.intp]
# A column's place and that of one of its conditions, for each condition of a slice.
Where = Sequence[tuple[int, int]]

LEAST_SHARE = 0.01
# Pairs are tried of so many columns, those with the clearest conditions of their own.
MOST_COLUMNS = 40
# So many of each pair of columns are kept, and so many of all: a slice is there in many words, of which few are apart.
KEPT_OF_PAIR = 400
KEPT = 5_000
# Pairs of conditions that a third one is added to.
BEAM = 100
CANDIDATES = 10
# Two slices that share more of their rows are one.
OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class Conjunction:
    """Conditions that hold together."""

    conditions: tuple[Condition, ...]

    def __str__(self) -> str:
        return " and ".join(map(str, self.conditions))

    def holds(self, rows: pd.DataFrame) -> Flags:
        """Return which rows belong to it."""
        held = np.ones(len(rows), dtype=np.bool_)
        for condition in self.conditions:
            held &= condition.holds(rows[condition.column])
        return held


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Slices of as many conditions each.

    Parameters
    ----------
    surplus
        By how many standard errors each loses more than others, shape (slices,).
    places
        Of each condition its column's place and its own among those of the column, shape (slices, conditions, 2).
    """

    surplus: Floats
    places: Places

    @classmethod
    def clearest(cls, some: Iterable[Found], most: int) -> Found:
        """Return at most so many of some slices, the clearest first."""
        found = list(some)
        surplus = np.concatenate([one.surplus for one in found])
        first = np.argsort(-surplus, kind="stable")[:most]
        return cls(surplus[first], np.concatenate([one.places for one in found])[first])

    def __iter__(self) -> Iterator[tuple[float, Where]]:
        for surplus, places in zip(self.surplus.tolist(), self.places.tolist(), strict=True):
            yield surplus, tuple((column, condition) for column, condition in places)


def search(
    rows: pd.DataFrame,
    loss: Floats,
    weight: Floats | None = None,
    *,
    depth: int = 2,
    least_rows: int = 50,
    by: type[Surplus] = Surplus,
) -> list[Conjunction]:
    """Return the slices with the clearest surplus of loss over the other rows, at most `CANDIDATES`, clearest first.

    Parameters
    ----------
    rows
        The columns to search.
    loss, weight
        Of each row, shape (n,); a higher loss is worse. Without weights all rows weigh the same.
    depth
        The most columns that a slice names: 1, 2 or 3.
    least_rows
        A slice has as many rows, and at least `LEAST_SHARE` of all.
    by
        What makes a slice come first.
    """
    least = max(least_rows, int(np.ceil(LEAST_SHARE * len(rows))))
    weighed = np.ones(len(rows)) if weight is None else weight
    cut = (Cells.of(rows[name], loss, weighed, least) for name in rows.columns)
    columns = [one for one in cut if one.conditions]
    if not columns:
        return []
    surplus = by.of(loss, weight, least)
    layers = [_single(columns, surplus)]
    if depth > 1 and len(columns) > 1:
        layers.append(_pairs(columns, surplus, layers[0]))
    if depth > 2 and len(columns) > 2 and len(layers[1].surplus):
        layers.append(_with_a_third(columns, surplus, layers[1]))
    # Of slices that are as clear, that of fewer conditions is first.
    return _apart(columns, merge(*layers, key=lambda one: -one[0]))


def _single(columns: Sequence[Cells], surplus: Surplus) -> Found:
    """Return the slices of one condition."""
    found = (
        _found(surplus(surplus.sums(one.of_row, one.cells) @ one.takes.T), [place]) for place, one in enumerate(columns)
    )
    return Found.clearest(found, KEPT)


def _pairs(columns: Sequence[Cells], surplus: Surplus, single: Found) -> Found:
    """Return slices of two conditions; columns that are clear by themselves go before others."""
    of_interest = list(dict.fromkeys([*single.places[:, 0, 0].tolist(), *range(len(columns))]))[:MOST_COLUMNS]
    found = []
    for a, b in combinations(sorted(of_interest), 2):
        one, other = columns[a], columns[b]
        table = surplus.sums(one.of_row * other.cells + other.of_row, one.cells * other.cells)
        tables = table.reshape(-1, one.cells, other.cells)
        found.append(_found(surplus(one.takes @ tables @ other.takes.T), [a, b]))
    return Found.clearest(found, KEPT)


def _with_a_third(columns: Sequence[Cells], surplus: Surplus, pairs: Found) -> Found:
    """Return the clearest pairs with a condition on another column."""
    found = []
    for _, pair in islice(pairs, BEAM):
        inside = np.flatnonzero(_holds(columns, pair))
        for place, one in enumerate(columns):
            if place not in dict(pair):
                sums = surplus.sums(one.of_row[inside], one.cells, inside)
                found.append(_found(surplus(sums @ one.takes.T), [place], pair))
    return Found.clearest(found, KEPT)


def _found(surplus: Floats, columns: Sequence[int], before: Where = ()) -> Found:
    """Return the slices of the largest surplus, at most `KEPT_OF_PAIR`, in no order.

    Parameters
    ----------
    surplus
        Of conditions on one column, or of pairs of them on two, shape (conditions,) or (conditions, conditions).
    before
        What all of these slices have in common.
    """
    flat = surplus.ravel()
    best = np.argpartition(-flat, KEPT_OF_PAIR)[:KEPT_OF_PAIR] if len(flat) > KEPT_OF_PAIR else np.arange(len(flat))
    best = best[flat[best] > 0]
    conditions = np.transpose(np.unravel_index(best, surplus.shape))
    own = np.stack([np.broadcast_to(columns, conditions.shape), conditions], axis=-1)
    common = np.broadcast_to(np.array(before, dtype=np.intp).reshape(-1, 2), (len(best), len(before), 2))
    return Found(flat[best], np.concatenate([common, own], axis=1))


def _holds(columns: Sequence[Cells], places: Where) -> Flags:
    return np.asarray(np.all([columns[column].holds(condition) for column, condition in places], axis=0))


def _apart(columns: Sequence[Cells], found: Iterable[tuple[float, Where]]) -> list[Conjunction]:
    """Return the first slices of which none shares too many rows with one before it."""
    kept: list[Flags] = []
    slices: list[Conjunction] = []
    for _, places in found:
        rows = _holds(columns, places)
        if all(overlap(rows, other) <= OVERLAP for other in kept):
            kept.append(rows)
            slices.append(Conjunction(tuple(columns[column].conditions[some] for column, some in sorted(places))))
        if len(slices) == CANDIDATES:
            break
    return slices


def overlap(one: Flags, other: Flags) -> float:
    """Return the share of the rows of two slices that both have, none empty."""
    return float(np.count_nonzero(one & other) / np.count_nonzero(one | other))
