"""Rows of Parquet files that are read without the engine are the rows that the engine would give."""

import datetime as dt
import decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlquality.data import open_split, parquet_rows, reading
from pytest_mlquality.data.profiles import profile
from pytest_mlquality.errors import DataError

ROWS = 1_000
draw = np.random.default_rng(5)
MISSING = draw.random(ROWS) < 0.1


def column(values, type_=None):
    return pa.array(values, type=type_, mask=MISSING)


PLAIN = {
    "byte": column(draw.integers(-128, 128, ROWS), pa.int8()),
    "long": column(draw.integers(-(2**63), 2**63, ROWS), pa.int64()),
    "unsigned": column(draw.integers(0, 2**64, ROWS, dtype="uint64"), pa.uint64()),
    "single": column(draw.normal(size=ROWS), pa.float32()),
    "double": column(np.where(draw.random(ROWS) < 0.1, np.nan, draw.normal(size=ROWS))),
    "infinite": column(np.where(draw.random(ROWS) < 0.1, -np.inf, draw.normal(size=ROWS))),
    "truth": column(draw.random(ROWS) < 0.5),
    'a.b "c"': column(draw.choice(["Lynn, MA", "", "Zürich"], ROWS)),
    "at": column(draw.integers(-(10**15), 10**15, ROWS), pa.timestamp("us")),
    "nanoseconds": column(draw.integers(-(10**18), 10**18, ROWS), pa.timestamp("ns")),
    "large": column(draw.choice(["a", "ß"], ROWS), pa.large_string()),
    "day": column(draw.integers(-9_000, 9_000, ROWS).astype("datetime64[D]"), pa.date32()),
}
OTHERS = {
    "decimal": pa.array([decimal.Decimal("1.25")] * ROWS),
    "category": pa.array(draw.choice(["a", "b"], ROWS)).dictionary_encode(),
    "zoned": pa.array([dt.datetime(2026, 1, 1, tzinfo=dt.UTC)] * ROWS, pa.timestamp("us", "Europe/Berlin")),
    "milliseconds": pa.array([10**12 + 1] * ROWS, pa.timestamp("ms")),
    "list": pa.array([[1, 2]] * ROWS),
    "nothing": pa.nulls(ROWS),
}


@pytest.fixture
def written(tmp_path):
    def write(name="rows.parquet", **columns):
        pq.write_table(pa.table(columns), tmp_path / name, row_group_size=300)

    return write


@pytest.fixture
def alone(monkeypatch):
    """The engine streams nothing."""

    def refused(*_args, **_options):
        raise AssertionError("the engine was asked")

    monkeypatch.setattr(reading, "_from_duckdb", refused)


def streamed(split, names=None, size=256):
    batches = list(split.arrow_batches(names or split.columns, size, ordered=False))
    assert max(batch.num_rows for batch in batches) <= size
    return pa.concat_tables(batches)


def by_the_engine(split, names=None):
    return split.expression.select(list(names or split.columns)).to_pyarrow()


def test_plain_columns_are_those_of_the_engine(tmp_path, written, alone):
    written(**PLAIN)
    split = open_split("test", source="rows.parquet", base=tmp_path)
    read, asked = streamed(split), by_the_engine(split)
    assert read.schema.equals(asked.schema)
    for name in PLAIN:
        assert read[name].is_null().to_pylist() == asked[name].is_null().to_pylist()
        assert str(read[name].to_pylist()) == str(asked[name].to_pylist()), name


@pytest.mark.parametrize("name", OTHERS)
def test_types_that_the_engine_makes_others_of_are_left_to_it(tmp_path, written, name):
    written(number=PLAIN["double"], **{name: OTHERS[name]})
    split = open_split("test", source="rows.parquet", base=tmp_path)
    assert not parquet_rows.can_read(split.files, split.expression.select([name]).schema().to_pyarrow())
    assert str(streamed(split)[name].to_pylist()) == str(by_the_engine(split)[name].to_pylist())


def test_columns_are_given_in_the_order_asked_for(tmp_path, written, alone):
    written(a=[1, 2], b=[3, 4], **{"b.c": [5, 6]})
    split = open_split("test", source="rows.parquet", base=tmp_path)
    assert streamed(split, ["b", "a"]).to_pydict() == {"b": [3, 4], "a": [1, 2]}


def test_files_follow_each_other(tmp_path, written, alone):
    written("b.parquet", x=[4, 5])
    written("a.parquet", x=[1, 2, 3])
    split = open_split("test", source="*.parquet", base=tmp_path)
    assert [batch["x"].to_pylist() for batch in split.arrow_batches(["x"], 2)] == [[1, 2], [3, 4], [5]]
    assert [batch["x"].to_pylist() for batch in split.arrow_batches(["x"], 9)] == [[1, 2, 3, 4, 5]]
    assert [batch["x"].to_pylist() for batch in split.arrow_batches(["x"], 1)] == [[1], [2], [3], [4], [5]]


def test_files_may_differ_in_what_the_engine_does_not_show(tmp_path, alone):
    sure = pa.schema([pa.field("x", pa.int64(), nullable=False), pa.field("t", pa.string())])
    pq.write_table(pa.table({"x": [1], "t": ["a"]}, schema=sure), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": [None, 3], "t": pa.array(["b", "a"]).dictionary_encode()}), tmp_path / "b.parquet")
    split = open_split("test", source="*.parquet", base=tmp_path)
    assert streamed(split).to_pydict() == {"x": [1, None, 3], "t": ["a", "b", "a"]}


def test_a_filter_is_obeyed(tmp_path, written):
    written(x=list(range(100)))
    split = open_split("test", source="rows.parquet", base=tmp_path, filter="x % 10 = 0")
    assert sorted(streamed(split)["x"].to_pylist()) == list(range(0, 100, 10))
    whole = open_split("test", source="rows.parquet", base=tmp_path)
    assert sorted(streamed(whole.where("x < 3"))["x"].to_pylist()) == [0, 1, 2]


def test_other_values_of_a_column_are_given(tmp_path, written):
    written(x=[1, 2, 3])
    split = open_split("test", source="rows.parquet", base=tmp_path)
    other = split.with_values({"x": split.expression.x * 10})
    assert sorted(streamed(other)["x"].to_pylist()) == [10, 20, 30]


def test_files_of_different_types_are_read_as_the_wider_one(tmp_path, written):
    written("a.parquet", x=pa.array([1, 2], pa.int32()))
    written("b.parquet", x=[2.5])
    split = open_split("test", source="*.parquet", base=tmp_path)
    assert sorted(streamed(split)["x"].to_pylist()) == [1.0, 2.0, 2.5]


def test_a_folder_says_more_than_the_column_in_it(tmp_path, written):
    (tmp_path / "year=2015").mkdir()
    written("year=2015/rows.parquet", x=[1], year=[0])
    split = open_split("test", source="year=*/*.parquet", base=tmp_path)
    assert streamed(split, ["year"]).to_pylist() == by_the_engine(split, ["year"]).to_pylist() == [{"year": 2015}]


def test_a_broken_page_is_told(tmp_path, written):
    written(x=draw.normal(size=100_000), y=draw.normal(size=100_000))
    file = tmp_path / "rows.parquet"
    whole = bytearray(file.read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 50_000] = bytes(50_000)
    file.write_bytes(whole)
    split = open_split("test", source="rows.parquet", base=tmp_path)
    with pytest.raises(DataError, match=r"data\.test: rows\.parquet cannot be read"):
        streamed(split)


def test_a_profile_is_the_same_with_the_engine(tmp_path, written, monkeypatch):
    written(**PLAIN, decimal=OTHERS["decimal"])
    reference = profile(open_split("train", source="rows.parquet", base=tmp_path))
    current = open_split("test", source="rows.parquet", base=tmp_path)
    alone = profile(current, like=reference)
    monkeypatch.setattr(parquet_rows, "can_read", lambda *_: False)
    asked = profile(current, like=reference)
    for name, one in asked.columns.items():
        other = alone.columns[name]
        assert (one.counts, one.missing, one.nan, one.zeros) == (other.counts, other.missing, other.nan, other.zeros)
        assert one.sums == pytest.approx(other.sums, rel=1e-9, abs=1e-9) if one.sums else one.sums == other.sums
