"""A column cut into cells, of which every condition takes some whole.

How many rows two conditions on two columns share, and what these rows lose, is then known from a table of cells by
cells: the rows are counted once a pair of columns, not once a pair of conditions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.slice_conditions import (
    MOST_LEVELS,
    Condition,
    as_numbers,
    conditions,
    edges_of,
    is_number,
)

if TYPE_CHECKING:
    import pandas as pd

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A column's conditions and the cells that they are made of.

    Parameters
    ----------
    conditions
        Those that leave enough rows in and out.
    takes
        1 where a condition takes a cell, else 0, shape (conditions, cells).
    of_row
        The cell of each row, shape (n,).
    """

    conditions: tuple[Condition, ...]
    takes: Floats
    of_row: Places

    @classmethod
    def of(cls, values: pd.Series, loss: Floats, weight: Floats, least_rows: int) -> Cells:
        """Cut a column, so that its conditions leave at least so many rows in and out.

        Parameters
        ----------
        values
            The column, named, shape (n,).
        loss, weight
            Of each row, shape (n,).
        """
        _, first, of_row = np.unique(_codes(values), return_index=True, return_inverse=True)
        alike = values.iloc[first]
        found = conditions(values, loss, weight, least_rows)
        takes = np.array([one.holds(alike) for one in found], dtype=np.bool_).reshape(len(found), len(alike))
        rows = takes @ np.bincount(of_row, minlength=len(alike))
        kept = np.flatnonzero((rows >= least_rows) & (rows <= len(values) - least_rows)).tolist()
        if not kept:
            return cls((), np.zeros((0, 1)), np.zeros(len(values), dtype=np.intp))
        # Thousands of rare labels that no condition tells apart are one cell.
        distinct, cell = np.unique(takes[kept], axis=1, return_inverse=True)
        return cls(tuple(found[one] for one in kept), distinct.astype(np.float64), cell.ravel()[of_row])

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return int(self.takes.shape[1])

    def holds(self, condition: int) -> Flags:
        """Return for which rows a condition holds, by its place, shape (n,)."""
        return np.asarray(self.takes[condition].astype(np.bool_)[self.of_row])


def _codes(values: pd.Series) -> Places:
    """Return a number for each row; rows of the same one are alike to every condition, shape (n,)."""
    import pandas as pd

    if not is_number(values) or values.nunique() <= MOST_LEVELS:
        return pd.factorize(values, use_na_sentinel=False)[0]
    numbers = as_numbers(values)
    return np.where(np.isnan(numbers), -1, np.searchsorted(edges_of(values), numbers, side="right"))
