"""Every engine counts the same: DuckDB streamed and asked, Polars, SQLite."""

import pytest
from profiled import assert_alike, in_duckdb, in_polars, in_sqlite, rows

from pytest_mlquality.data.profiles import profile


@pytest.fixture(scope="module")
def frame():
    return rows(2_000)


@pytest.fixture(scope="module")
def reference(frame):
    return profile(in_duckdb(frame))


@pytest.fixture(scope="module")
def tables(frame, tmp_path_factory):
    folder = tmp_path_factory.mktemp("engines")
    return lambda engine, some: {
        "asked": lambda: in_duckdb(some, streams=False),
        "polars": lambda: in_polars(some),
        "sqlite": lambda: in_sqlite(some, folder / f"{len(some)}.db"),
    }[engine]()


@pytest.mark.parametrize("engine", ["asked", "polars", "sqlite"])
def test_engines_count_the_same_in_the_bins_of_a_reference(tables, frame, reference, engine):
    other = rows(1_500, seed=1)
    other.loc[10:30, "colour"] = "new"
    wanted = profile(in_duckdb(other), like=reference, unit="age")
    found = profile(tables(engine, other), like=reference, unit="age")
    assert_alike(found, wanted, nan=engine != "sqlite")
    assert found.effective_rows == pytest.approx(wanted.effective_rows)
    assert found.columns["colour"].new_labels == {"new": 21}


@pytest.mark.parametrize("engine", ["polars", "sqlite"])
def test_engines_choose_the_same_bins(tables, frame, reference, engine):
    found = profile(tables(engine, frame))
    assert_alike(found, reference, nan=engine != "sqlite")


@pytest.mark.parametrize("engine", ["asked", "polars", "sqlite"])
def test_no_row_is_a_reference_too(tables, frame, engine):
    found = profile(tables(engine, frame[:0]))
    assert {column.rows for column in found.columns.values()} == {found.rows} == {0}
