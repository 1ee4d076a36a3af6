"""The rows of a split come in one order, whichever columns are asked for: paired comparisons stand on it."""

import sqlite3

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlquality.data import open_split
from pytest_mlquality.errors import DataError

MANY = 1_200_000


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Two files, many row groups, and a column of wide text, so that threads finish out of turn."""
    base = tmp_path_factory.mktemp("many")
    draw = np.random.default_rng(3)
    for part in (1, 2):
        number = np.arange(MANY // 2) + (part - 1) * MANY // 2
        text = pa.array(draw.choice(["short", "long " * 20], len(number)))
        columns = {
            "place": number,
            "x": draw.normal(size=len(number)),
            "text": text,
            "key": draw.permutation(len(number)),
        }
        pq.write_table(pa.table(columns), base / f"part{part}.parquet", row_group_size=20_000)
    return base


@pytest.fixture
def threads():
    from pytest_mlquality.data.engine import embedded

    con = embedded().con
    before = con.execute("SELECT current_setting('threads')").fetchall()[0][0]
    con.execute("SET threads = 8")
    yield
    con.execute(f"SET threads = {before}")


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("filter_", [None, "x > 0.5 AND text = 'short'"])
def test_rows_of_files_keep_their_order_on_many_threads(many, filter_):
    split = open_split("test", source="part*.parquet", filter=filter_, base=many)
    first = split.frame(["place", "x"])
    assert (np.diff(first["place"]) > 0).all()
    assert split.frame(["x"])["x"].equals(first["x"])
    assert split.frame(["text", "place"])["place"].equals(first["place"])
    assert np.concatenate([piece["place"] for piece in split.batches(["place"])]).tolist() == first["place"].tolist()


@pytest.fixture
def tables(tmp_path):
    """Tables whose rows come in another order when only indexed columns are asked for."""
    draw = np.random.default_rng(5)
    rows = [
        (int(n), float(x), int(g))
        for n, x, g in zip(draw.permutation(500), draw.normal(size=500), draw.integers(0, 5, 500), strict=True)
    ]
    con = sqlite3.connect(tmp_path / "w.db")
    con.execute("CREATE TABLE people (number INT, x REAL, many INT)")
    con.executemany("INSERT INTO people VALUES (?, ?, ?)", rows)
    con.execute("CREATE INDEX by_x ON people (x)")
    con.commit()
    con.close()
    con = duckdb.connect(str(tmp_path / "w.duckdb"))
    con.execute("CREATE TABLE people (number INT, x DOUBLE, many INT)")
    con.executemany("INSERT INTO people VALUES (?, ?, ?)", rows)
    con.close()
    return tmp_path, {x: (number, many) for number, x, many in rows}


@pytest.mark.parametrize("engine", ["sqlite:///w.db", "duckdb:///w.duckdb"])
@pytest.mark.parametrize("key", [None, "number", "many"], ids=["no key", "unique key", "key with ties"])
def test_rows_of_a_table_come_in_one_order(tables, engine, key):
    base, truth = tables
    split = open_split("test", source="people", engine=engine, key=key, base=base)
    xs = split.frame(["x"])["x"].tolist()
    assert [truth[x] for x in xs] == list(split.frame(["number", "many"]).itertuples(index=False, name=None))
    assert [x for piece in split.batches(["x"], rows=99) for x in piece["x"]] == xs
    if key is not None:
        assert split.frame([key])[key].is_monotonic_increasing


def test_sqlite_alone_would_not_keep_the_order(tables):
    base, _ = tables
    con = sqlite3.connect(base / "w.db")
    alone = [row[0] for row in con.execute("SELECT x FROM people")]
    beside = [row[0] for row in con.execute("SELECT x, number FROM people")]
    con.close()
    assert alone != beside


def test_a_key_that_is_no_column_is_named(tables):
    base, _ = tables
    split = open_split("test", source="people", engine="sqlite:///w.db", key="nubmer", base=base)
    with pytest.raises(DataError, match=r"data\.key: there is no column 'nubmer' \(did you mean 'number'\?\)"):
        split.frame(["x"])
