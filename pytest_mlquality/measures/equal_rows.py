"""Rows that are equal in all columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

# Where rows occur more often than so, on average, columns have so few values that a half of the different rows would
# lack what the other half is to be judged by.
MOST_COPIES = 4


def equal_rows(rows: pd.DataFrame) -> NDArray[np.uint64] | None:
    """Return a number of each row that equal ones share, shape (n,); None where none or nearly all are equal."""
    numbers = hashed(rows)
    different = len(np.unique(numbers))
    return numbers if len(rows) / MOST_COPIES <= different < len(rows) else None


def hashed(rows: pd.DataFrame) -> NDArray[np.uint64]:
    """Return a number of each row, which equal rows share and no others, but by chance of 1 in 10^19, shape (n,)."""
    import pandas as pd

    if not len(rows.columns):
        return np.zeros(len(rows), dtype=np.uint64)
    whole: Any = pd.util.hash_pandas_object(rows, index=False)
    return np.asarray(whole, dtype=np.uint64)
