"""What a table answers: counts, nulls, frames, batches; and what it says to a wrong question."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlquality.data import open_split
from pytest_mlquality.errors import DataError

N = 1000


@pytest.fixture
def people(tmp_path):
    frame = pd.DataFrame(
        {
            "id": np.arange(N),
            "age": np.where(np.arange(N) % 10 == 0, np.nan, np.arange(N) % 90.0),
            "town": pd.Categorical(
                np.where(np.arange(N) % 4 == 0, "Lynn", "Boston"), categories=["Zion", "Lynn", "Boston"]
            ),
            "size": pd.array([None if n >= N - 5 else n for n in range(N)], "Int64"),
            "member": pd.array([None if n >= N - 5 else n % 2 == 0 for n in range(N)], "boolean"),
        }
    )
    frame.to_parquet(tmp_path / "people.parquet", row_group_size=300)
    return tmp_path


def opened(base, **settings):
    return open_split("test", source="people.parquet", base=base, **settings)


def test_a_filter_is_sql(people):
    assert opened(people, filter="id % 5 <> 0 -- the rest is for training").rows == 800
    assert opened(people, filter="town = 'Lynn' OR age > 80").count("town = 'Lynn'") == 250


def test_counting_follows_sql_where_null_is_not_true(people):
    split = opened(people)
    assert split.count("age >= 0") == 900
    assert split.count("age IS NULL") == 100
    assert split.count("NOT (age >= 0)") == 0


def test_missing_values_are_counted_whatever_they_are_called(tmp_path):
    pq.write_table(pa.table({"x": [1.0, float("nan"), None], "s": ["", None, "NaN"]}), tmp_path / "f.parquet")
    assert open_split("test", source="f.parquet", base=tmp_path).nulls(["x", "s"]) == {"x": 2, "s": 1}
    assert open_split("test", source="f.parquet", base=tmp_path).nulls([]) == {}


@pytest.mark.parametrize(
    "bad", ["agee > 3", "age >", "age = 1) OR (1 = 1", "SELECT 1", "id = 1; DROP TABLE people", "town > DATE 'x'"]
)
def test_a_bad_filter_names_its_key_and_a_remedy(people, bad):
    with pytest.raises(DataError, match=r"data\.test\.filter") as caught:
        opened(people, filter=bad)
    assert "\x1b" not in str(caught.value)
    assert "id, age, town" in caught.value.remedy


def test_a_filter_that_fails_on_a_value_does_not_tell_the_value(people):
    with pytest.raises(DataError, match=r"data\.test") as caught:
        opened(people, filter="CAST(town AS INTEGER) > 0")
    assert "Lynn" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_filter_that_selects_nothing_is_an_empty_split(people):
    with pytest.raises(DataError, match="no row to judge"):
        opened(people, filter="id < 0")


@pytest.mark.parametrize("ask", ["frame", "batches", "nulls"])
def test_a_column_that_is_not_there_names_split_and_nearest(people, ask):
    with pytest.raises(DataError, match=r"data\.test: there is no column 'twon' \(did you mean 'town'\?\)"):
        list(getattr(opened(people), ask)(["id", "twon"]))


def test_a_frame_has_only_the_columns_asked_for_in_their_order(people):
    split = opened(people)
    assert split.frame(["town", "id", "town"]).columns.tolist() == ["town", "id"]
    assert len(split.frame([])) == N


def test_categories_stay_with_their_order_and_the_unused_ones(people):
    split = opened(people, filter="town = 'Boston'")
    for frame in (split.frame(["town"]), next(split.batches(["town"], rows=10))):
        assert frame["town"].dtype == pd.CategoricalDtype(["Zion", "Lynn", "Boston"])
        assert set(frame["town"]) == {"Boston"}


def test_batches_are_the_frame_in_pieces_of_the_same_types(people):
    split = opened(people)
    whole = split.frame(split.columns)
    pieces = list(split.batches(split.columns, rows=300))
    assert [len(piece) for piece in pieces] == [300, 300, 300, 100]
    assert all((piece.dtypes == whole.dtypes).all() for piece in pieces)
    pd.testing.assert_frame_equal(pd.concat(pieces, ignore_index=True), whole)


def test_integers_with_missing_values_are_floats_as_pandas_reads_them(people):
    frame = opened(people).frame(["id", "size", "member"])
    assert frame["id"].dtype == "int64"
    assert frame["size"].dtype == "float64"
    assert frame["member"].tolist()[-7:] == [False, True, None, None, None, None, None]


def test_other_queries_may_run_between_two_batches(people):
    split = opened(people, filter="id >= 0")
    other = opened(people)
    seen = 0
    for one, two in zip(split.batches(["id"], rows=100), other.batches(["id"], rows=100), strict=True):
        seen += split.count(f"id = {one['id'].iloc[0]}") + other.rows - N
        assert one["id"].tolist() == two["id"].tolist()
    assert seen == 10


def test_nothing_is_written_beside_the_data(people, monkeypatch):
    monkeypatch.chdir(people)
    before = set(people.rglob("*"))
    split = opened(people)
    list(split.batches(["id"]))
    split.digest()
    assert set(people.rglob("*")) == before


def test_importing_the_room_loads_no_data_library():
    import subprocess
    import sys

    heavy = "{'ibis', 'pandas', 'numpy', 'pyarrow', 'duckdb'}"
    code = f"import sys, pytest_mlquality.data; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_nan_in_a_parquet_file_is_seen_by_every_kind_of_query(tmp_path):
    """Parquet's own smallest and largest value leave NaN out, and engines conclude too much from them."""
    values = np.random.default_rng(0).normal(size=10_000)
    values[5] = np.nan
    pq.write_table(pa.table({"x": values}), tmp_path / "a.parquet")
    table = open_split("test", source="a.parquet", base=tmp_path)
    x = table.expression.x
    answer = table.aggregates({"filter": table.expression.count(where=x.isnan()), "sum": x.isnan().sum()})
    assert answer == {"filter": 1, "sum": 1}
    assert table.count("isnan(x)") == 1
    assert table.count("NOT x <= 8") == 0
    assert table.count("x IS NULL") == 1
    assert table.where("isnan(x)").rows == 1
    assert table.nulls(["x"]) == {"x": 1}
