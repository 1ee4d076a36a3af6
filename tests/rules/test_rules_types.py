"""What a dtype of pandera asks of a column, and what reading it as another type does."""

import sqlite3
from datetime import UTC, datetime

import ibis
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pytest

from pytest_mlquality.data.table import Origin, Table
from pytest_mlquality.rules.types import ibis_type

TYPES = [
    ("int64", "int64"),
    ("Int16", "int16"),
    ("UInt8", "uint8"),
    ("float32", "float32"),
    ("double[pyarrow]", "float64"),
    ("int64[pyarrow]", "int64"),
    ("bool", "boolean"),
    ("boolean", "boolean"),
    ("str", "string"),
    ("string", "string"),
    ("string[pyarrow]", "string"),
    ("datetime64[ns]", "timestamp"),
    ("datetime64[us, Europe/Berlin]", "timestamp('Europe/Berlin')"),
    ("timedelta64[ns]", "interval('us')"),
    ("date32[day][pyarrow]", "date"),
    ("binary[pyarrow]", "binary"),
    ("object", "None"),
    ("category", "None"),
    (pd.ArrowDtype(pa.timestamp("us")), "timestamp"),
    (pd.ArrowDtype(pa.timestamp("us", "UTC")), "timestamp('UTC')"),
    (pd.ArrowDtype(pa.duration("us")), "interval('us')"),
    (pd.ArrowDtype(pa.time64("us")), "time"),
    (pd.ArrowDtype(pa.decimal128(9, 2)), "decimal(9, 2)"),
]


@pytest.mark.parametrize(("asked", "wanted"), TYPES, ids=str)
def test_a_dtype_of_pandera_is_a_type_of_the_engine(asked, wanted):
    assert str(ibis_type(str(pandera.Column(asked).dtype))) == wanted


def read_as(dtype, values, engines, engine="duckdb", **options):
    schema = pandera.DataFrameSchema({"a": pandera.Column(dtype, coerce=True, nullable=True, **options)})
    return engines.judged(schema, getattr(engines, engine)(pa.table({"a": values})))


UNREAD = {
    "texts as whole numbers": ("int64", ["1", "-2", "x", "", "1.5", "3.0", None], 3),
    "texts as numbers": ("float64", ["1", "1e3", "x", "", None], 2),
    "numbers as whole numbers": ("int64", [1.0, 1.5, float("inf"), float("nan"), None], 2),
    "whole numbers as smaller ones": ("int8", [1, 127, 128, -129, None], 2),
    "whole numbers as texts": ("str", [1, None], 0),
    "texts as times": ("datetime64[us]", ["2024-01-31", "2024-02-31", "soon", None], 2),
}


@pytest.mark.parametrize("case", UNREAD)
def test_what_cannot_be_read_as_the_type_is_counted(engines, case):
    dtype, values, count = UNREAD[case]
    found = read_as(dtype, values, engines)
    [rule] = [rule for rule in found if "reads as" in rule]
    assert found[rule].count == count, found[rule]


def test_checks_look_at_what_was_read(engines):
    found = read_as("int64", ["1", "01", "x"], engines, checks=pandera.Check.gt(0), unique=True)
    assert {rule: finding.count for rule, finding in found.items()} == {
        "a: present": 0,
        "a: reads as int64": 1,
        "a: unique": 2,
        "a: greater_than(0)": 0,
    }


def test_a_coercion_of_the_whole_frame_is_one_of_each_column(engines):
    schema = pandera.DataFrameSchema({"a": pandera.Column(str)}, dtype="int64", coerce=True)
    found = engines.judged(schema, engines.duckdb(pa.table({"a": ["1", "x"]})))
    assert found["a: reads as int64"].count == 1


def test_what_polars_cannot_read_as_a_type_is_not_passed_over(engines):
    found = read_as("int64", ["1", "x"], engines, "polars")
    assert found["a: reads as int64"].count == 1


@pytest.fixture
def on_sqlite(tmp_path):
    with sqlite3.connect(tmp_path / "w.db") as con:
        con.execute("CREATE TABLE rows (a TEXT, b REAL)")
        con.executemany("INSERT INTO rows VALUES (?, ?)", [("1", 1.0), ("x", None), ("٣", 3.0)])
    con.close()
    return Table("test", Origin("the rows", ibis.sqlite.connect(tmp_path / "w.db").table("rows"), registered=None))


def test_what_an_engine_cannot_answer_is_broken_and_the_rest_is_judged(engines, on_sqlite):
    schema = pandera.DataFrameSchema(
        {
            "a": pandera.Column("int64", coerce=True),
            "b": pandera.Column(float, pandera.Check.gt(2), nullable=True, unique=True),
        }
    )
    found = engines.judged(schema, on_sqlite)
    assert found["a: reads as int64"].count == 1
    assert "could not be judged" in found["a: reads as int64"].message
    assert found["b: greater_than(2)"].count == 1
    assert found["b: unique"].count == 0


def test_sqlite_hands_patterns_to_python(engines, on_sqlite):
    schema = pandera.DataFrameSchema({"a": pandera.Column(str, pandera.Check.str_matches(r"\d"))})
    assert engines.judged(schema, on_sqlite)[r"a: str_matches('\d')"].count == 1


@pytest.mark.parametrize("wanted", [datetime(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC), pd.Timestamp(1, unit="ns")])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_times_with_and_without_a_zone_are_not_compared(engines, wanted, zone):
    times = pa.array([datetime(2023, 1, 1), datetime(2025, 1, 1)], pa.timestamp("ns", zone))
    schema = pandera.DataFrameSchema({"a": pandera.Column(None, pandera.Check.gt(wanted))})
    [*_, finding] = engines.judged(schema, engines.duckdb(pa.table({"a": times}))).values()
    if (zone is None) == (wanted.tzinfo is None):
        assert finding.count == (wanted.year == 2024)
    else:
        assert finding.count
        assert finding.message


@pytest.mark.parametrize("engine", ["duckdb", "polars"])
def test_a_check_in_python_sees_what_was_read(engines, engine):
    texts = ["5", "30", "1.5", "x", None]
    own = pandera.Check(lambda numbers: numbers < 10, name="small")
    schema = pandera.DataFrameSchema(
        {"a": pandera.Column("int64", own, coerce=True), "b": pandera.Column("str", pandera.Check(lambda b: b != "3"))},
        checks=pandera.Check(lambda rows: ~(rows["a"] > 10), name="no row above"),
    )
    schema.columns["b"].coerce = True
    arrow = pa.table({"a": texts, "b": pa.array([1, 2, 3, 4, 5]), "id": range(5)})
    found = engines.judged(schema, getattr(engines, engine)(arrow, key="id"))
    counts = {rule: finding.count for rule, finding in found.items() if finding.count}
    assert counts == {
        "a: reads as int64": 2,
        "a: not null": 1,
        "a: small": 1,
        "b: <lambda>": 1,
        "no row above": 1,
    }
