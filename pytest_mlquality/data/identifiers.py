"""Values that name something, such as units and keys: whatever they are stored as, none becomes another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.plain_values import wide

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


def identifiers(values: pd.Series[Any]) -> NDArray[Any]:
    """Return a column of a frame as an array of its values, shape (n,).

    Whole numbers of which some are missing are Python's own, with None: pandas makes floats of them, and those above
    2**53 are no longer told apart.
    """
    if isinstance(values.dtype, _integers_with_gaps()):
        objects = values.astype(object)
        return objects.where(values.notna(), None).to_numpy(dtype=object)
    return values.to_numpy()


def index_of(values: pd.Series[Any]) -> pd.Index[Any]:
    """Return a column as an index in which equal values are found, whichever types two tables have them in."""
    import pandas as pd

    found: pd.Index[Any] = pd.Index(values.astype(object).where(values.notna(), None), dtype=object)
    return found


def taken(frame: pd.DataFrame, places: NDArray[np.intp]) -> pd.DataFrame:
    """Return rows of a frame by their places, nothing but missing values where a place is -1."""
    kept = frame.astype({name: dtype for name in frame.columns if (dtype := _exact_dtype(frame[name])) is not None})
    return kept.reset_index(drop=True).reindex(places)


def _exact_dtype(values: pd.Series[Any]) -> str | None:
    """Return the dtype in which whole numbers that floats do not tell apart may be missing."""
    if values.dtype not in ("int64", "uint64") or not len(values):
        return None
    return wide(int(values.min()), int(values.max()), signed=values.dtype == "int64")


def _integers_with_gaps() -> tuple[type, ...]:
    import pandas as pd

    return pd.Int64Dtype, pd.UInt64Dtype
