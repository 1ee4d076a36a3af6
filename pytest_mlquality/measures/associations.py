"""How closely columns go together with one, whatever their types: Cramer's V, corrected for its bias.

Bergsma 2013, Journal of the Korean Statistical Society 42, 323-328. Columns of many numbers are cut at their deciles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

PARTS = 10
# Labels beyond the most frequent are one.
MOST_LABELS = 50


def associations(columns: pd.DataFrame, with_column: pd.Series[Any]) -> dict[str, float]:
    """Return how closely each column goes together with one, from 0 to 1; rows in the same order."""
    target = _codes(with_column)
    return {str(name): cramers_v(_codes(columns[name]), target) for name in columns.columns}


def cramers_v(one: NDArray[np.intp], other: NDArray[np.intp]) -> float:
    """Return Cramér's V of two codings, shape (n,), without their bias; rows coded -1 are missing."""
    both = (one >= 0) & (other >= 0)
    one, other = one[both], other[both]
    n = len(one)
    if n < 2:
        return 0.0
    height, width = int(one.max()) + 1, int(other.max()) + 1
    counts = np.bincount(one * width + other, minlength=height * width).reshape(height, width).astype(float)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    height, width = counts.shape
    expected = counts.sum(axis=1, keepdims=True) @ counts.sum(axis=0, keepdims=True) / n
    squared = float(((counts - expected) ** 2 / expected).sum()) / n
    squared = max(0.0, squared - (height - 1) * (width - 1) / (n - 1))
    least = min(height - (height - 1) ** 2 / (n - 1), width - (width - 1) ** 2 / (n - 1)) - 1
    return float(np.sqrt(min(1.0, squared / least))) if least > 0 else 0.0


def _codes(values: pd.Series[Any]) -> NDArray[np.intp]:
    import pandas as pd

    is_numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if is_numeric and values.nunique() > PARTS:
        parts = pd.qcut(values.astype(float), PARTS, labels=False, duplicates="drop")
        return np.asarray(parts.fillna(PARTS), dtype=np.intp)
    codes = pd.factorize(values, use_na_sentinel=False)[0]
    order = np.argsort(-np.bincount(codes), kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return np.minimum(place[codes], MOST_LABELS).astype(np.intp)
