"""The rows that break a rule are written for those who must find out why."""

import stat

import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pytest
from pyarrow import parquet

from pytest_mlquality.errors import DataError
from pytest_mlquality.rules.failing_rows import read_failing_rows, write_failing_rows

ROWS = {
    "id": [10, 11, 12, 13, 14, 15],
    "age": [17, None, 30, 30, 81, None],
    "town": ["Lynn", "Lynn", None, None, "", "Salem"],
    "score": [0.5, float("nan"), None, 1.5, 2.5, 3.5],
}
SCHEMA = pandera.DataFrameSchema(
    {
        "age": pandera.Column(None, pandera.Check.in_range(18, 80), unique=True),
        "town": pandera.Column(None, pandera.Check(lambda town: town != "Salem", name="not Salem"), nullable=True),
        "score": pandera.Column(None, unique=True, nullable=True, report_duplicates="exclude_first"),
    },
    checks=pandera.Check(lambda rows: rows["id"] > 10, name="late"),
    unique=["age", "town"],
)


@pytest.fixture
def written(engines, tmp_path):
    """Write the failing rows of a table, and return them as tuples by rule."""

    def run(table, schema=SCHEMA):
        path = tmp_path / "rows" / "test.parquet"
        found = engines.judged(schema, table)
        count = write_failing_rows(found.values(), table, path, owner="mlquality.toml")
        frame = pd.read_parquet(path).astype(object)
        frame = frame.where(frame.notna(), None)
        assert len(frame) == count
        columns = [name for name in frame if name != "rule"]
        by_rule = {name: list(part[columns].itertuples(index=False, name=None)) for name, part in frame.groupby("rule")}
        return path, by_rule

    return run


WANTED = {
    "age: in_range(18, 80)": [(10, "age", "17"), (14, "age", "81")],
    "age: not null": [(11, "age", None), (15, "age", None)],
    "age: unique": [(11, "age", None), (12, "age", "30"), (13, "age", "30"), (15, "age", None)],
    "town: not Salem": [(15, "town", "Salem")],
    "score: unique": [(11, "score", None), (12, "score", None)],
    "late": [(10, None, None)],
    "age, town: unique together": [(12, None, None), (13, None, None)],
}


def in_order(by_rule):
    return {rule: sorted(rows, key=lambda row: row[0]) for rule, rows in by_rule.items()}


def test_rows_are_named_by_their_key(engines, written):
    path, by_rule = written(engines.duckdb(pa.table(ROWS), key="id"))
    assert in_order(by_rule) == WANTED
    assert parquet.read_schema(path).names == ["id", "rule", "column", "value"]


def test_rows_are_named_by_their_place_without_a_key(engines, written):
    path, by_rule = written(engines.duckdb(pa.table(ROWS)))
    assert in_order(by_rule) == {rule: [(row[0] - 10, *row[1:]) for row in rows] for rule, rows in WANTED.items()}
    assert parquet.read_schema(path).names == ["row", "rule", "column", "value"]


def test_polars_names_the_same_rows(engines, written):
    _, by_rule = written(engines.polars(pa.table(ROWS), key="id"))
    texts = {rule: [(row[0], row[1], row[2]) for row in rows] for rule, rows in in_order(by_rule).items()}
    assert [{row[0] for row in rows} for rows in texts.values()] == [{row[0] for row in WANTED[rule]} for rule in texts]
    assert texts.keys() == WANTED.keys()


def test_rows_without_order_or_key_cannot_be_named(engines, written):
    with pytest.raises(DataError, match="nothing tells the rows of the rows apart") as caught:
        written(engines.polars(pa.table(ROWS)))
    assert "key" in caught.value.remedy


@pytest.mark.parametrize("name", ["row", "rule", "column", "value", "mlq_alike"])
def test_columns_may_have_the_names_of_the_file(engines, written, name):
    schema = pandera.DataFrameSchema({name: pandera.Column(None, pandera.Check.gt(1), unique=True)})
    _, by_rule = written(engines.duckdb(pa.table({name: [1, 5, 5]})), schema)
    assert in_order(by_rule) == {
        f"{name}: greater_than(1)": [(0, name, "1")],
        f"{name}: unique": [(1, name, "5"), (2, name, "5")],
    }


def test_only_the_owner_may_read_them(engines, written, tmp_path):
    for _ in range(2):
        path, _ = written(engines.duckdb(pa.table(ROWS)))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o644)
    assert [file.name for file in path.parent.iterdir()] == ["test.parquet"]


@pytest.mark.parametrize("owner", ["", "other.mlquality.toml"])
def test_a_file_of_somebody_else_is_never_replaced(engines, tmp_path, owner):
    path = tmp_path / "test.parquet"
    table = engines.duckdb(pa.table(ROWS))
    found = engines.judged(SCHEMA, table).values()
    if owner:
        write_failing_rows(found, table, path, owner=owner)
    else:
        pd.DataFrame({"id": [1]}).to_parquet(path)
    before = path.read_bytes()
    with pytest.raises(DataError, match="another file stands there"):
        write_failing_rows(found, table, path, owner="mlquality.toml")
    assert path.read_bytes() == before


def test_a_key_of_a_taken_name_is_called_key(engines, tmp_path):
    table = engines.duckdb(pa.table({"rule": [1, 2], "age": [300, 4]}))
    table.key = "rule"
    found = engines.judged(pandera.DataFrameSchema({"age": pandera.Column(None, pandera.Check.lt(99))}), table)
    write_failing_rows(found.values(), table, tmp_path / "a.parquet", owner="x")
    assert pd.read_parquet(tmp_path / "a.parquet").columns.tolist() == ["key", "rule", "column", "value"]


def test_an_answer_for_all_rows_names_none(engines, written):
    schema = pandera.DataFrameSchema(
        {"id": pandera.Column(None, pandera.Check(lambda ids: ids.sum() == 0, name="sum"))}
    )
    _, by_rule = written(engines.duckdb(pa.table(ROWS)), schema)
    assert by_rule == {}


def test_rows_of_odd_types_are_written(engines, written):
    table = pa.table(
        {"list": [[1], [1], None], "bytes": [b"\xff", b"\xff", None], "struct": [{"a": 1}, {"a": 1}, None]}
    )
    schema = pandera.DataFrameSchema({name: pandera.Column(None, unique=True) for name in table.column_names})
    _, by_rule = written(engines.duckdb(table), schema)
    assert {rule: [row[0] for row in rows] for rule, rows in in_order(by_rule).items()} == {
        **{f"{name}: unique": [0, 1] for name in table.column_names},
        **{f"{name}: not null": [2] for name in table.column_names},
    }


def test_a_gate_writes_them_where_the_settings_say(project):
    test = pd.read_parquet(project.path / "test.parquet")
    test.loc[[4, 7], "age"] = [17, 81]
    test.to_parquet(project.path / "test.parquet")
    project.write("schema.yaml", "columns:\n  age: {in_range: {min_value: 18, max_value: 80}}\n")
    project.settings(
        '[schema]\nfile = "schema.yaml"\nfailing_rows = "rows"\n[schema.rules]\n"ids start" = "id > 2000000"\n'
    )
    project.run("-k", "agreed and test")
    rows = pd.read_parquet(project.path / "rows" / "test.parquet")
    assert rows[rows["rule"] == "age: in_range(18, 80)"]["id"].tolist() == test.loc[[4, 7], "id"].tolist()
    assert rows[rows["rule"] == "ids start"]["id"].tolist() == [2_000_000]
    [first, second] = read_failing_rows(project.path / "rows" / "test.parquet")
    assert first.startswith("age: in_range(18, 80): 2 rows")
    assert second.startswith("ids start: 1 rows")
