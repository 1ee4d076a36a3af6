"""Tables of engines: SQLite and DuckDB files for real, and what is said where an engine cannot be had."""

import sqlite3
import sys

import duckdb
import pytest

from pytest_mlquality.data import open_split
from pytest_mlquality.errors import DataError, MissingExtra


@pytest.fixture
def warehouse(tmp_path):
    with sqlite3.connect(tmp_path / "w.db") as con:
        con.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, age REAL, town TEXT, member BOOLEAN)")
        con.executemany(
            "INSERT INTO people VALUES (?, ?, ?, ?)",
            [(n, None if n % 10 == 0 else n * 0.5, "Lynn" if n % 4 else "Boston", n % 2) for n in range(1, 101)],
        )
    con.close()
    con = duckdb.connect(str(tmp_path / "w.duckdb"))
    con.execute("CREATE TABLE people AS SELECT * FROM range(1, 101) AS r(id)")
    con.execute("CREATE SCHEMA mart; CREATE TABLE mart.people AS SELECT * FROM range(7) AS r(id)")
    con.close()
    return tmp_path


@pytest.mark.parametrize("engine", ["sqlite:///w.db", "sqlite://w.db", "sqlite:///{base}/w.db", "duckdb:///w.duckdb"])
def test_a_table_of_an_engine_answers_like_a_file(warehouse, engine):
    split = open_split("test", source="people", engine=engine.format(base=warehouse), filter="id > 10", base=warehouse)
    assert split.rows == 90
    assert split.count("id <= 50") == 40
    assert split.frame(["id"])["id"].tolist() == list(range(11, 101))
    assert split.files == ()


def test_sqlite_answers_every_question(warehouse):
    split = open_split("test", source="people", engine="sqlite:///w.db", base=warehouse)
    assert split.schema == {"id": "int64", "age": "float64", "town": "string", "member": "boolean"}
    assert split.nulls(["age", "town"]) == {"age": 10, "town": 0}
    assert [len(piece) for piece in split.batches(["id", "age"], rows=30)] == [30, 30, 30, 10]
    assert split.source == "people in sqlite:///w.db"


def test_a_schema_stands_before_the_table(warehouse):
    assert open_split("test", source="mart.people", engine="duckdb:///w.duckdb", base=warehouse).rows == 7


def test_several_processes_may_read_one_duckdb_file(warehouse):
    import subprocess

    held = open_split("test", source="people", engine="duckdb:///w.duckdb", base=warehouse)
    code = (
        "from pathlib import Path; from pytest_mlquality.data import open_split;"
        f"print(open_split('test', source='people', engine='duckdb:///w.duckdb', base=Path({str(warehouse)!r})).rows)"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(other.stdout) == held.rows == 100


def test_a_file_is_given_back_when_its_tables_are_gone(warehouse):
    import gc

    split = open_split("test", source="people", engine="duckdb:///w.duckdb", base=warehouse)
    del split
    gc.collect()
    con = duckdb.connect(str(warehouse / "w.duckdb"))
    con.execute("CREATE TABLE more (a INT)")
    con.close()


def test_a_table_that_is_not_there_names_the_nearest(warehouse):
    with pytest.raises(DataError, match=r"data\.test\.source: there is no table 'poeple' .*did you mean 'people'"):
        open_split("test", source="poeple", engine="sqlite:///w.db", base=warehouse)


def test_a_database_file_that_is_not_there_is_not_created(tmp_path):
    for scheme in ("sqlite", "duckdb"):
        with pytest.raises(DataError, match=r"data\.test\.engine: there is no database file 'no\.db'"):
            open_split("test", source="people", engine=f"{scheme}:///no.db", base=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "w.db").write_bytes(b"hello, this is no database at all" * 50)
    with pytest.raises(DataError, match=r"data\.test"):
        open_split("test", source="people", engine="sqlite:///w.db", base=tmp_path)
    with pytest.raises(DataError, match=r"data\.test\.engine: cannot connect to duckdb:///w\.db"):
        open_split("test", source="people", engine="duckdb:///w.db", base=tmp_path)


def test_a_missing_driver_names_the_pip_line(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)  # what an environment without the driver does
    for scheme in ("postgres", "postgresql"):
        with pytest.raises(MissingExtra, match=r"data\.test\.engine: .*'postgres' needs a driver") as caught:
            open_split("test", source="people", engine=f"{scheme}://localhost/db", base=tmp_path)
        assert caught.value.remedy == 'pip install "ibis-framework[postgres]"'


def test_an_engine_that_nobody_knows_names_the_nearest(tmp_path):
    with pytest.raises(DataError, match=r"no engine is called 'postgre'.*did you mean 'postgres'"):
        open_split("test", source="people", engine="postgre://localhost/db", base=tmp_path)
    with pytest.raises(DataError, match="not the URL of an engine"):
        open_split("test", source="people", engine="warehouse", base=tmp_path)


def test_a_bare_name_without_an_engine_says_what_a_source_may_be(tmp_path):
    with pytest.raises(DataError, match=r"'people' is neither a file nor a function[\s\S]*\.parquet"):
        open_split("test", source="people", base=tmp_path)


def test_a_file_is_read_by_the_embedded_engine_whatever_engine_stands_there(tmp_path):
    (tmp_path / "f.csv").write_text("a\n1\n")
    assert open_split("train", source="f.csv", engine="sqlite:///no.db", base=tmp_path).rows == 1


def test_filters_of_a_table_are_in_its_own_dialect(warehouse):
    split = open_split("test", source="people", engine="sqlite:///w.db", filter="town GLOB 'L*'", base=warehouse)
    assert split.rows == 75
    with pytest.raises(DataError, match=r"data\.test\.filter.*there is no column 'agee'[\s\S]*SQL as sqlite knows it"):
        open_split("test", source="people", engine="sqlite:///w.db", filter="agee > 1", base=warehouse)
