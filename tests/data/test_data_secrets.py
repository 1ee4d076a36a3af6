"""A canary as password, token and value of the environment: it is in no message, cause or traceback."""

import sqlite3
import sys
import traceback

import pytest

from pytest_mlquality import redaction
from pytest_mlquality.data import open_split
from pytest_mlquality.errors import MLQualityError

CANARY = "".join(["kanarien", "vogel", "77"])  # in pieces, since tracebacks print the lines of this file


def everything_said(error):
    """What any handler could print: the message, the whole chain, and every exception behind it."""
    said = ["".join(traceback.format_exception(error)), repr(error), repr(error.args)]
    cause = error.__cause__
    while cause is not None:
        said += [str(cause), repr(cause.args)]
        cause = cause.__cause__ or cause.__context__
    return "\n".join(said)


ENGINES = {
    "missing driver": "postgres://bob:{}@localhost/db",
    "unknown engine": "nosuch://bob:{}@localhost/db",
    "missing package": "snowflake://bob:{}@account/db",
    "missing file": "sqlite:///{}/w.db",
    "password of a file": "sqlite://bob:{}@host/w.db",
    "unknown option": "duckdb:///w.duckdb?token={}",
    "no URL": "bob:{}@localhost",
    "port that is none": "postgres://bob:{}@localhost:port/db",
    "brackets": "postgres://bob:{}@[localhost/db",
    "encoded": "mysql://bob:%40{}@localhost/db",
}


@pytest.mark.parametrize("case", ENGINES)
def test_nothing_of_an_engine_that_cannot_be_had_tells_the_password(tmp_path, monkeypatch, case):
    for driver in ("psycopg", "MySQLdb", "snowflake"):
        monkeypatch.setitem(sys.modules, driver, None)
    import duckdb

    duckdb.connect(str(tmp_path / "w.duckdb")).close()
    if case in ("missing file", "no URL"):
        redaction.remember(CANARY)  # it came from ${NAME}; elsewhere it stands in the settings as it is
    with pytest.raises(MLQualityError) as caught:
        open_split("test", source="people", engine=ENGINES[case].format(CANARY), base=tmp_path)
    assert CANARY not in everything_said(caught.value)
    assert "data.test.engine" in str(caught.value)


@pytest.fixture
def warehouse(tmp_path):
    con = sqlite3.connect(tmp_path / "w.db")
    con.execute("CREATE TABLE people (id INTEGER, town TEXT)")
    con.execute("INSERT INTO people VALUES (1, 'Lynn')")
    con.commit()
    con.close()
    redaction.remember(CANARY)
    return tmp_path


@pytest.mark.parametrize(
    "settings",
    [
        {"source": CANARY, "engine": "sqlite:///w.db"},
        {"source": f"{CANARY}.parquet"},
        {"source": f"{CANARY}/*.parquet"},
        {"source": f"{CANARY}*"},
        {"source": CANARY},
        {"source": f"python:{CANARY}:load"},
        {"source": f"python:os:{CANARY}"},
        {"source": "python:loading:load"},
        {"source": "people", "engine": "sqlite:///w.db", "filter": f"town = {CANARY}"},
        {"source": "people", "engine": "sqlite:///w.db", "filter": f"{CANARY} >"},
        {"source": "people", "engine": "sqlite:///w.db", "filter": f"town = '{CANARY}'"},
    ],
    ids=lambda settings: " ".join(settings.values()).replace(CANARY, "***"),
)
def test_nothing_of_a_split_that_cannot_be_read_tells_a_value_of_the_environment(warehouse, settings):
    (warehouse / "loading.py").write_text(
        "def load():\n    raise RuntimeError('no access with ' + 'kanarien' + 'vogel77')\n"
    )
    (warehouse / f"{CANARY}.txt").write_text("")
    with pytest.raises(MLQualityError) as caught:
        open_split("test", base=warehouse, **settings)
    assert CANARY not in everything_said(caught.value)


def test_what_a_table_says_of_itself_has_no_secret(warehouse):
    split = open_split("test", source="people", engine="sqlite:///w.db", filter=f"town <> '{CANARY}'", base=warehouse)
    with pytest.raises(MLQualityError) as caught:
        split.frame([CANARY])
    assert CANARY not in everything_said(caught.value)
    assert CANARY not in split.source + repr(split)


def test_a_description_does_not_show_its_engine(tmp_path):
    from pytest_mlquality.data import Split

    assert CANARY not in repr(Split("test", "people", tmp_path, engine=f"postgres://bob:{CANARY}@host/db"))
