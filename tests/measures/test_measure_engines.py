"""The same rows in DuckDB, SQLite and Polars: the same numbers, or one sentence that says what to do."""

import sqlite3
from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd
import pandera.pandas as pandera
import polars
import pytest

from pytest_mlquality.data import open_split
from pytest_mlquality.data.table import Origin, Table
from pytest_mlquality.errors import DataError
from pytest_mlquality.measures import leakage
from pytest_mlquality.measures.integrity import MEASURES, Roles, integrity
from pytest_mlquality.rules.agreement import Agreement, part_of, rules_of
from pytest_mlquality.rules.counting import findings

ROLES = Roles(("a", "b", "t", "one"), target="y", key="id", time="at")
CANNOT = {
    ("outlier_rows", "sqlite"): "data.train: sqlite cannot be asked for quantiles",
    ("shared_keys", "polars"): "data.test: polars cannot be asked for joins",
    ("shared_rows", "polars"): "data.test: polars cannot be asked for joins",
}


def drawn(rows, start):
    draw = np.random.default_rng(start)
    hours = pd.to_timedelta(draw.integers(1000, size=(2, rows)).ravel(), unit="h")
    frame = pd.DataFrame(
        {
            "id": np.arange(start, start + rows),
            "a": draw.normal(size=rows),
            "b": draw.integers(3, size=rows),
            "t": draw.choice(["x", "y ", "", "N/A", "7", "\u00a0", "\u2003null\t", " -1e3"], size=rows),
            "one": "c",
            "at": pd.Timestamp("2026-01-01") + hours[:rows],
            "told": pd.Timestamp("2026-01-15") + hours[rows:],
            "y": draw.choice(["yes", "Yes", "no", "NO\u00a0"], size=rows),
        }
    )
    frame.loc[:5, "a"] = [100.0, -100.0, np.nan, np.inf, -np.inf, 1.0]
    return frame.sample(frac=1, random_state=0) if start else frame


@pytest.fixture(scope="module")
def splits(tmp_path_factory):
    """Train and test by engine; some rows are in both, some twice, some with two labels."""
    folder = tmp_path_factory.mktemp("engines")
    frames = {"train": drawn(400, 0), "test": drawn(300, 350)}
    test = frames["test"]
    frames["test"] = pd.concat([test, frames["train"][10:20], test[20:25], test[25:28].assign(y="no ")])
    with sqlite3.connect(folder / "w.db") as con:
        for name, frame in frames.items():
            columns = "id INTEGER, a REAL, b INTEGER, t TEXT, one TEXT, at TIMESTAMP, told TIMESTAMP, y TEXT"
            con.execute(f"CREATE TABLE {name} ({columns})")
            times = frame.astype({"at": str, "told": str}).astype({"a": object})
            cells = times.where(times.notna(), None).itertuples(index=False)
            con.executemany(f"INSERT INTO {name} VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [tuple(row) for row in cells])
            frame.to_parquet(folder / f"{name}.parquet", index=False)
    con.close()
    polar = ibis.polars.connect({name: polars.from_pandas(frame) for name, frame in frames.items()})

    def opened(engine, name):
        if engine == "polars":
            return Table(name, Origin("rows of Polars", polar.table(name), registered=None), key="id")
        source = name if engine == "sqlite" else f"{name}.parquet"
        return open_split(name, source=source, engine="sqlite:///w.db", base=folder, key="id")

    return {
        engine: SimpleNamespace(train=opened(engine, "train"), test=opened(engine, "test"))
        for engine in ("duckdb", "sqlite", "polars")
    }


ASKED = {
    **{name: lambda s, name=name: integrity(name, s.test, ROLES, train=s.train) for name in MEASURES},
    **{name: lambda s, share=share: share(s.train, s.test, ROLES) for name, share in leakage.SHARES.items()},
    "known_too_late": lambda s: leakage.known_too_late(s.test, ROLES, {"b": "told"}),
}


@pytest.mark.parametrize("engine", ["sqlite", "polars"])
@pytest.mark.parametrize("name", sorted(ASKED))
def test_engines_give_the_same_number_or_say_what_they_lack(splits, name, engine):
    if (name, engine) in CANNOT:
        with pytest.raises(DataError, match=CANNOT[name, engine]) as raised:
            ASKED[name](splits[engine])
        assert raised.value.message.startswith(f"{name}: ")
        assert raised.value.remedy == f"copy the split to Parquet or DuckDB, or set {name} = false"
        return
    expected = ASKED[name](splits["duckdb"])
    found = ASKED[name](splits[engine])
    assert found.value == pytest.approx(expected.value, abs=1e-4 if name == "staleness" else 0)
    assert (found.reason, found.n) == (expected.reason, expected.n)


def test_the_rows_make_the_measures_speak(splits):
    silent = {name for name, ask in ASKED.items() if not ask(splits["duckdb"]).value}
    assert silent == {"identifier_columns"}


@pytest.mark.parametrize("engine", ["sqlite", "polars"])
def test_the_same_rows_are_drawn_by_every_engine(splits, engine):
    expected = splits["duckdb"].train.sample(["id", "t"], 50, seed=3)
    found = splits[engine].train.sample(["id", "t"], 50, seed=3)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_a_rule_that_an_engine_cannot_be_asked_says_so_and_spoils_no_other(splits):
    schema = pandera.DataFrameSchema({"t": pandera.Column(float, coerce=True), "a": pandera.Column(nullable=False)})
    agreed = Agreement(schema, tuple(part_of(name, column) for name, column in schema.columns.items()))
    table = splits["sqlite"].test
    found = {each.rule.name: each for each in findings(rules_of(agreed, table.expression, table.columns), table)}
    said = "could not be judged: data.test: sqlite cannot be asked for casts that may fail"
    assert found["t: reads as float64"].message == said
    assert found["a: not null"].count == 1
