"""Values of the same entities in two logs: what differs is counted, whatever engines hold them."""

import datetime as dt
import sqlite3
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import binomtest

from pytest_mlquality.data import open_split
from pytest_mlquality.errors import DataError
from pytest_mlquality.measures.key_skew import differing_values, unmatched_keys


@pytest.fixture(params=["parquet, parquet", "parquet, sqlite", "sqlite, sqlite", "parquet, polars"])
def engines(request):
    return request.param.split(", ")


@pytest.fixture
def opened(tmp_path):
    def open_table(columns, name, engine="parquet"):
        if engine == "sqlite":
            with sqlite3.connect(tmp_path / "w.db") as connection:
                pd.DataFrame(columns).to_sql(name, connection, index=False)
            connection.close()
            return open_split(name, source=name, engine="sqlite:///w.db", base=tmp_path)
        pq.write_table(pa.table(columns), tmp_path / f"{name}.parquet")
        settings = {"engine": "polars://"} if engine == "polars" else {}
        return open_split(name, source=f"{name}.parquet", base=tmp_path, **settings)

    return open_table


def shares(measurements):
    return {one.name.removeprefix("differing_values[").removesuffix("]"): one.value for one in measurements}


def test_values_are_compared_key_by_key(opened, engines):
    log = {
        "id": [1, 2, 3, 4, 5],
        "x": [1.0, 2.0, None, 4.0, 9.0],
        "s": ["a", "b", None, "d", "e"],
        "k": [1, 2, 3, 4, 5],
    }
    served = {
        "id": [4, 3, 2, 1, 7],
        "x": [4.0, None, 2.5, None, 0.0],
        "s": ["d", None, "B", "a", "z"],
        "k": [4, 3, 2, 1, 7],
    }
    one, other = (opened(*each) for each in zip((log, served), ("train", "serving"), engines, strict=True))
    found = differing_values(one, other, "id", ["x", "s", "k"])
    assert found.name == "differing_values"
    # Of the keys 1 to 4: x of 1 is missing on one side, of 3 on both, and of 2 another one.
    assert shares(found) == {"x": 0.5, "s": 0.25, "k": 0.0}
    assert [measured.n for measured in found] == [4, 4, 4]
    assert found[0].reason == "2 of 4 keys differ; keys in one alone: data.train 1, data.serving 1"
    assert unmatched_keys(one, other, "id").value == pytest.approx(2 / 6)


def test_the_bounds_are_those_of_a_share_of_keys(opened):
    keys = np.arange(200)
    one = opened({"id": keys, "x": keys}, "train")
    other = opened({"id": keys[::-1].copy(), "x": np.where(keys[::-1] < 10, -1, keys[::-1])}, "serving")
    (found,) = differing_values(one, other, "id", ["x"])
    assert found.value == 0.05
    exact = binomtest(10, 200).proportion_ci(0.90, "exact")
    assert (found.lower(0.05), found.upper(0.05)) == pytest.approx((exact.low, exact.high))
    assert found.method == "Clopper-Pearson"


def test_numbers_may_differ_by_the_tolerance_of_the_larger_one(opened, engines):
    log = {"id": [1, 2, 3, 4], "x": [100.0, 100.0, 0.0, -100.0], "k": [100, 100, 0, -100]}
    served = {"id": [1, 2, 3, 4], "x": [100.9, 102.0, 0.0, 100.0], "k": [101, 103, 0, 100]}
    one, other = (opened(*each) for each in zip((log, served), ("train", "serving"), engines, strict=True))
    assert shares(differing_values(one, other, "id", ["x", "k"], tolerance=0.01)) == {"x": 0.5, "k": 0.5}
    assert shares(differing_values(one, other, "id", ["x", "k"], tolerance={"x": 0.01})) == {"x": 0.5, "k": 0.75}


def test_nan_is_a_missing_value_and_infinity_is_none(opened):
    nan, inf = float("nan"), float("inf")
    one = opened({"id": [1, 2, 3, 4, 5, 6], "x": pa.array([nan, None, nan, inf, inf, 1.0])}, "train")
    other = opened({"id": [1, 2, 3, 4, 5, 6], "x": pa.array([nan, nan, 1.0, inf, -inf, inf])}, "serving")
    for tolerance in (0.0, 0.5):
        assert shares(differing_values(one, other, "id", ["x"], tolerance=tolerance)) == {"x": 0.5}


def test_columns_of_other_types_differ_wholly_and_the_others_are_judged(opened):
    day = dt.date(2026, 1, 1)
    log = {"id": [1, 2], "a": [1, 2], "b": ["1", "2"], "at": [day, day], "d": [Decimal("1.5"), Decimal("2.5")]}
    one = opened({**log, "u": pa.array([1, 255], pa.uint8())}, "train")
    served = {"id": [1.0, 2.0], "a": ["1", "2"], "b": ["1", "3"], "at": [dt.datetime(2026, 1, 1)] * 2, "d": [1.5, 2.0]}
    other = opened({**served, "u": pa.array([1, -1], pa.int8())}, "serving")
    found = differing_values(one, other, "id", ["a", "b", "at", "d", "u"], tolerance={"u": 0.1})
    assert shares(found) == {"a": 1.0, "b": 0.5, "at": 0.0, "d": 0.5, "u": 0.5}
    assert found[0].reason == "a number in data.train, text in data.serving: no value is the same"


@pytest.mark.parametrize("kinds", [("int", "float"), ("int", "text"), ("float", "text"), ("decimal", "text")])
def test_a_key_is_the_same_whichever_type_a_system_writes_it_in(opened, engines, kinds):
    large = 2**40 + 1
    written = {
        "int": [1, 2, None, large],
        "float": [2.0, 1.0, float("nan"), 3.5],
        "text": ["2", "1", None, str(large)],
        "decimal": pa.array([Decimal(1), Decimal(2), None, Decimal(large)], pa.decimal128(20, 0)),
    }
    place = {"int": [10, 20, 30, 40], "decimal": [10, 20, 30, 40], "float": [20, 10, 1, 40], "text": [20, 10, 1, 40]}
    if "decimal" in kinds and "sqlite" in engines:
        pytest.skip("SQLite has no decimals")
    one, other = (
        opened({"id": written[name], "x": place[name]}, split, engine)
        for name, split, engine in zip(kinds, ("train", "serving"), engines, strict=True)
    )
    matched = 3 if "float" not in kinds else 2
    assert [found.value for found in differing_values(one, other, "id", ["x"])] == [0.0]
    assert unmatched_keys(one, other, "id").value == pytest.approx(2 * (4 - matched) / (2 * (4 - matched) + matched))


def test_values_are_compared_by_value_whatever_their_type(opened):
    numbers = [0.1, -0.0, 3.0, None]
    log = {"id": [1, 2, 3, 4], "x": pa.array(numbers, pa.float32()), "t": [True, False, True, None]}
    served = {"id": [1, 2, 3, 4], "x": [*numbers[:3], float("nan")], "t": [1, 0, 1, None]}
    found = differing_values(opened(log, "train"), opened(served, "serving"), "id", ["x", "t"])
    assert shares(found) == {"x": 0.0, "t": 0.0}


def test_rows_without_a_key_are_in_no_pair(opened):
    one = opened({"id": [1, None, None], "x": [1, 2, 3]}, "train")
    other = opened({"id": [1, None], "x": [1, 2]}, "serving")
    assert shares(differing_values(one, other, "id", ["x"])) == {"x": 0.0}
    assert unmatched_keys(one, other, "id").value == 0.75


def test_columns_may_have_any_name(opened):
    columns = {"id": [1], "mlq_key": [1], "a0": [1], "two words": [1]}
    found = differing_values(opened(columns, "train"), opened(columns, "serving"), "id", list(columns))
    assert set(shares(found).values()) == {0.0}


def test_what_cannot_be_compared_is_said_with_its_remedy(opened):
    one = opened({"id": [1, 1, 1, 2], "x": [1, 2, 3, 4]}, "train")
    other = opened({"id": [1, 2], "x": [1, 2]}, "serving")
    with pytest.raises(DataError, match=r"data\.train: 2 of 4 rows repeat a value of the key 'id'\n.*name a key"):
        differing_values(one, other, "id", ["x"])
    with pytest.raises(DataError, match="no value of the key 'id' stands in both"):
        differing_values(other, opened({"id": [8, 9], "x": [1, 2]}, "later"), "id", ["x"])
    with pytest.raises(DataError, match=r"'id' is a number in data\.serving and a time in data\.times"):
        unmatched_keys(other, opened({"id": [dt.date(2026, 1, 1)]}, "times"), "id")
    with pytest.raises(DataError, match="there is no column 'y'"):
        differing_values(other, other, "id", ["y"])
    with pytest.raises(DataError, match="tolerance: 'X' is no column to compare"):
        differing_values(other, other, "id", ["x"], tolerance={"X": 0.1})
    with pytest.raises(ValueError, match="tolerance of 'x'"):
        differing_values(other, other, "id", ["x"], tolerance=-1)
