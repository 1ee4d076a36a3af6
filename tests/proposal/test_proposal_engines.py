"""Tables of an engine: what it cannot be asked for is left out, with a word."""

import sqlite3

import pandas as pd
import pytest

from pytest_mlquality.settings import read_settings

TABLES = ("--data", "train=train", "--data", "test=test", "--key", "id")


@pytest.fixture
def warehouse(house):
    """A house whose tables stand in SQLite and in DuckDB too."""
    import duckdb

    with sqlite3.connect(house.path / "w.db") as lite, duckdb.connect(str(house.path / "w.duckdb")) as duck:
        for split in ("train", "test"):
            frame = pd.read_parquet(house.path / f"{split}.parquet")
            frame.to_sql(split, lite, index=False)
            duck.execute(f"CREATE TABLE {split} AS SELECT * FROM frame")
    lite.close()
    return house


def test_what_sqlite_cannot_be_asked_for_is_said_and_left_out(warehouse):
    assert warehouse.init(*TABLES, "--engine", "sqlite:///w.db", "--explore", data=()) == 0, warehouse.said.err
    assert "# sqlite cannot be asked for outlier_rows\noutlier_rows = false" in warehouse.gate
    assert warehouse.schema["income"]["less_than_or_equal_to"] == 110000
    assert warehouse.passes()


def test_a_file_of_duckdb_is_looked_at_like_a_table_of_files(warehouse):
    assert warehouse.init(*TABLES, "--engine", "duckdb:///w.duckdb", data=()) == 0, warehouse.said.err
    assert "cannot be asked" not in warehouse.gate
    assert warehouse.schema["contract"]["str_matches"]
    assert warehouse.passes()


def test_the_path_of_a_database_begins_at_the_folder_of_the_gate(warehouse):
    words = (*TABLES, "--engine", "sqlite:///w.db", "--directory", "gates")
    assert warehouse.init(*words, data=()) == 0, warehouse.said.err
    data = read_settings(warehouse.path / "gates/mlquality.toml").data
    assert (data.engine, data.train.source) == ("sqlite:///../w.db", "train")


def test_a_split_that_is_added_stands_in_the_engine_of_the_file(warehouse):
    gate = '[data]\ntarget = "granted"\nkey = "id"\nengine = "sqlite:///w.db"\n[data.train]\nsource = "train"\n'
    (warehouse.path / "mlquality.toml").write_text(gate)
    assert warehouse.init("--update", data=(), target=None) == 0, warehouse.said.err
    assert "train (3,000 rows)" in warehouse.said.out
    words = ("--update", "--data", "test=test")
    assert warehouse.init(*words, data=(), target=None) == 0, warehouse.said.err
    assert "test (3,000 rows)" in warehouse.said.out


def test_splits_of_two_engines_are_not_compared(warehouse):
    words = ("--data", "train=train.parquet", "--data", "test=test", "--engine", "sqlite:///w.db", "--key", "id")
    assert warehouse.init(*words, data=()) == 0, warehouse.said.err
    assert "shared_rows = false" in warehouse.gate
    assert "data.train and data.test stand in two engines" in warehouse.gate
    assert warehouse.passes()


def test_times_of_unlike_units_have_one_type(house):
    frame = pd.read_parquet(house.path / "test.parquet")
    frame.assign(opened=frame["opened"].astype("datetime64[ms]")).to_parquet(house.path / "test.parquet")
    house.init("--key", "id")
    assert house.schema["opened"]["dtype"] == "datetime64[ns]"
    assert house.passes()


def test_a_column_of_which_an_engine_says_nothing_is_described_without(warehouse, monkeypatch):
    """Where even the range cannot be asked for, as in an engine without minima of a type."""
    from pytest_mlquality.proposal.looking import columns

    # A question that SQLite has no compilation rule for, in the place of one that it has.
    monkeypatch.setitem(columns.QUESTIONS, "low", lambda table, name, _: table[name].quantile(0.1))
    assert warehouse.init(*TABLES, "--engine", "sqlite:///w.db", data=()) == 0, warehouse.said.err
    assert "sqlite cannot be asked for its range" in warehouse.text("schema.yaml")
    assert "less_than_or_equal_to" not in warehouse.schema["income"]
    assert warehouse.passes()


def test_a_password_of_an_engine_never_stands_in_the_file(house):
    assert house.init(*TABLES, "--engine", "postgres://bob:s3cretpw@host/x", data=()) == 1
    assert "s3cretpw" not in house.said.err
    assert "${NAME}" in house.said.err
