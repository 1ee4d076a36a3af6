"""Windows of time by the calendar, each a table of the rows that arose in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import MAXYEAR, UTC, date, datetime
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.faults import failure
from pytest_mlquality.data.kinds import is_time, kind_of

if TYPE_CHECKING:
    import ibis
    import pandas as pd

    from pytest_mlquality.data.table import Table

# Codes of pandas by the unit of a window's length.
PERIODS = {"minute": "min", "hour": "h", "day": "D", "week": "W", "month": "M", "year": "Y"}
MOST_WINDOWS = 400
WHOLE_NUMBERS = (
    "whole numbers are years there: of seconds since 1970, say, make timestamps by pandas.to_datetime(t, unit='s') or "
    "make_timestamp(t * 1000000)"
)


def windows(table: Table, column: str, length: str) -> Iterator[tuple[str, Table]]:
    """Yield the rows of each window of time, named by its first moment; those without a time come last.

    Parameters
    ----------
    column
        Of dates or timestamps, or of whole numbers, which are read as years.
    length
        Such as ``1 month``; windows begin with the calendar's own months, years and days, in UTC.

    Raises
    ------
    DataError
        The column is no time, or there are more than `MOST_WINDOWS` windows.
    """
    time = table.expression[column]
    years = kind_of(time.type()) == "whole"
    if not (is_time(time.type()) or (years and "year" in length)):
        raise failure(
            f"data.{table.name}: the column {column!r} is of type {time.type()}, which makes no windows of {length}",
            f"name a column of dates or timestamps as [data] time; {WHOLE_NUMBERS}",
        )
    ends = table.aggregates({"first": time.min(), "last": time.max(), "missing": time.isnull().sum()})
    if years and ends["first"] is not None and not 1 <= ends["first"] <= ends["last"] <= MAXYEAR:
        raise failure(
            f"data.{table.name}: the whole numbers of {column!r} are no years, so they make no windows of {length}",
            f"store them as dates or timestamps; {WHOLE_NUMBERS}",
        )
    step, code = _length(length)
    for begin in _begins(table, time, ends["first"], step, code, length):
        low, high = _bound(begin, time), _bound(begin + step, time)
        inside = time >= low if high is None else (time >= low) & (time < high)
        yield f"{column} from {begin}", table.having(inside)
    if ends["missing"]:
        yield f"{column} is missing", table.having(time.isnull())


def _length(length: str) -> tuple[int, str]:
    amount, unit = length.split()
    return int(amount), PERIODS[unit.removesuffix("s")]


def _begins(table: Table, time: ibis.Value, first: Any, step: int, code: str, length: str) -> list[pd.Period]:  # noqa: ANN401 - a moment of an engine
    """Return where windows begin that have a row, in order: a single far date makes no windows on the way there."""
    begins: list[pd.Period] = []
    while first is not None:
        begin = _period(first, code)
        begins.append(begin - begin.ordinal % step)
        if len(begins) > MOST_WINDOWS:
            where = f"data.{table.name}: more than {MOST_WINDOWS} windows of {length}"
            raise failure(where, "set a longer window, or a filter")
        after = _bound(begins[-1] + step, time)
        first = None if after is None else table.aggregates({"next": time.min(where=time >= after)})["next"]
    return begins


def _period(moment: Any, code: str) -> pd.Period:  # noqa: ANN401 - a moment of an engine
    import pandas as pd

    if isinstance(moment, int):
        return pd.Period(year=moment, freq=code)
    stamp = pd.Timestamp(moment)
    return (stamp.tz_convert("UTC").tz_localize(None) if stamp.tzinfo else stamp).to_period(code)


def _bound(period: pd.Period, time: ibis.Value) -> int | date | None:
    """Return the first moment of a period as the column compares with it; None beyond the last year that there is."""
    first = period.asfreq("min", how="start")
    if first.year > MAXYEAR:
        return None
    if kind_of(time.type()) == "whole":
        return int(first.year)
    begin = datetime(first.year, first.month, first.day, first.hour, first.minute)
    if kind_of(time.type()) == "day":
        return begin.date()
    return begin.replace(tzinfo=UTC) if getattr(time.type(), "timezone", None) else begin
