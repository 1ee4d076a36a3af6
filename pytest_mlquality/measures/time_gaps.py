"""How long no row arose, within the time that a split spans: counted by the engine."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

from pytest_mlquality.data.faults import OperationLacking
from pytest_mlquality.data.nan import is_missing
from pytest_mlquality.errors import DataError
from pytest_mlquality.measurement import Measurement
from pytest_mlquality.measures.roles import Roles

if TYPE_CHECKING:
    import ibis

    from pytest_mlquality.data import Table

SECONDS_A_DAY = 86400
DAYS_A_YEAR = 365.25
YEARS = (1, 9999)
Span = tuple[int | date, int | date]
# A day on which fewer rows arose may point at somebody, so it is not named.
ROWS_TO_BE_NAMED = 10


def longest_time_gap(table: Table, roles: Roles) -> Measurement:
    """Return the longest time between a row and the next later one, in days; rows without a time are left out.

    Of timestamps to the second. Whole numbers are years, each of 365.25 days. What is missing before the first row or
    after the last is no gap.

    Raises
    ------
    DataError
        If no row has a time, or the column holds none.
    """
    column = roles.needed("time", table)
    time = table.expression[column]
    moments = table.expression.filter(~is_missing(time)).select(moment=_in_units(table, column)).distinct()
    ends = table.aggregates({"first": moments.moment.min(), "last": moments.moment.max()}, of=moments)
    if ends["first"] is None:
        raise DataError(f"data.{table.name}: no row has a {column!r}, so no gap is known", "look at [data] time")
    if time.type().is_integer() and not YEARS[0] <= ends["first"] <= ends["last"] <= YEARS[1]:
        raise _no_time(table, column, "whole numbers that are no years")
    longest, after = _longest(table, column, moments)
    scale = DAYS_A_YEAR if time.type().is_integer() else 1 / SECONDS_A_DAY
    return Measurement.exact(
        longest * scale,
        name="longest_time_gap",
        n=table.rows,
        unit="days",
        reason=_where(table, time, (after - longest, after)) if longest else "",
    )


def _in_units(table: Table, column: str) -> ibis.Value:
    """Return times as whole numbers: years, or seconds since 1970."""
    time = table.expression[column]
    if time.type().is_integer():
        return time.cast("int64")
    if time.type().is_date():
        return time.cast("timestamp").epoch_seconds().cast("int64")
    if time.type().is_timestamp():
        return time.epoch_seconds().cast("int64")
    raise _no_time(table, column, f"of type {time.type()}")


def _no_time(table: Table, column: str, what: str) -> DataError:
    return DataError(
        f"data.{table.name}: {column!r} is {what}, not a time, so no gap is known",
        "store it as a date or timestamp (whole numbers are years), or drop longest_time_gap",
    )


def _longest(table: Table, column: str, moments: ibis.Table) -> tuple[int, int]:
    """Return the longest difference of two neighbouring moments, and the first moment after such a one."""
    gaps = moments.mutate(gap=moments.moment - moments.moment.lag().over(order_by=moments.moment))
    try:
        longest = int(table.aggregates({"gap": gaps.gap.max()}, of=gaps)["gap"] or 0)
    except OperationLacking:
        # Ibis asks Polars for no row's neighbour.
        known = table.with_values({column: _in_units(table, column)}).values(column)
        ordered = sorted(moment for moment in known if moment is not None)
        return max(((later - moment, later) for moment, later in pairwise(ordered)), key=itemgetter(0), default=(0, 0))
    widest = gaps.filter(gaps.gap == longest)
    after = table.aggregates({"end": widest.moment.min()}, of=widest)["end"]
    return longest, int(after or 0)


def _where(table: Table, time: ibis.Value, ends: tuple[int, int]) -> str:
    """Return between which days, or else months, the gap lies; empty where too few rows arose on either side."""
    if time.type().is_integer():
        return _named(table, time, [str(end) for end in ends], [(end, end + 1) for end in ends])
    try:
        days = [(datetime(1970, 1, 1) + timedelta(seconds=end)).date() for end in ends]
        named = _named(table, time, [str(day) for day in days], [(day, day + timedelta(days=1)) for day in days])
        months = [day.replace(day=1) for day in days]
        following = [(month + timedelta(days=32)).replace(day=1) for month in months]
    except OverflowError:
        return ""
    return named or _named(
        table, time, [f"{month:%Y-%m}" for month in months], list(zip(months, following, strict=True))
    )


def _named(table: Table, time: ibis.Value, names: list[str], spans: Iterable[Span]) -> str:
    inside = {
        str(place): table.expression.count(where=(time >= _bound(begin, time)) & (time < _bound(end, time)))
        for place, (begin, end) in enumerate(spans)
    }
    enough = min(table.aggregates(inside).values()) >= ROWS_TO_BE_NAMED
    return f"no row between {' and '.join(names)}" if enough else ""


def _bound(end: int | date, time: ibis.Value) -> int | date:
    """Return what a column of times compares with."""
    if isinstance(end, int) or time.type().is_date():
        return end
    return datetime(end.year, end.month, end.day, tzinfo=UTC if getattr(time.type(), "timezone", None) else None)
