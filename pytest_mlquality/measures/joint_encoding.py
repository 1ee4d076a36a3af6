"""Two frames as one array that trees can split: numbers, seconds, and the codes of categories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from pytest_mlquality.errors import DataError

Floats = NDArray[np.float64]

# scikit-learn's trees take 255 categories: the most frequent ones, and one for all others.
LEVELS = 254
NUMBER, TIME, DURATION, CATEGORY = "number", "time", "duration", "category"


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """Rows of both sides, those of the reference first.

    Parameters
    ----------
    names
        The columns that both sides have.
    values
        Shape (n, columns); NaN where a value is missing.
    categorical
        Whether a column holds codes, shape (columns,).
    is_current
        Whether a row is of the current side, shape (n,).
    """

    names: tuple[str, ...]
    values: Floats
    categorical: NDArray[np.bool_]
    is_current: NDArray[np.bool_]


def encoded(reference: pd.DataFrame, current: pd.DataFrame) -> Encoded:
    """Return the columns that both frames have as one array.

    Numbers stay numbers, times are seconds; strings, bools and categoricals are categories, and so is a column that is
    of one type here and of another there. Which levels are frequent is counted over both sides.

    Raises
    ------
    DataError
        The frames have no column in common.
    """
    names = [name for name in reference.columns if name in current.columns]
    if not names:
        raise DataError("the two sides have no column in common", "look at their sources")
    values = np.empty((len(reference) + len(current), len(names)))
    categorical = np.zeros(len(names), dtype=np.bool_)
    for place, name in enumerate(names):
        sides = reference[name], current[name]
        kinds = {_kind(side) for side in sides if side.notna().any()}
        kind = kinds.pop() if len(kinds) == 1 else CATEGORY
        categorical[place] = kind == CATEGORY
        values[:, place] = (
            _codes(*sides) if kind == CATEGORY else np.concatenate([_numbers(one, kind) for one in sides])
        )
    is_current = np.arange(len(values)) >= len(reference)
    return Encoded(tuple(map(str, names)), values, categorical, is_current)


def _kind(values: pd.Series[Any]) -> str:
    if types.is_bool_dtype(values) or isinstance(values.dtype, pd.CategoricalDtype):
        return CATEGORY
    if types.is_numeric_dtype(values):
        return NUMBER
    if types.is_datetime64_any_dtype(values):
        return TIME
    if types.is_timedelta64_dtype(values):
        return DURATION
    first = values.dropna().iloc[0]
    if isinstance(first, Decimal):
        return NUMBER
    return TIME if isinstance(first, date) else CATEGORY


def _numbers(values: pd.Series[Any], kind: str) -> Floats:
    if kind == TIME:
        # As one unit of time, whatever that of the column.
        moments = pd.to_datetime(values, utc=True, errors="coerce")
        return np.asarray((moments - pd.Timestamp(0, tz="UTC").as_unit("s")).dt.total_seconds(), dtype=np.float64)
    if kind == DURATION:
        return np.asarray(pd.to_timedelta(values).dt.total_seconds(), dtype=np.float64)
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    largest = np.finfo(np.float32).max
    return np.asarray(np.clip(numbers, -largest, largest), dtype=np.float64)


def _codes(reference: pd.Series[Any], current: pd.Series[Any]) -> Floats:
    """Return 0 for the most frequent level and so on, `LEVELS` for all that are rarer, NaN for a missing one."""
    both = pd.concat([one.astype(object) for one in (reference, current)], ignore_index=True)
    missing = both.isna()
    texts = both[~missing].astype(str)
    place = {level: code for code, level in enumerate(texts.value_counts().index[:LEVELS])}
    codes = np.full(len(both), np.nan)
    codes[~missing] = texts.map(place).fillna(LEVELS)
    return codes
