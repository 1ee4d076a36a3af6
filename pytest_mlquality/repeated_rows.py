"""Rows of a split that are copies of one another: they say no more than one of them, where no unit is declared."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pytest_mlquality.data import Table


def repeated_rows(table: Table, key: str | None) -> NDArray[np.uint64] | None:
    """Return a number of each row, shape (n,), that its copies share; None where equal rows are there by chance.

    Equal are rows in all columns but the key. Those of a table with lists or records are not looked at, nor those of
    one of which no two rows of the first batch are equal.
    """
    from pytest_mlquality.data.kinds import is_handed_over
    from pytest_mlquality.measures.equal_rows import hashed
    from pytest_mlquality.measures.repeats import repeat

    types = {name: type_ for name, type_ in table.expression.schema().items() if name != key}
    if not types or any(type_.is_nested() or not is_handed_over(type_) for type_ in types.values()):
        return None
    parts: list[NDArray[np.uint64]] = []
    for batch in table.batches(types):
        parts.append(hashed(batch))
        if len(parts) == 1 and len(np.unique(parts[0])) == len(parts[0]):
            return None
    rows = np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint64)
    numbers = [partial(_numbers, table, name) for name, type_ in types.items() if type_.is_numeric()]
    return rows if repeat(rows, numbers) else None


def _numbers(table: Table, name: str) -> NDArray[np.float64]:
    return table.frame([name])[name].to_numpy(dtype=np.float64, na_value=np.nan)
