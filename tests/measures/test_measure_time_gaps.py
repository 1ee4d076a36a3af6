"""How long no row arose, against what is known of the rows."""

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlquality.data import open_split
from pytest_mlquality.errors import DataError
from pytest_mlquality.measures.integrity import Roles, integrity

DAYS = pd.date_range("2024-01-01", periods=120)
# Three weeks are missing.
PUNCHED = DAYS[(DAYS < "2024-02-05") | (DAYS >= "2024-02-26")]


@pytest.fixture
def gap(tmp_path):
    def measured(times, rows=12):
        column = times if isinstance(times, pa.Array) else pa.array(list(times))
        shuffled = np.random.default_rng(0).permutation(np.repeat(np.arange(len(column)), rows))
        pq.write_table(pa.table({"at": column.take(pa.array(shuffled))}), tmp_path / "test.parquet")
        table = open_split("test", source="test.parquet", base=tmp_path)
        return integrity("longest_time_gap", table, Roles((), time="at"))

    return measured


@pytest.mark.parametrize(
    "kind",
    [
        pa.date32(),
        pa.date64(),
        pa.timestamp("s"),
        pa.timestamp("ms"),
        pa.timestamp("us"),
        pa.timestamp("ns"),
        pa.timestamp("us", tz="UTC"),
        pa.timestamp("us", tz="Asia/Kolkata"),
    ],
)
def test_three_weeks_without_a_row_are_22_days_from_the_last_row_to_the_next(gap, kind):
    found = gap(pa.array(PUNCHED, pa.timestamp("ns")).cast(kind) if kind != pa.date64() else pa.array(PUNCHED, kind))
    assert (found.value, found.unit, found.n) == (22, "days", 12 * len(PUNCHED))
    assert found.reason == "no row between 2024-02-04 and 2024-02-26"
    assert gap(DAYS.date).value == 1


def test_it_is_the_largest_difference_of_pandas(gap):
    draw = np.random.default_rng(1)
    times = pd.Timestamp("1960-01-01") + pd.to_timedelta(draw.integers(10**9, size=500), unit="s")
    longest = times.sort_values().to_series().diff().max()
    assert gap(times, rows=1).value == pytest.approx(longest / pd.Timedelta(days=1), rel=1e-12)


def test_weekends_and_nights_are_gaps_as_long_as_they_are(gap):
    weekdays = DAYS[DAYS.dayofweek < 5]
    assert gap(weekdays.date).value == 3
    hours = pd.date_range("2024-01-01", periods=240, freq="h")
    assert gap(hours[(hours.hour >= 8) & (hours.hour < 18)]).value == pytest.approx(15 / 24)


def test_whole_numbers_are_years(gap):
    assert gap([2015, 2016, 2018]).value == 2 * 365.25
    assert gap([2015, 2016, 2018]).reason == "no row between 2016 and 2018"
    with pytest.raises(DataError, match="whole numbers that are no years"):
        gap([20240101, 20240102])


def test_what_is_missing_is_left_out_and_one_moment_has_no_gap(gap):
    assert gap([date(2024, 1, 1), None, date(2024, 1, 4)]).value == 3
    assert gap([datetime(2024, 1, 1, tzinfo=UTC)]).value == 0
    with pytest.raises(DataError, match="no row has a 'at'"):
        gap(pa.nulls(2, pa.date32()))
    with pytest.raises(DataError, match="is of type string, not a time"):
        gap(["2024-01-01"])


def test_the_ends_of_the_calendar_are_times_too(gap):
    found = gap([datetime(1, 1, 1), datetime(2024, 1, 1), datetime(9999, 12, 31)])
    assert found.value == (date(9999, 12, 31) - date(2024, 1, 1)).days
    assert found.reason in ("", "no row between 2024-01-01 and 9999-12-31")


def test_days_on_which_few_rows_arose_are_not_named(gap):
    far = [datetime(2024, 1, 2), datetime(2024, 1, 3), datetime(2024, 3, 8), datetime(2024, 3, 9)]
    assert gap(far, rows=6).reason == "no row between 2024-01 and 2024-03"
    assert gap(far, rows=2).reason == ""


def test_a_zone_is_no_gap(gap):
    east = timezone(timedelta(hours=5))
    times = [datetime(2024, 1, 1, hour, tzinfo=zone) for hour in range(6, 20) for zone in (UTC, east)]
    assert gap(times).value == pytest.approx(1 / 24)
