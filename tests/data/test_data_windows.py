"""Windows of time: each row in one of them, by the calendar, whatever the type of the column."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from pytest_mlquality.data import in_memory
from pytest_mlquality.data.windows import windows
from pytest_mlquality.errors import DataError

DAYS = pd.date_range("2026-01-30", "2026-04-02", freq="D")


def named(time, length):
    table = in_memory("production", pd.DataFrame({"at": time}), "made")
    return [(name, window.rows) for name, window in windows(table, "at", length)]


@pytest.mark.parametrize(
    "time",
    [
        pd.Series(DAYS),
        pd.Series(DAYS).dt.date,
        pd.Series(DAYS.tz_localize("UTC")),
        # Midnight in UTC, told in another zone.
        pd.Series(DAYS.tz_localize("UTC").tz_convert("America/New_York")),
    ],
)
def test_months_are_those_of_the_calendar_in_utc(time):
    assert named(time, "1 month") == [
        ("at from 2026-01", 2),
        ("at from 2026-02", 28),
        ("at from 2026-03", 31),
        ("at from 2026-04", 2),
    ]


def test_several_days_and_weeks_hold_every_row_once():
    for length in ("1 day", "2 days", "1 week", "3 weeks", "1 year", "36 hours", "2 months"):
        found = named(pd.Series(DAYS), length)
        assert sum(rows for _, rows in found) == len(DAYS), length
        assert len({name for name, _ in found}) == len(found)


def test_whole_numbers_are_years():
    assert named([2015, 2016, 2016, 2018], "1 year") == [("at from 2015", 1), ("at from 2016", 2), ("at from 2018", 1)]
    with pytest.raises(DataError, match="whole numbers are years"):
        named([2015, 2016], "1 month")


def test_rows_without_a_time_are_a_window_too():
    assert named([dt.datetime(2026, 1, 1), None], "1 day") == [("at from 2026-01-01", 1), ("at is missing", 1)]


def test_a_column_of_text_and_too_many_windows_are_refused():
    with pytest.raises(DataError, match="makes no windows of 1 day"):
        named(["a", "b"], "1 day")
    with pytest.raises(DataError, match="more than 400 windows"):
        named(pd.Series(np.datetime64("2020-01-01", "s") + np.arange(401) * np.timedelta64(1, "D")), "1 day")


def test_one_row_far_away_makes_one_window_and_none_on_the_way_there():
    far = pd.Series(np.array(["0001-01-01", "2026-01-01", "9999-12-31"], dtype="datetime64[s]"))
    assert named(far, "1 day") == [("at from 0001-01-01", 1), ("at from 2026-01-01", 1), ("at from 9999-12-31", 1)]


@pytest.mark.parametrize("number", [20240501, 1714521600, 0])
def test_whole_numbers_that_are_no_years_are_told_what_to_write(number):
    with pytest.raises(DataError, match="are no years") as told:
        named([number, number], "1 year")
    assert "pandas.to_datetime" in str(told.value)
