"""Rows of every kind of column, and the same rows as tables of several engines."""

import sqlite3

import ibis
import numpy as np
import pandas as pd
import polars
import pyarrow as pa

from pytest_mlquality.data.memory import register
from pytest_mlquality.data.table import Origin, Table


def rows(n, seed=0):
    """Return a frame of numbers, times, labels, truths and texts, some values missing, some far out."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "normal": draw.normal(50, 10, n),
            "skewed": np.exp(draw.normal(0, 2, n)),
            "spiked": np.where(draw.random(n) < 0.4, 0.0, draw.normal(0, 1, n)),
            "small": draw.integers(0, 12, n),
            "age": draw.integers(0, 95, n),
            "at": pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 10**8, n), unit="s"),
            "colour": draw.choice(["blue", "red", "", "grün"], n, p=[0.5, 0.3, 0.15, 0.05]),
            "flag": draw.random(n) < 0.3,
            "note": [f"é{'x' * int(size)} {one}" for one, size in enumerate(draw.integers(0, 40, n))],
        }
    )
    if n > 5:
        frame.loc[:4, "spiked"] = [np.nan, np.inf, -np.inf, 1e200, np.nan]
        frame.loc[5, "colour"] = None
        frame.loc[3, "at"] = None
        frame.loc[[1, 2], "note"] = None
    return frame


def arrow_of(frame):
    """Return an Arrow table in which NaN stays NaN, as files of other makers have it."""
    columns = {}
    for name in frame.columns:
        floats = frame[name].dtype.kind == "f"
        columns[name] = pa.array(frame[name].to_numpy()) if floats else pa.array(frame[name], from_pandas=True)
    table = pa.table(columns)
    return (
        table.set_column(table.column_names.index("at"), "at", table["at"].cast(pa.timestamp("us")))
        if ("at" in table.column_names)
        else table
    )


def in_duckdb(frame, *, streams=True):
    """Return a table of the embedded engine, streamed here or, as an engine of somebody, only asked."""
    expression, registered = register(arrow_of(frame), "test")
    return Table("test", Origin("rows", expression, in_order=True, registered=registered if streams else None))


def in_polars(frame):
    """Return a table of Polars."""
    backend = ibis.polars.connect({"rows": polars.from_arrow(arrow_of(frame))})
    return Table("test", Origin("rows", backend.table("rows"), registered=None), key=None)


def in_sqlite(frame, path):
    """Return a table of an SQLite file; SQLite has no NaN and keeps it as NULL."""
    types = {"f": "REAL", "i": "INTEGER", "M": "TIMESTAMP", "b": "BOOLEAN", "O": "TEXT"}
    asked = ", ".join(f"{name} {types[frame[name].dtype.kind]}" for name in frame.columns)
    plain = frame.astype({name: str for name in frame.columns if frame[name].dtype.kind == "M"}).astype(object)
    plain = plain.where(frame.notna(), None)
    with sqlite3.connect(path) as con:
        con.execute(f"CREATE TABLE rows ({asked})")
        marks = ", ".join("?" * len(frame.columns))
        con.executemany(f"INSERT INTO rows VALUES ({marks})", plain.itertuples(index=False, name=None))
    con.close()
    return Table("test", Origin("rows", ibis.sqlite.connect(path).table("rows"), registered=None), key=None)


def assert_alike(found, wanted, *, nan=True):
    """Hold two profiles to the same counts, and to the same moments but for the rounding of floats."""
    assert (found.rows, list(found.columns)) == (wanted.rows, list(wanted.columns))
    for name, one in found.columns.items():
        other = wanted.columns[name]
        assert (one.kind, one.layout, one.rows, one.missing) == (other.kind, other.layout, other.rows, other.missing)
        assert one.counts == other.counts, name
        assert (one.zeros, one.infinite, one.new_labels) == (other.zeros, other.infinite, other.new_labels), name
        assert (one.more_labels, one.more_rows, one.distinct) == (other.more_labels, other.more_rows, other.distinct)
        if nan:
            assert one.nan == other.nan
        # The sum of odd powers is what is left of larger numbers of both signs: their size is its measure.
        largest = max(map(abs, other.sums))
        for a, b in zip(one.sums, other.sums, strict=True):
            assert a == b or abs(a - b) <= 1e-9 * max(abs(b), largest) or (a != a and b != b), (name, a, b)
