"""A condition of the settings is one expression over a row: whatever else is refused, before the engine is asked."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pytest_mlquality.data import open_split
from pytest_mlquality.data.condition_parts import require_one_row
from pytest_mlquality.data.engine import embedded
from pytest_mlquality.data.faults import Reason
from pytest_mlquality.errors import DataError


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    base = tmp_path_factory.mktemp("rows")
    frame = pd.DataFrame({"x": [1, 2, 3], "y": [1.5, 2, None], "s": ["Ada", "Bob", None], "l": [[1, 2], [3], []]})
    frame = frame.assign(t=pd.to_datetime(["2020-01-01"] * 3), d=[{"a": 1}] * 3, j=['{"a": 1}'] * 3)
    frame.to_parquet(base / "rows.parquet")
    (base / "secret.csv").write_text("word\nkanarienvogel\n")
    return open_split("test", source="rows.parquet", base=base)


READS = [
    "s = (SELECT content FROM read_text('secret.csv'))",
    "x < (SELECT count(*) FROM read_csv('secret.csv'))",
    "x < (FROM '/etc/passwd')",
    "EXISTS (FROM glob('/etc/*'))",
    "x IN (SELECT 1 FROM 'secret.csv')",
    "x IN (TABLE people)",
    "(DESCRIBE people) IS NULL",
    "ARRAY(SELECT name FROM duckdb_secrets()) = []",
    "list_transform(l, q -> (SELECT q)) = l",
    "e'\\'' = '' OR x IN (SELECT 1) OR s = ''",
    "x > 1) UNION SELECT (1",
    "x > 1; SELECT 1",
    "SELECT 1",
    "x > 0 LIMIT 1",
    "sum(x) > 1",
    "max(x) FILTER (WHERE x > 1) > 1",
    "row_number() OVER () = 1",
    "unnest(l) > 1",
    "$1 > 1",
    "#1 > 1",
    "getvariable('a') = 1",
    "current_user = 's'",
]
CALLS = [
    *("read_text", "read_blob", "read_csv", "read_parquet", "glob", "sniff_csv", "query", "query_table", "getenv"),
    *("duckdb_settings", "duckdb_secrets", "pragma_table_info", "current_setting", "getvariable", "write_log", "error"),
    *(
        "json_execute_serialized_sql",
        "json_serialize_sql",
        "json_deserialize_sql",
        "parse_duckdb_log_message",
        "nextval",
    ),
    *(
        "setseed",
        "sleep_ms",
        "current_query",
        "txid_current",
        "has_table_privilege",
        "in_search_path",
        "stats",
        "range",
    ),
]
ELSEWHERE = [
    *(("postgres", name) for name in ("pg_read_file", "pg_ls_dir", "lo_import", "dblink", "query_to_xml", "pg_sleep")),
    *(("sqlite", name) for name in ("load_extension", "readfile", "writefile", "fts3_tokenizer")),
    *(("spark", name) for name in ("reflect", "java_method", "input_file_name", "raise_error")),
    *(("mysql", name) for name in ("load_file", "sys_exec", "benchmark", "sleep")),
    *(("clickhouse", name) for name in ("file", "url", "dictGet", "hostName")),
]
HONEST = """
x > 1 | x % 2 = 0 -- even | s LIKE 'A%' | s ILIKE 'a%' ESCAPE '!' | regexp_matches(s, '^A') | s ~ 'A.*'
s.upper() = 'ADA' | length(trim(s)) > 1 | coalesce(x, 0) > 1 | CASE WHEN x > 1 THEN true ELSE false END
x BETWEEN 1 AND 2 | x IN (1, 2) | t > DATE '2019-01-01' | t + INTERVAL 3 DAY < now() | year(t) = 2020
date_part('year', t) = 2020 | t::DATE <= today() | extract(year FROM t) = 2020
date_diff('day', t, DATE '2021-01-01') > 3 | age(t) > INTERVAL 1 YEAR | x = ANY([1, 2]) | strftime(t, '%Y') = '2020'
t AT TIME ZONE 'UTC' < current_timestamp | list_contains(l, 1) | l[1] = 1 | len(l) > 1
list_filter(l, q -> q > 1) = [2] | [q for q in l if q > 1] = [2] | d.a = 1 | j ->> '$.a' = '1'
x IS NOT DISTINCT FROM 1 | isnan(y) | y = 'nan'::DOUBLE | abs(x) > 1 AND NOT (y > 1) | TRY_CAST(s AS INT) IS NULL
substring(s, 1, 1) = 'A' | s || 'x' <> 'x' | COLUMNS(*) IS NOT NULL | hash(x) % 10 < 5 | greatest(x, 2) > 1
(x, 1) IN ((1, 1)) | x // 2 = 1 | s SIMILAR TO 'A.*' | s COLLATE NOCASE = 'ada' | s GLOB 'A*'
levenshtein(s, 'Ada') < 2 | x ^ 2 > 1 | $$a;b$$ <> s | s NOT LIKE '%; SELECT 1 FROM x%'
x = ALL([1]) | md5_number(s) % 10 < 8 | transaction_timestamp() > t | x > 0 /* old! */ | x > 0 -- see docs/*.md
string_split(s, 'd')[1] = 'A' | date_trunc('month', t) = t | x IN l | 1 > 2 | TRUE
"""


@pytest.mark.parametrize("condition", READS)
def test_a_condition_holds_no_query_and_looks_at_no_other_row(rows, condition):
    with pytest.raises(DataError, match="is not a condition on this table") as caught:
        rows.where(condition)
    assert caught.value.remedy
    with pytest.raises(DataError):
        rows.require_condition(condition)


@pytest.mark.parametrize("name", CALLS)
def test_a_condition_calls_nothing_that_reaches_outside_the_row(rows, name):
    with pytest.raises(DataError, match="a condition calls no function"):
        rows.where(f"{name}(s) IS NULL OR main.{name}(s) IS NULL")


@pytest.mark.parametrize(("dialect", "name"), ELSEWHERE)
def test_neither_does_one_of_another_engine(dialect, name):
    from pytest_mlquality.data.condition_parts import parsed

    with pytest.raises(Reason, match="a condition calls no function"):
        parsed(f"{name}('a', 'b') = 1", dialect)


@pytest.mark.parametrize(
    ("dialect", "condition"),
    [
        ("sqlite", "x IN secret"),
        ("sqlite", "(x, y) NOT IN main.secret"),
        ("clickhouse", "x IN system.users"),
        ("sqlite", "x > 0 /* /* */ AND x IN (SELECT w FROM secret) -- */ */"),
        ("mysql", "x /*!50000 IN (SELECT 1) */"),
        ("mysql", "x = 1 /*M! OR 1 = 1 */"),
        ("postgres", "'pg_authid'::regclass IS NULL"),
        ("postgres", "('/etc/passwd'::text).pg_read_file IS NULL"),
        ("postgres", "user = 'postgres'"),
        ("postgres", "current_role = 'postgres'"),
    ],
)
def test_no_dialect_reads_another_table_or_runs_a_comment(dialect, condition):
    from pytest_mlquality.data.condition_parts import parsed

    with pytest.raises(Reason):
        parsed(condition, dialect)


def test_a_name_after_in_is_no_table_of_sqlite(tmp_path):
    with closing(sqlite3.connect(tmp_path / "w.db")) as database:
        database.executescript('CREATE TABLE t (x INT, "user" TEXT); CREATE TABLE secret (w INT);')
        database.executescript("INSERT INTO t VALUES (1, 'u'), (2, 'v'); INSERT INTO secret VALUES (1);")
    rows = open_split("test", source="t", engine="sqlite:///w.db", base=tmp_path)
    with pytest.raises(DataError, match="write the values after IN in brackets"):
        rows.where("x IN secret")
    assert rows.where("x IN (1) AND user = 'u' -- fine! /").rows == 1


@pytest.mark.parametrize("condition", [one.strip() for line in HONEST.split("\n") for one in line.split(" | ") if one])
def test_what_people_ask_of_a_row_is_a_condition(rows, condition):
    assert 0 <= rows.where(condition).rows <= 3


@pytest.mark.parametrize("text", ["x IN (SELECT x FROM t)", "x > (FROM t)", "1) UNION SELECT (2", "1), (2", "x FROM t"])
def test_the_engine_says_itself_that_a_condition_is_one_expression(text):
    """Without the other parser, which may read a text in another way."""
    with pytest.raises(Reason):
        require_one_row(embedded(), text)
    require_one_row(embedded(), "x > 1 -- a comment")


@pytest.mark.parametrize(
    ("condition", "said"),
    [("agee > 1", "there is no column 'agee'"), ("lenght(s) > 1", r"did you mean 'length'"), ("x >", "line 1, char")],
)
def test_a_slip_is_named(rows, condition, said):
    with pytest.raises(DataError, match=said) as caught:
        rows.where(condition)
    assert "\x1b" not in str(caught.value)


def test_a_long_secret_is_not_cut_into_view(rows):
    """The SQL parser quotes a window of the text, in which no remembered secret is whole."""
    from pytest_mlquality import redaction

    secret = "".join(["wagtail", "-99-"]) * 20
    redaction.remember(secret)
    with pytest.raises(DataError) as caught:
        rows.where(f"s = '{secret}' AND AND")
    assert "wagtail" not in str(caught.value)


@pytest.fixture
def warehouse(tmp_path):
    pd.DataFrame({"x": [1, 2]}).to_parquet(tmp_path / "rows.parquet")
    con = duckdb.connect(str(tmp_path / "w.duckdb"))
    con.execute("CREATE TABLE people AS SELECT 1 AS x; CREATE VIEW seen AS SELECT x FROM people")
    con.execute(f"CREATE VIEW outside AS SELECT * FROM '{tmp_path}/rows.parquet'")
    con.close()
    return lambda source, more="": open_split("test", source=source, engine=f"duckdb:///w.duckdb{more}", base=tmp_path)


@pytest.mark.parametrize("more", ["", "?enable_external_access=true", "?autoload_known_extensions=true"])
def test_a_database_of_the_users_reads_no_file(warehouse, more):
    assert warehouse("people", more).rows == warehouse("seen", more).rows == 1
    with pytest.raises(DataError, match="it reads what no source declares") as caught:
        warehouse("outside", more)
    assert "data.test.source" in caught.value.message
    con = warehouse("people", more).expression.get_backend().con
    for statement in ("SET enable_external_access = true", "LOAD httpfs", "SELECT * FROM read_text('/etc/hostname')"):
        with pytest.raises(duckdb.Error):
            con.execute(statement)


def test_times_are_in_utc_on_a_locked_engine(warehouse):
    cursor = warehouse("people").expression.get_backend().con.cursor()
    assert cursor.execute("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]


def test_an_engine_loads_no_extension_by_itself():
    asked = "SELECT value FROM duckdb_settings() WHERE name LIKE 'auto%_known_extensions'"
    assert embedded().con.execute(asked).fetchall() == [("false",), ("false",)]


def test_what_an_engine_spills_only_its_user_reads():
    ((folder,),) = embedded().con.execute("SELECT current_setting('temp_directory')").fetchall()
    private = Path(folder).parent
    assert private.name.startswith("mlquality-spill-")
    assert stat.S_IMODE(private.stat().st_mode) == stat.S_IMODE(Path(folder).stat().st_mode) == 0o700
    assert private.stat().st_uid == os.getuid()
