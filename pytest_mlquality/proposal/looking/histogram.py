"""How the values of a column are distributed, in bins that never stand for fewer than ten rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.faults import explained
from pytest_mlquality.data.kinds import TIMES
from pytest_mlquality.data.moments import seconds
from pytest_mlquality.proposal import human
from pytest_mlquality.proposal.looking.asking import finite
from pytest_mlquality.proposal.looking.seen import LEAST_ROWS, Column

if TYPE_CHECKING:
    import ibis
    import pandas as pd

    from pytest_mlquality.data import Table

BINS = 20
# The ends are open: what lies beyond these quantiles of a sample stands in the first and the last bin.
ENDS = (0.01, 0.99)
SECONDS_A_DAY = 86400.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows between two numbers.

    Parameters
    ----------
    steps
        Width, in steps of the grid; 1 of a bin with an open end.
    """

    label: str
    rows: int
    steps: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Numbers at equal distances; times are days since 1970."""

    start: float
    step: float
    count: int
    label: Callable[[float], str]

    def edge(self, place: int) -> str:
        """Return the left edge of a bin, for people."""
        return self.label(human.clean(self.start + place * self.step))


def histogram(table: Table, column: Column, some: pd.Series[Any]) -> list[Bin]:
    """Return the bins of a column of numbers or times; none where there are too few rows.

    Parameters
    ----------
    some
        Values of a sample, which say where the grid lies.
    """
    grid = _grid(column, some)
    if grid is None:
        return []
    with explained(f"data.{table.name}: {column.name!r} cannot be counted", "is the source complete?"):
        value = _number(table.expression[column.name], column.kind)
        place = ((value - grid.start) / grid.step).clip(lower=-1, upper=grid.count).floor().cast("int64")
        counted = table.expression.select(mlq_bin=place).group_by("mlq_bin").aggregate(mlq_rows=lambda t: t.count())
        rows = {row["mlq_bin"]: row["mlq_rows"] for row in counted.to_pyarrow().to_pylist()}
    return merged({place: rows.get(place, 0) for place in range(-1, grid.count + 1)}, grid)


def _number(value: ibis.Value, kind: str) -> ibis.Value:
    if kind == "day":
        value = value.cast("timestamp")
    if kind in TIMES:
        return value.epoch_seconds() / SECONDS_A_DAY
    return finite(value, kind).cast("float64")


def _grid(column: Column, some: pd.Series[Any]) -> Grid | None:
    import pandas as pd

    if column.kind in TIMES:
        values = pd.Series(seconds(some.dropna())) / SECONDS_A_DAY
    else:
        values = pd.to_numeric(some, errors="coerce").astype(float)
        values = values[values.abs() < float("inf")]
    low, high = float(values.quantile(ENDS[0])), float(values.quantile(ENDS[1]))
    if not 0 < high - low < float("inf"):
        return None
    step = human.nice_step((high - low) / BINS)
    if column.kind != "number" and column.kind != "decimal":
        step = max(step, 1.0)
    start = human.clean((floor(low / step) + 1) * step)
    count = max(1, floor((high - start) / step))
    return Grid(start, step, count, _day if column.kind in TIMES else human.text)


def _day(days: float) -> str:
    return (_EPOCH + timedelta(days=days)).date().isoformat()


def merged(rows: Mapping[int, int], grid: Grid) -> list[Bin]:
    """Return bins of at least ten rows each, of neighbours where they have fewer; none where two cannot be had."""
    parts: list[tuple[int, int]] = []  # where it begins, rows
    for place in sorted(rows):
        if parts and parts[-1][1] < LEAST_ROWS:
            parts[-1] = (parts[-1][0], parts[-1][1] + rows[place])
        else:
            parts.append((place, rows[place]))
    if len(parts) > 1 and parts[-1][1] < LEAST_ROWS:
        last = parts.pop()
        parts[-1] = (parts[-1][0], parts[-1][1] + last[1])
    return [_bin(parts, at, grid) for at in range(len(parts))] if len(parts) > 1 else []


def _bin(parts: list[tuple[int, int]], at: int, grid: Grid) -> Bin:
    begin, rows = parts[at]
    if at == 0:
        return Bin(f"below {grid.edge(parts[1][0])}", rows, 1)
    if at == len(parts) - 1:
        return Bin(f"{grid.edge(begin)} and above", rows, 1)
    end = parts[at + 1][0]
    return Bin(f"{grid.edge(begin)} to {grid.edge(end)}", rows, end - begin)
