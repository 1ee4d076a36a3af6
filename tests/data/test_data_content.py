"""The content digest: one content, one digest, over engines, layouts, widths and order; another content, another."""

import hashlib
import sqlite3
import tempfile
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlquality.data import memory, open_split
from pytest_mlquality.data.content import content_digest
from pytest_mlquality.data.source import Origin
from pytest_mlquality.data.table import Table
from pytest_mlquality.errors import DataError


def of(made):
    """Digest of a pandas, Polars or Arrow table, the way that a python: source takes."""
    expression, registered = memory.register(memory.to_arrow(made, "data.test"), "data.test")
    return content_digest(Table("test", Origin("made", expression, in_order=True, registered=registered)))


def of_file(name, write):
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        return content_digest(open_split("test", source=name, base=Path(folder)))


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-(2**53), 2**53),
        st.none() | st.floats(allow_nan=False),
        st.none() | TEXTS,
        st.none() | st.booleans(),
        st.none() | st.datetimes(datetime(1700, 1, 1), datetime(2250, 1, 1)),
    ),
    min_size=1,
    max_size=20,
)
SCHEMA = pa.schema(
    [("i", pa.int64()), ("f", pa.float64()), ("s", pa.string()), ("b", pa.bool_()), ("t", pa.timestamp("us"))]
)


def in_arrow(rows):
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), SCHEMA, strict=True)], SCHEMA
    )


@settings(max_examples=25, deadline=None, derandomize=True)
@given(ROWS, st.randoms(use_true_random=False))
def test_one_content_has_one_digest(rows, random):
    arrow = in_arrow(rows)
    expected = of(arrow)
    shuffled = list(rows)
    random.shuffle(shuffled)
    split = random.randint(0, len(rows))
    assert of(arrow.to_pandas()) == expected
    assert of(pl.from_arrow(arrow)) == expected
    assert of(in_arrow(shuffled)) == expected
    assert of(arrow.select(["t", "s", "f", "i", "b"])) == expected
    assert of(arrow.set_column(2, "s", arrow["s"].dictionary_encode())) == expected
    assert of_file("f.parquet", lambda to: pq.write_table(arrow, to / "f.parquet", row_group_size=3)) == expected
    assert of_file("f.feather", lambda to: feather.write_feather(arrow, to / "f.feather")) == expected

    def in_parts(to):
        pq.write_table(arrow.slice(split), to / "a.parquet")
        pq.write_table(arrow.slice(0, split), to / "b.parquet")

    assert of_file("*.parquet", in_parts) == expected


@settings(max_examples=25, deadline=None, derandomize=True)
@given(ROWS, st.data())
def test_another_content_has_another_digest(rows, data):
    expected = of(in_arrow(rows))
    place = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, 4))
    other = data.draw(ROWS)[0][column]
    changed = list(rows)
    changed[place] = (*rows[place][:column], other, *rows[place][column + 1 :])
    same = sorted(map(repr, in_arrow(changed).to_pylist())) == sorted(map(repr, in_arrow(rows).to_pylist()))
    same = same or (other == rows[place][column] and type(other) is type(rows[place][column]))  # 0.0 and -0.0
    assert (of(in_arrow(changed)) == expected) == same
    assert of(in_arrow([*rows, rows[0]])) != expected
    assert of(in_arrow(rows).rename_columns(["i", "f", "s", "b", "u"])) != expected


def test_it_is_the_definition_that_is_written_down():
    cell = {
        "i": b"i" + (7).to_bytes(8, "big") + bytes(24),
        "s": b"s" + hashlib.sha256(b"Lynn").digest(),
        "n": b"0" + bytes(32),
    }
    row = int.from_bytes(hashlib.sha256(cell["i"] + cell["n"] + cell["s"]).digest(), "big")
    text = b'mlquality content 1\n"i"\n"n"\n"s"\n2\n' + (2 * row % 2**256).to_bytes(32, "big")
    made = pa.table({"s": ["Lynn"] * 2, "i": [7, 7], "n": pa.array([None, float("nan")], pa.float64())})
    assert of(made) == "sha256:" + hashlib.sha256(text).hexdigest()


ALIKE = {
    "widths of integers": [pa.array([1, 2], pa.int8()), pa.array([1, 2], pa.uint64()), pa.array([1.0, 2.0])],
    "missing": [pa.array([None, 1.5]), pa.array([float("nan"), 1.5])],
    "zeros": [pa.array([0.0, 1.5]), pa.array([-0.0, 1.5])],
    "single precision": [pa.array([0.5, 1e10], pa.float32()), pa.array([0.5, 1e10])],
    "decimals": [pa.array([Decimal("1.50"), Decimal("2")]), pa.array([1.5, 2.0])],
    "units of time": [
        pa.array([datetime(2020, 1, 1, 5), None], pa.timestamp(unit)) for unit in ("s", "ms", "us", "ns")
    ],
    "dates": [pa.array([date(1950, 3, 1)]), pa.array([datetime(1950, 3, 1)])],
    "zones": [
        pa.array([datetime(2020, 1, 1, 12, tzinfo=UTC)], pa.timestamp("us", "UTC")),
        pa.array(
            [datetime(2020, 1, 1, 7, tzinfo=timezone(timedelta(hours=-5)))], pa.timestamp("us", "America/New_York")
        ),
    ],
    "widths of text": [
        pa.array(["a", None]),
        pa.array(["a", None], pa.large_string()),
        pa.array(["a", None]).dictionary_encode(),
    ],
    "lists": [pa.array([[1, 2], []]), pa.array([[1.0, 2.0], []], pa.large_list(pa.float64()))],
}


@pytest.mark.parametrize("case", ALIKE)
def test_equal_values_of_other_types_are_equal(case):
    assert len({of(pa.table({"a": values})) for values in ALIKE[case]}) == 1


DIFFERENT = [
    pa.array([1]),
    pa.array([True]),
    pa.array(["1"]),
    pa.array([b"1"]),
    pa.array([1.5]),
    pa.array([2**63], pa.uint64()),
    pa.array([2**63 + 1], pa.uint64()),
    pa.array([Decimal("0.1")]),
    pa.array([0.1]),
    pa.array([float("inf")]),
    pa.array([float("-inf")]),
    pa.array([None], pa.float64()),
    pa.array([""]),
    pa.array([[1]]),
    pa.array([[[1]]]),
    pa.array([[]], pa.list_(pa.int64())),
    pa.array([{"x": 1}]),
    pa.array([{"y": 1}]),
    pa.array([datetime(2020, 1, 1)]),
    pa.array([datetime(2020, 1, 1, microsecond=1)]),
    pa.array([1577836800]),
]


def test_different_values_differ():
    digests = [of(pa.table({"a": values})) for values in DIFFERENT]
    assert len(set(digests)) == len(DIFFERENT)
    pair = pa.table({"a": [1, 2], "b": [3, 4]})
    assert of(pair) != of(pa.table({"a": [1, 2], "b": [4, 3]}))
    assert of(pair) != of(pa.table({"a": [3, 4], "b": [1, 2]}))


def test_sqlite_and_duckdb_agree(tmp_path):
    frame = pd.DataFrame({"id": range(200), "x": np.linspace(-1, 1, 200), "town": ["Lynn", "Boston"] * 100})
    con = sqlite3.connect(tmp_path / "w.db")
    frame.sample(frac=1, random_state=1).to_sql("people", con, index=False)
    con.close()
    assert open_split("test", source="people", engine="sqlite:///w.db", base=tmp_path).digest() == of(frame)


def test_it_is_of_the_rows_that_the_filter_selects(tmp_path):
    frame = pd.DataFrame({"a": [1, 2, 3]})
    frame.to_parquet(tmp_path / "f.parquet")
    assert content_digest(open_split("test", source="f.parquet", filter="a > 1", base=tmp_path)) == of(frame[1:])


def test_many_batches_are_one_content(tmp_path):
    frame = pd.DataFrame({"a": np.arange(120_001), "s": np.arange(120_001) % 7})
    frame.to_parquet(tmp_path / "f.parquet")
    assert content_digest(open_split("test", source="f.parquet", base=tmp_path)) == of(frame[::-1])


def test_a_type_without_a_definition_is_named(tmp_path):
    import duckdb

    con = duckdb.connect(str(tmp_path / "w.duckdb"))
    con.execute("CREATE TABLE t AS SELECT INTERVAL 1 MONTH AS every")
    con.close()
    with pytest.raises(DataError, match=r"data\.test"):
        open_split("test", source="t", engine="duckdb:///w.duckdb", base=tmp_path).digest()
