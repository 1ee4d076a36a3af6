"""Blocks of time as units: rows of neighbouring days are alike, those of one block and another hardly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlquality.data.faults import failure
from pytest_mlquality.data.kinds import is_time, kind_of
from pytest_mlquality.data.windows import WHOLE_NUMBERS

if TYPE_CHECKING:
    import ibis

    from pytest_mlquality.data.table import Table

_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_MONTHS = {"month": 1, "year": 12}


def with_blocks(table: Table, name: str, column: str, length: str) -> Table:
    """Return a table with the number of the block of each row as a column; rows without a time are one block.

    Parameters
    ----------
    name
        Of that column.
    column
        Of dates or timestamps, or of whole numbers, which are read as years.
    length
        Such as ``2 weeks``.

    Raises
    ------
    DataError
        The table lacks the column, or has one of that name; the column is no time that makes such blocks.
    """
    if column not in table.columns:
        raise failure(
            f"data.{table.name} has no column {column!r}, of which [data] block makes units",
            "name a column of all splits as [data] time, or a column as [data] unit",
        )
    if name.lower() in map(str.lower, table.columns):
        raise failure(f"data.{table.name} has a column {name!r}, which [data] block makes", "call it otherwise")
    return table.with_values({name: _number(table, column, length)})


def _number(table: Table, column: str, length: str) -> ibis.Value:
    time = table.expression[column]
    amount, unit = int(length.split()[0]), length.split()[1].removesuffix("s")
    if kind_of(time.type()) == "whole" and unit == "year":
        return time // amount
    if not is_time(time.type()):
        raise failure(
            f"data.{table.name}: the column {column!r} is of type {time.type()}, which makes no blocks of {length}",
            f"name a column of dates or timestamps as [data] time; {WHOLE_NUMBERS}",
        )
    if unit in _SECONDS:
        return time.cast("timestamp").epoch_seconds() // (amount * _SECONDS[unit])
    return (time.year() * 12 + time.month() - 1) // (amount * _MONTHS[unit])
