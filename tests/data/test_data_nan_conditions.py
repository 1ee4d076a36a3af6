"""NaN in conditions that people write is no value, as NULL is: on every engine that has it."""

import ibis
import polars
import pyarrow as pa
import pytest
from pyarrow import parquet

from pytest_mlquality.data import open_split
from pytest_mlquality.data.condition import holding, with_conditions
from pytest_mlquality.errors import DataError

NAN = float("nan")
ROWS = pa.table(
    {
        "i": list(range(6)),
        "x": pa.array([1.0, NAN, 70.0, None, -0.0, 0.0]),
        "f": pa.array([1.0, NAN, 70.0, 3.0, 4.0, 5.0], pa.float32()),
        "Two words": pa.array([1.0, NAN, 70.0, None, 0.0, 0.0]),
        "a": [0.0, 1.0, 2.0, 0.0, None, 3.0],
        "b": [0.0, 1.0, 1.0, 0.0, 1.0, 0.0],
        "s": ["nan", "3", "1", None, "70", ""],
        "st": [{"v": NAN}, {"v": 2.0}, None, None, {"v": 0.5}, None],
    }
)
HOLDS = {
    "x > 65": [2],
    "NOT x <= 65": [2],
    "f > 65": [2],
    '"Two words" > 65 -- and no more': [2],
    "x IS NULL": [1, 3],
    "x IS NOT NULL AND f IS NOT NULL": [0, 2, 4, 5],
    "coalesce(x, 0) <= 0": [1, 3, 4, 5],
    "x NOT IN (1, 2)": [2, 4, 5],
    "x BETWEEN 2 AND 100": [2],
    "i + x > 65 OR i = 1": [1, 2],
}
OF_DUCKDB = {
    "X > 65": [2],
    "isnan(x)": [1],
    "isnan(x) OR x > 65": [1, 2],
    "NOT isnan(x)": [0, 2, 4, 5],
    "isfinite(f)": [0, 2, 3, 4, 5],
    "x = 'NaN'": [1],
    # What is computed is no number either.
    "a / b > 1": [2, 5],
    "NOT a / b <= 1": [2, 5],
    "coalesce(a / b, 7) > 5": [0, 3, 4, 5],
    "isnan(a / b)": [0, 3],
    "TRY_CAST(s AS DOUBLE) > 2": [1, 4],
    "st.v > 1": [1],
    "len(list_filter([1.0], q -> q / a > 0)) >= 0 AND i = 0": [0],
}


def on_duckdb_of_its_own(folder):
    # As a view of a warehouse: its optimizer concludes from the file that no value is NaN.
    parquet.write_table(ROWS, folder / "own.parquet")
    return ibis.duckdb.connect().read_parquet(folder / "own.parquet")


def on_embedded_duckdb(folder):
    parquet.write_table(ROWS, folder / "rows.parquet")
    return open_split("test", source="rows.parquet", base=folder).expression


def on_polars(_folder):
    return ibis.polars.connect({"rows": polars.from_arrow(ROWS.drop_columns("st"))}).table("rows")


def held(table, condition):
    """Rows of which a condition holds, as a filter and as a column beside them; values are handed out as they are."""
    rows = holding(table, condition).to_pyarrow()
    beside = with_conditions(table, {"holds": condition}).to_pyarrow()
    assert rows.column_names == list(table.columns)
    assert beside.column_names == [*table.columns, "holds"]
    assert str(beside["x"].to_pylist()) == str(ROWS["x"].to_pylist())
    assert str(rows["x"].to_pylist()) == str(ROWS["x"].take(rows["i"]).to_pylist())
    assert [i for i, holds in enumerate(beside["holds"].to_pylist()) if holds] == rows["i"].to_pylist()
    return rows["i"].to_pylist()


@pytest.mark.parametrize("engine", [on_embedded_duckdb, on_duckdb_of_its_own, on_polars])
def test_a_nan_is_no_value_in_a_condition(tmp_path, engine):
    table = engine(tmp_path)
    assert {condition: held(table, condition) for condition in HOLDS} == HOLDS


def test_what_is_computed_and_what_asks_for_nan_by_name(tmp_path):
    table = on_embedded_duckdb(tmp_path)
    assert {condition: held(table, condition) for condition in OF_DUCKDB} == OF_DUCKDB


def test_a_condition_that_names_no_floating_column_is_asked_as_it_is_written(tmp_path):
    table = on_embedded_duckdb(tmp_path)
    query = ibis.to_sql(holding(table, "i > 3 AND s <> 'x'"))
    assert "NAN" not in query.upper()
    assert "held" not in query


def test_a_bad_condition_is_named_as_it_is_written(tmp_path):
    on_embedded_duckdb(tmp_path)
    with pytest.raises(DataError, match=r"data\.test\.filter: 'x / b > DATE 1' is not a condition"):
        open_split("test", source="rows.parquet", base=tmp_path, filter="x / b > DATE 1")
