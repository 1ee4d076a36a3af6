"""Blocks of time as units: their numbers, over types of time, and what cannot make them."""

import numpy as np
import pandas as pd
import pytest

from pytest_mlquality.data import in_memory
from pytest_mlquality.data.profiles import profile
from pytest_mlquality.data.time_blocks import with_blocks
from pytest_mlquality.errors import DataError
from pytest_mlquality.measures.drift import column_drift

DAYS = pd.date_range("2024-12-25", periods=60)


def blocks(times, length):
    table = in_memory("train", pd.DataFrame({"t": times}), "drawn")
    return with_blocks(table, "block", "t", length).frame(["block"])["block"]


@pytest.mark.parametrize(
    ("length", "changes"),
    [("1 day", 59), ("1 week", 8), ("2 weeks", 4), ("1 month", 2), ("2 months", 1), ("1 year", 1), ("36 hours", 40)],
)
def test_rows_of_one_block_have_one_number_and_blocks_follow_each_other(length, changes):
    for times in (DAYS, DAYS.tz_localize("UTC"), DAYS.date):
        found = blocks(times, length)
        assert (found.diff().dropna() != 0).sum() in (changes - 1, changes, changes + 1)
        assert found.is_monotonic_increasing


def test_whole_numbers_are_years_and_rows_without_a_time_are_one_block():
    assert blocks([2015, 2016, 2017, 2018], "2 years").tolist() == [1007, 1008, 1008, 1009]
    assert blocks([pd.Timestamp("2024-01-01"), pd.NaT], "1 day").isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("frame", "length", "said"),
    [
        ({"t": [1, 2]}, "1 week", "is of type int64, which makes no blocks of 1 week"),
        ({"t": ["a", "b"]}, "1 year", "is of type string, which makes no blocks"),
        ({"x": [1, 2]}, "1 year", "has no column 't', of which"),
        ({"t": [2015], "BLOCK": [1]}, "1 year", "has a column 'block', which"),
    ],
)
def test_what_makes_no_blocks_is_told_with_the_remedy(frame, length, said):
    with pytest.raises(DataError, match=r"data\.train") as error:
        with_blocks(in_memory("train", pd.DataFrame(frame), "drawn"), "block", "t", length)
    assert said in str(error.value)
    assert error.value.remedy


def days(seed, start, columns=5):
    """A year of twenty rows a day: a fifth of the variance is of days, and each day is like the one before (0.9)."""
    draw = np.random.default_rng(seed)
    found = {"t": np.repeat(pd.date_range(start, periods=365), 20)}
    for place in range(columns):
        level = np.zeros(365)
        for day in range(365):
            level[day] = (0.9 * level[day - 1] if day else 0) + np.sqrt(0.19 if day else 1) * draw.normal()
        found[f"x{place}"] = np.sqrt(0.2) * np.repeat(level, 20) + np.sqrt(0.8) * draw.normal(size=365 * 20)
    return pd.DataFrame(found)


def test_rows_of_days_that_are_alike_fail_alone_and_not_in_blocks():
    """Nothing has moved from one year to the next: of 30 columns some fail as independent rows, none in blocks."""
    failed = {None: 0, "2 weeks": 0}
    for seed in range(6):
        for block in failed:
            tables = [in_memory("rows", days(seed + 100 * side, f"202{3 + side}-01-01"), "drawn") for side in (0, 1)]
            if block:
                tables = [with_blocks(table, "block", "t", block) for table in tables]
            names = [name for name in tables[0].columns if name.startswith("x")]
            reference = profile(tables[0], names, unit="block" if block else None)
            current = profile(tables[1], like=reference, unit="block" if block else None)
            for name in names:
                found = column_drift("jensen_shannon_distance", name, reference, current, ("2023", "2024"))
                failed[block] += found.lower(1e-3 / len(names)) > 0.08
    assert failed[None] > 0
    assert failed["2 weeks"] == 0
