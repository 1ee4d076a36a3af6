"""Rows drawn by the engine: for one seed the same places on any engine, each as likely as the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.column_names import own_name

if TYPE_CHECKING:
    import ibis
    import pandas as pd

_BITS = 2**31 - 1
_ROUNDS = 3
# Standard deviations by which rows are asked for beyond those that are wanted.
_SPREAD = 6


def place_beside(columns: Sequence[str]) -> str:
    """Return the name of the places of rows, which is none of some columns."""
    return own_name("mlq_place", columns)


def drawn(
    rows: ibis.Table, columns: Sequence[str], order: Sequence[str], size: int, seed: int, *, of: int | None = None
) -> ibis.Table:
    """Return these columns of `size` rows and their places (`place_beside`), in an order of chance.

    Parameters
    ----------
    order
        What the places are counted by; empty where rows have an order of their own.
    of
        How many rows there are: only those that come first in the order of chance are sorted then, and not all. In
        one of a billion cases these are fewer than `size`.
    """
    import ibis

    place = ibis.row_number().over(order_by=list(order)) if order else ibis.row_number().over()
    if rows.get_backend().name == "pyspark":
        # Its row numbers have 32 bits, which Ibis does not know: products would overflow.
        place = place.cast("float64").cast("int64")
    name = place_beside(columns)
    placed = rows.select([*columns, place.name(name)])
    if of is not None and of > size:
        most = (size + _SPREAD * size**0.5 + _SPREAD**2) / of
        placed = placed.filter(shuffled(placed[name], seed) < int(min(most, 1.0) * (_BITS + 1)))
    return placed.order_by(shuffled(placed[name], seed)).limit(size)


def drawn_from(batches: Iterable[pd.DataFrame], rows: int, size: int, seed: int) -> pd.DataFrame:
    """Return the same rows of frames that come one after another and have so many rows together."""
    import numpy as np
    import pandas as pd

    by_chance = np.argsort(shuffled(np.arange(rows), seed))[:size]
    wanted = np.sort(by_chance)
    pieces = []
    start = 0
    for batch in batches:
        low, high = np.searchsorted(wanted, [start, start + len(batch)])
        pieces.append(batch.iloc[wanted[low:high] - start].set_axis(wanted[low:high]))
        start += len(batch)
    return pd.concat(pieces).loc[by_chance]


def can_draw(rows: ibis.Table) -> bool:
    """Return whether the engine draws fast: Polars numbers no rows for Ibis, SQLite asks Python for an exclusive or."""
    return rows.get_backend().name not in ("polars", "sqlite")


def shuffled(place: Any, seed: int) -> Any:  # noqa: ANN401 - numbers of an engine or of numpy, which both compute it
    """Return a number for each place that has nothing to do with it: places ordered by it are in an order of chance.

    Numbers of 31 bits are permuted by turns of an odd factor and of their upper bits on the lower ones, as hashes end
    (the finalizer of MurmurHash3). Products stay below 2^63, so that every engine gives the same: none of their own
    hashes does, and the remainders of some are floats. Two turns leave a trace of the order.
    """
    import numpy as np

    mixed = place & _BITS
    for factor, offset in np.random.default_rng(seed).integers(_BITS, size=(_ROUNDS, 2)).tolist():
        mixed = (mixed * (factor | 1) + offset) & _BITS
        mixed = mixed ^ (mixed >> 16)
    return mixed
