"""Times of frames as numbers: seconds since 1970 in UTC, whatever unit a column has and however far its years reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def seconds(values: pd.Series[Any]) -> NDArray[np.float64]:
    """Return the seconds of a column of datetime64, shape (n,); NaN where a time is missing.

    Pandas subtracts times in the finer unit of both, and nanoseconds reach from 1677 to 2262 alone.
    """
    units = values.astype("int64").to_numpy(dtype=np.float64) / _PER_SECOND[values.dt.unit]
    return np.where(values.isna(), np.nan, units)
