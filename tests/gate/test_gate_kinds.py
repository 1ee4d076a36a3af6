"""Columns as warehouses and exports have them: decimals, dates, far times, large ids, odd names and types."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from pytest_mlquality.cli import main

ROWS = 2000
MODEL = """\
import numpy as np
import pytest_mlquality

@pytest_mlquality.model(features=["x"], classes=[0, 1])
def predict(frame):
    return np.where(frame["x"] > 0, .8, .2)
"""
DATA = '[data]\ntarget = "y"\n{keys}[data.test]\nsource = "{test}"\n'
ASKED = f'[model]\nuri = "python:m:predict"\n{DATA}'
SKEWED = '[data.train]\nsource = "{test}"\n[skew.metrics]\njoint_drift = {{ at_most = 0.9 }}\n'
SLICED = '[performance.slices]\nby = ["v"]\n[performance.slices.gap]\naccuracy = { at_most = 0.1 }\n'
WEAK = '[performance.weak_slices]\ncolumns = ["v"]\ngap = { accuracy = { at_most = 0.1 } }\n'


@pytest.fixture
def gate(project):
    """Write `test.parquet` or another file, run a gate on it, and return its measurements by name."""
    project.write("m.py", MODEL)

    def run(table, settings, *options, test="test.parquet", keys=""):
        write = feather.write_feather if test.endswith(".feather") else parquet.write_table
        write(table, project.path / test)
        project.write("mlquality.toml", settings.replace("{test}", test).replace("{keys}", keys))
        project.run(*options)
        checks = project.subject()["checks"]
        assert not [check["message"] for check in checks if check["outcome"] == "error"]
        return {m["name"]: m for check in checks for m in check["measurements"]}

    return run


def rows(**columns):
    draw = np.random.default_rng(0)
    x = draw.normal(size=ROWS)
    return {"x": x, "y": (x > 0).astype(int), **columns}


def weak_where(flags):
    """Rows in some of which the model is of no use."""
    some = rows()
    some["y"] = np.where(flags & (np.random.default_rng(1).random(ROWS) < 0.5), 1 - some["y"], some["y"])
    return some


def values_of(found):
    return {name: m["value"] for name, m in found.items()}


def test_a_decimal_is_cut_into_slices_as_the_same_double(gate):
    prices = np.random.default_rng(2).integers(0, 5000, ROWS) / 100
    some = weak_where(prices < 10)
    decimals = pa.array([Decimal(f"{price:.2f}") for price in prices], pa.decimal128(10, 2))
    one, other = (
        values_of(gate(pa.table({**some, "v": column}), ASKED + SLICED + WEAK, "-k", "slice"))
        for column in (decimals, prices)
    )
    assert one == other
    assert max(value for value in one.values() if value is not None) > 0.3


def test_a_date_gives_a_label_away_as_a_timestamp_does(gate):
    draw = np.random.default_rng(3)
    some = rows()
    days = np.where(some["y"] == 1, draw.integers(0, 500, ROWS), draw.integers(500, 1000, ROWS))
    moments = pd.Timestamp("2021-01-01") + pd.to_timedelta(days, unit="D")
    leak = "[data.train]\nsource = '{test}'\n[schema.leakage]\nsingle_column_score = { at_most = 0.9 }\n"
    for column in (pa.array(moments.date), pa.array(moments)):
        found = gate(pa.table({"y": some["y"], "v": column}), DATA + leak, "-k", "single")
        assert found["v"]["value"] > 0.99


def test_numbers_of_a_small_spread_are_cut_as_the_same_less_their_minimum(gate):
    quarter = np.random.default_rng(4).integers(0, 31, ROWS)
    some = weak_where((quarter >= 15) & (quarter < 20))
    small, dates, prices = (
        gate(pa.table({**some, "v": base + quarter * step}), ASKED + SLICED + WEAK, "-k", "slice")
        for base, step in ((0, 1), (20240501, 1), (1_000_000, 0.25))
    )
    assert list(values_of(small).values()) == list(values_of(dates).values()) == list(values_of(prices).values())
    assert max(value for name, value in values_of(dates).items() if "2024" in name) > 0.3
    assert "accuracy_gap[v < 20240508]" in dates


def test_lists_and_records_call_no_weak_slice(project, gate):
    quarter = np.random.default_rng(7).integers(0, 4, ROWS)
    nested = {"words": [[int(one)] for one in quarter], "record": [{"a": int(one)} for one in quarter]}
    project.write("m.py", MODEL.replace('features=["x"', 'features=["x", "v", "words", "record"'))
    table = pa.table({**weak_where(quarter == 1), "v": quarter, **nested})
    found = gate(table, ASKED + WEAK.replace('columns = ["v"]\n', ""), "-k", "slice")
    assert found["accuracy_gap[1 <= v < 2]"]["value"] > 0.3
    asked = (ASKED + WEAK).replace("{test}", "test.parquet").replace("{keys}", "")
    project.write("mlquality.toml", asked.replace('["v"]', '["words"]'))
    project.run("-k", "slice").stdout.fnmatch_lines(["*the cells of words are lists or records*"])


LARGE = [2**60 + place for place in range(ROWS)]
LARGE[7] = None
ID_TYPES = [pa.int64(), pa.decimal128(38, 9)]


def ids(numbers, type_):
    exact = [Decimal(one) if one is not None and pa.types.is_decimal(type_) else one for one in numbers]
    return pa.array(exact, type_)


@pytest.mark.parametrize("type_", ID_TYPES, ids=str)
def test_large_ids_of_which_one_is_missing_find_their_groups(gate, project, type_):
    sex = np.where(np.arange(ROWS) % 2, "f", "m")
    parquet.write_table(pa.table({"id": ids(LARGE, pa.int64()), "sex": sex}), project.path / "people.parquet")
    fair = '[fairness]\nby = ["sex"]\n[fairness.table]\nsource = "people.parquet"\n[fairness.metrics]\n'
    fair += "demographic_parity_difference = { at_most = 0.2 }\n"
    found = gate(pa.table(rows(id=ids(LARGE, type_))), ASKED + fair, "-k", "parity_difference", keys='key = "id"\n')
    reason = found["demographic_parity_difference[sex]"]["reason"]
    assert "of 999" in reason
    assert "of 1,000" in reason


@pytest.mark.parametrize("type_", ID_TYPES, ids=str)
def test_large_ids_of_which_one_is_missing_are_so_many_units(gate, type_):
    metric = "[performance.metrics]\naccuracy = { at_least = 0.5 }\n"
    table = pa.table(rows(id=ids(LARGE, type_)))
    found = gate(table, ASKED + metric, "-k", "accuracy", keys='unit = "id"\n')["accuracy"]
    assert found["interval"][0] > 0.99


def test_a_large_id_in_groups_and_slices_is_a_label_of_its_own(gate):
    big = [2**60 + place % 3 for place in range(ROWS)]
    big[7] = None
    found = gate(pa.table({**weak_where(np.arange(ROWS) % 3 == 1), "v": big}), ASKED + SLICED, "-k", "slice")
    assert found[f"accuracy_gap[v = {2**60 + 1}]"]["value"] > 0.4


def far(kind):
    hours = np.random.default_rng(5).integers(0, 5000, ROWS)
    moments = [dt.datetime(2024, 1, 1) + dt.timedelta(hours=int(one)) for one in hours]
    moments[:3] = [dt.datetime(1, 1, 1), None, dt.datetime(9999, 12, 31, 23, 59)]
    moments[20:300] = [dt.datetime(9999, 12, 31)] * 280
    if kind == "date":
        return pa.array([one and one.date() for one in moments])
    return pa.array(moments, pa.timestamp("us", "UTC") if kind == "zoned" else pa.timestamp(kind))


def init(*options):
    named = ["--data", "test=test.parquet", "--data", "train=test.parquet", "--target", "y"]
    return main(["init", *named, "--directory", "proposed", "--explore", *options])


def test_times_of_year_1_and_9999_are_measured_and_proposed_for(gate):
    table = pa.table(rows(**{kind: far(kind) for kind in ("us", "s", "zoned", "date")}))
    found = gate(table, DATA + SKEWED.format(test="{test}"), "-k", "skew")
    assert found["joint_drift"]["value"] is not None
    assert init("--time", "us") == 0


def test_windows_and_slices_of_far_times_are_those_that_have_rows(gate):
    sliced = '[performance.slices]\ntime = "1 month"\n[performance.slices.gap]\naccuracy = { at_most = 0.9 }\n'
    found = gate(pa.table(rows(v=far("us"))), ASKED + sliced, "-k", "slice", keys='time = "v"\n')
    assert "accuracy_gap[v from 9999-12]" in found


def test_a_column_may_be_called_anything(gate):
    draw = np.random.default_rng(6)
    names = ["self", "other", "by", "exprs", "predicates", "data", "kwargs", "mlq_place", "{name}", 'a"b']
    days = {f"{name} at": pa.array(far("date")) for name in ("{name}", 'a"b')} | {"value": far("date")}
    table = pa.table(rows(**{name: draw.normal(size=ROWS) for name in names}, **days))
    found = gate(table, DATA + SKEWED.format(test="{test}"), "-k", "skew")
    assert found["joint_drift"]["value"] is not None
    assert init() == 0


def test_a_column_called_self_is_asked_about_with_other_values(gate, project):
    explained = "[explanation]\n[explanation.metrics]\nunused_columns = { at_most = 1 }\n"
    table = pa.table(rows())
    project.write("m.py", MODEL.replace('"x"', '"self"'))
    found = gate(table.rename_columns(["self", "y"]), ASKED + explained)
    assert found["unused_columns"]["value"] == 0


ODD = {
    "duration": pa.array([1, None] * (ROWS // 2), pa.duration("us")),
    "durations": pa.array([[1], None] * (ROWS // 2), pa.list_(pa.duration("s"))),
    "interval": pa.nulls(ROWS, pa.month_day_nano_interval()),
    "half": pa.array(np.ones(ROWS, dtype=np.float16)),
    "wide": pa.array([Decimal(1), None] * (ROWS // 2), pa.decimal256(50, 2)),
    "nothing": pa.nulls(ROWS),
    "struct": pa.array([{"a": 1}, None] * (ROWS // 2)),
    "list": pa.array([[1], None] * (ROWS // 2)),
}


def test_columns_of_odd_types_matter_only_where_they_are_asked_for(gate, project):
    metric = "[performance.metrics]\naccuracy = { at_least = 0.5 }\n"
    ignored = f"ignore = {list(ODD)}\n"
    found = gate(pa.table(rows(**ODD)), ASKED + metric, "-k", "accuracy", test="test.feather", keys=ignored)
    assert found["accuracy"]["value"] == 1
    project.write(
        "mlquality.toml",
        (ASKED + SLICED).replace("{test}", "test.feather").replace("{keys}", "").replace('["v"]', '["duration"]'),
    )
    project.run("-k", "slice").stdout.fnmatch_lines(["*column 'duration' is of type interval*", "*store durations as*"])


@pytest.mark.parametrize(
    ("values", "window"),
    [([202405, 202406], "2024-05"), ([20240501, 20240601], "2024-05"), ([2024, 2023], "2024-01")],
)
def test_years_months_and_days_written_as_numbers_make_windows(gate, values, window):
    sliced = '[performance.slices]\ntime = "1 month"\n[performance.slices.gap]\naccuracy = { at_most = 0.9 }\n'
    found = gate(pa.table(rows(v=values * (ROWS // 2))), ASKED + sliced, "-k", "slice", keys='time = "v"\n')
    assert f"accuracy_gap[v from {window}]" in found


@pytest.mark.parametrize("number", [1714521600, 1714521600000, 19845])
def test_other_whole_numbers_as_time_are_told_what_to_write(project, number):
    project.write("m.py", MODEL)
    parquet.write_table(pa.table(rows(v=[number] * ROWS)), project.path / "test.parquet")
    sliced = '[performance.slices]\ntime = "1 month"\n[performance.slices.gap]\naccuracy = { at_most = 0.9 }\n'
    settings = (ASKED + sliced).replace("{test}", "test.parquet").replace("{keys}", 'time = "v"\n')
    project.write("mlquality.toml", settings)
    project.run("-k", "slice").stdout.fnmatch_lines(
        ["*'v' of [[]data[]] time*values are no time*", "*pandas.to_datetime*"]
    )
