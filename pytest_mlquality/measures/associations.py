"""How closely columns go together with one, whatever their types: Cramer's V, corrected for its bias.

Bergsma 2013, Journal of the Korean Statistical Society 42, 323-328. Columns of many numbers are cut at their deciles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats.contingency import crosstab

if TYPE_CHECKING:
    import pandas as pd

PARTS = 10
# Labels beyond the most frequent are one.
MOST_LABELS = 50


def associations(columns: pd.DataFrame, with_column: pd.Series[Any]) -> dict[str, float]:
    """Return how closely each column goes together with one, from 0 to 1; rows in the same order."""
    target = _codes(with_column)
    return {str(name): _cramers_v(_codes(columns[name]), target) for name in columns.columns}


def _cramers_v(first: NDArray[np.intp], second: NDArray[np.intp]) -> float:
    counts = np.asarray(crosstab(first, second).count, dtype=np.float64)
    n, (rows, columns) = counts.sum(), counts.shape
    if n < 2 or min(rows, columns) < 2:
        return 0.0
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
    square = float((((counts - expected) ** 2) / expected).sum()) / n
    corrected = max(0.0, square - (rows - 1) * (columns - 1) / (n - 1))
    sides = (side - (side - 1) ** 2 / (n - 1) for side in (rows, columns))
    smallest = min(sides) - 1
    return float(np.sqrt(min(1.0, corrected / smallest))) if smallest > 0 else 0.0


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
