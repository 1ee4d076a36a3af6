"""Windows of time by the calendar, each a table of the rows that arose in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.faults import failure
from pytest_mlquality.data.nan import is_missing, without_nan

if TYPE_CHECKING:
    import ibis
    import pandas as pd

    from pytest_mlquality.data.table import Table

# Codes of pandas by the unit of a window's length.
PERIODS = {"minute": "min", "hour": "h", "day": "D", "week": "W", "month": "M", "year": "Y"}
MOST_WINDOWS = 400


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
    years = time.type().is_integer()
    if not (time.type().is_date() or time.type().is_timestamp() or (years and "year" in length)):
        raise failure(
            f"data.{table.name}: the column {column!r} is of type {time.type()}, which makes no windows of {length}",
            "name a column of dates or timestamps as [data] time; whole numbers are years",
        )
    ends = table.aggregates({"first": without_nan(time).min(), "last": without_nan(time).max(), "rows": time.count()})
    missing = table.expression.count(where=is_missing(time))
    if ends["rows"]:
        for first, after in _windows(ends["first"], ends["last"], length, f"data.{table.name}"):
            inside = table.having((time >= _bound(first, time)) & (time < _bound(after, time)))
            if inside.rows:
                yield f"{column} from {first}", inside
    if table.aggregates({"rows": missing})["rows"]:
        yield f"{column} is missing", table.having(is_missing(time))


def _windows(first: Any, last: Any, length: str, where: str) -> Iterator[tuple[pd.Period, pd.Period]]:  # noqa: ANN401 - moments of an engine
    """Yield the beginning of each window, and of the next."""
    amount, unit = length.split()
    step, code = int(amount), PERIODS[unit.removesuffix("s")]
    begin, end = (_period(moment, code) for moment in (first, last))
    begin -= begin.ordinal % step
    if (end.ordinal - begin.ordinal) // step >= MOST_WINDOWS:
        raise failure(f"{where}: more than {MOST_WINDOWS} windows of {length}", "set a longer window, or a filter")
    while begin <= end:
        yield begin, begin + step
        begin += step


def _period(moment: Any, code: str) -> pd.Period:  # noqa: ANN401 - a moment of an engine
    import pandas as pd

    if isinstance(moment, int):
        return pd.Period(year=moment, freq=code)
    stamp = pd.Timestamp(moment)
    return (stamp.tz_convert("UTC").tz_localize(None) if stamp.tzinfo else stamp).to_period(code)


def _bound(period: pd.Period, time: ibis.Value) -> Any:  # noqa: ANN401 - what the column compares with
    begin = period.start_time
    if time.type().is_integer():
        return begin.year
    if time.type().is_date():
        return begin.date()
    zone = getattr(time.type(), "timezone", None)
    return begin.tz_localize("UTC").tz_convert(zone) if zone else begin
