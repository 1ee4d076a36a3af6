"""Which rows belong to which slice: by columns, bins, windows of time and conditions, each slice named in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.data.windows import PERIODS
from pytest_mlquality.errors import DataError
from pytest_mlquality.measures.labels import ROWS_TO_BE_NAMED
from pytest_mlquality.measures.slice_conditions import (
    MOST_LEVELS,
    Among,
    Condition,
    Interval,
    Missing,
    cuts,
    in_order,
    is_number,
    plain,
)

if TYPE_CHECKING:
    import pandas as pd

# Numbers with many values and no edges of their own are cut into so many parts of equal size.
PARTS = 4
MOST_SLICES = 200
OTHERS = f"others, each in fewer than {ROWS_TO_BE_NAMED} rows"


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """Rows with something in common.

    Parameters
    ----------
    name
        In words: ``SEX = 2``.
    rows
        Whether each row belongs to it, shape (n,).
    """

    name: str
    rows: NDArray[np.bool_]


def by_columns(frame: pd.DataFrame, bins: Mapping[str, Sequence[float]]) -> list[Slice]:
    """Return a slice for each combination of the columns' labels that occurs, in order; they share no row.

    Labels of fewer than `ROWS_TO_BE_NAMED` rows stay nameless: their rows are one slice.

    Parameters
    ----------
    frame
        The columns to slice by.
    bins
        Inner edges of columns of numbers; each is the beginning of a slice. Numbers with more than `MOST_LEVELS`
        different values and without edges are cut at their quartiles.

    Raises
    ------
    DataError
        If edges are given for a column that holds no numbers, or a column has more than `MOST_SLICES` labels.
    """
    parts = [_by_column(frame[name], bins.get(str(name))) for name in frame.columns]
    slices = parts[0]
    for others in parts[1:]:
        pairs = [(one, other, one.rows & other.rows) for one in slices for other in others]
        slices = [Slice(f"{one.name}, {other.name}", rows) for one, other, rows in pairs if rows.any()]
    return _rare_as_one(slices, len(frame))


def by_time(values: pd.Series, window: str) -> list[Slice]:
    """Return a slice for each window of time in which rows arose; a window is named by its first moment.

    Parameters
    ----------
    window
        Such as ``1 month``; windows begin with the calendar's own months, years and days.
    """
    amount, unit = window.split()
    moments = _moments(values)
    if getattr(moments.dt, "tz", None) is not None:
        moments = moments.dt.tz_convert("UTC").dt.tz_localize(None)
    periods = moments.dt.to_period(PERIODS[unit.removesuffix("s")])
    ordinal = periods.map(lambda period: period.ordinal, na_action="ignore")
    begin = ordinal // int(amount) * int(amount)
    first = periods.groupby(begin).min()
    slices = [
        Slice(f"{values.name} from {period}", (begin == place).to_numpy(dtype=np.bool_))
        for place, period in first.items()
    ]
    missing = Slice(str(Missing(str(values.name))), begin.isna().to_numpy())
    return _rare_as_one([*slices, missing], len(values))


def _moments(values: pd.Series) -> pd.Series:
    """Return a column as times: dates and timestamps, whole numbers that are years, months or days, and texts."""
    import pandas as pd
    from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype

    if is_datetime64_any_dtype(values):
        return values
    known = values.dropna()
    if is_number(values):
        texts = known.map(lambda number: f"{number:.0f}".zfill(4) if number == int(number) else "")
        # In so many digits; of all other numbers nobody knows what they count, and since when.
        written = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d"}.get(int(texts.str.len().max() or 0), "%Y")
        found = pd.to_datetime(texts, format=written, errors="coerce")
        wrong = int(found.isna().sum())
    else:
        found = pd.to_datetime(known, errors="coerce", utc=True) if not is_bool_dtype(known) else known
        wrong = len(known) if not is_datetime64_any_dtype(found) or found.isna().all() else 0
    if wrong:
        raise DataError(
            f"the column {str(values.name)!r} of [data] time: {wrong:,} of {len(known):,} values are no time",
            "store it as dates or timestamps; whole numbers are years (2024), months (202405) or days (20240501): of "
            "seconds since 1970, say, make timestamps by pandas.to_datetime(t, unit='s')",
        )
    return found.reindex(values.index)


def _by_column(values: pd.Series, edges: Sequence[float] | None) -> list[Slice]:
    name = str(values.name)
    if edges is not None and not is_number(values):
        raise DataError(f"the column {name!r} holds no numbers, so it has no bins", "leave it out of the bins")
    if edges is None and is_number(values) and values.nunique() > MOST_LEVELS:
        edges = _edges(values.dropna().to_numpy(dtype=np.float64))
    if not edges:
        return _by_label(values)
    intervals = [Interval(name, low, high) for low, high in pairwise([None, *edges, None])]
    return _slices([*intervals, Missing(name)], values)


def _edges(known: NDArray[np.float64]) -> list[float]:
    """Return where numbers are cut; above the least one where nearly all rows have it; nowhere if floats are one."""
    above = known[known > known.min()]
    return cuts(known, PARTS) or ([float(above.min())] if len(above) else [])


def _slices(conditions: Iterable[Condition], values: pd.Series) -> list[Slice]:
    return [Slice(str(one), one.holds(values)) for one in conditions]


def _by_label(values: pd.Series) -> list[Slice]:
    """Return a slice for each label of enough rows to be named, and one for all others."""
    name, rows = str(values.name), values.value_counts()
    common = in_order(map(plain, rows.index[rows >= ROWS_TO_BE_NAMED]))
    if len(common) > MOST_SLICES:
        raise DataError(
            f"the column {name!r} has {len(common):,} labels, too many to look at each (at most {MOST_SLICES})",
            "use a coarser column, or one that puts labels together",
        )
    named = _slices([*(Among(name, (label,)) for label in common), Missing(name)], values)
    others = np.ones(len(values), dtype=np.bool_)
    for one in named:
        others &= ~one.rows
    return [*named, Slice(OTHERS, others)]


def _rare_as_one(slices: list[Slice], n: int) -> list[Slice]:
    """Return the slices with those of too few rows to be named as one."""
    rare = np.zeros(n, dtype=np.bool_)
    named = []
    for one in slices:
        rows = int(one.rows.sum())
        if rows >= ROWS_TO_BE_NAMED and one.name != OTHERS:
            named.append(one)
        elif rows:
            rare |= one.rows
    return [*named, Slice(OTHERS, rare)] if rare.any() else named
