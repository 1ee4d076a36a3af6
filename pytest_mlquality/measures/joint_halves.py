"""Rows of two sides dealt to two halves that share no unit and no copy of a row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pytest_mlquality.measures.joint_encoding import Encoded

Codes = NDArray[np.intp]
Units = tuple[NDArray[Any] | None, NDArray[Any] | None]

# Rows that occur more often than so, on average, may be no copies: columns of few values make equal rows by themselves.
MOST_COPIES = 4
# They are copies where so many times as many rows differ if every column is shuffled by itself.
BY_CHANCE = 2


def kept_together(rows: Encoded, unit: Units) -> Codes:
    """Return the number of the group of each row, shape (n,): rows of a unit or equal in all columns are in one.

    A unit may have rows on both sides; a row without a unit is one of its own. Where rows repeat `MOST_COPIES` times
    on average because their columns have few values, equal ones are not held together: a half would lack what the
    other one is to be judged by.
    """
    n = len(rows.values)
    groups = _units(rows, unit)
    copies = _equal(rows.values)
    different = copies.max(initial=-1) + 1
    if n > MOST_COPIES * different:
        shuffled = np.random.default_rng(0).permuted(rows.values, axis=0)
        if _equal(shuffled).max() + 1 < BY_CHANCE * different:
            return groups
    first = groups.max(initial=-1) + 1
    nodes = first + different
    linked = coo_array((np.ones(n), (groups, first + copies)), shape=(nodes, nodes))
    return np.asarray(connected_components(linked, directed=False)[1][groups], dtype=np.intp)


def in_first_half(group: Codes, is_current: NDArray[np.bool_], seed: int) -> NDArray[np.bool_]:
    """Return which rows are dealt to the first half, shape (n,).

    Groups are dealt at random, in turn among those of one side and among those of both, so that the halves have as
    many of each.
    """
    groups = int(group.max(initial=-1)) + 1
    sides = 1 * (np.bincount(group[~is_current], minlength=groups) > 0)
    sides += 2 * (np.bincount(group[is_current], minlength=groups) > 0)
    dealt = np.empty(groups, dtype=np.bool_)
    dealt[np.lexsort((np.random.default_rng(seed).random(groups), sides))] = np.arange(groups) % 2 == 0
    return dealt[group]


def _equal(values: NDArray[np.float64]) -> Codes:
    """Return a number of each row, from 0 on, that equal ones share, shape (n,)."""
    return np.asarray(pd.factorize(pd.util.hash_pandas_object(pd.DataFrame(values), index=False))[0], dtype=np.intp)


def _units(rows: Encoded, unit: Units) -> Codes:
    n = len(rows.values)
    code = np.arange(n)
    parts = [np.full(size, None) if one is None else np.asarray(one, dtype=object) for one, size in _sized(rows, unit)]
    known = pd.factorize(np.concatenate(parts))[0]
    # Beyond the codes of rows, which stand for themselves.
    return np.asarray(np.unique(np.where(known < 0, code, n + known), return_inverse=True)[1], dtype=np.intp)


def _sized(rows: Encoded, unit: Units) -> list[tuple[NDArray[Any] | None, int]]:
    sizes = int((~rows.is_current).sum()), int(rows.is_current.sum())
    for one, size in zip(unit, sizes, strict=True):
        if one is not None and len(one) != size:
            raise ValueError(f"unit has {len(one):,} entries for {size:,} rows")
    return list(zip(unit, sizes, strict=True))
