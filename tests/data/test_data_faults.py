"""What engines and libraries say is never shown as it is: kind of error, names that people wrote, the remedy."""

import gzip
import sqlite3
import traceback

import pandas as pd
import pytest

from pytest_mlquality.data import open_split
from pytest_mlquality.data.faults import explained
from pytest_mlquality.errors import DataError, MLQualityError
from pytest_mlquality.shown import showing_values

CELL = "".join(["Canary", "Name0"])  # in pieces, since tracebacks print the lines of this file


@pytest.fixture
def people(tmp_path):
    pd.DataFrame({"name": [CELL, CELL], "x": [1, 2]}).to_parquet(tmp_path / "people.parquet")
    return open_split("test", source="people.parquet", base=tmp_path)


def told(caught):
    return "".join(traceback.format_exception(caught.value)) + repr(caught.value.args)


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        ("CAST(name AS INTEGER) > 1", "a value cannot be converted"),
        ("CAST(name AS TIMESTAMP) > now()", "cannot be converted|is invalid"),
        ("strptime(name, '%Y') > now()", "is invalid"),
        ("regexp_matches('x', '[' || name)", "a pattern is none"),
        ("now() AT TIME ZONE name > TIMESTAMP '2020-01-01'", "a time zone is unknown"),
        ("json_extract(name, '$.a') = 1", "is invalid"),
    ],
)
def test_a_condition_that_fails_on_a_cell_says_its_kind_alone(people, condition, kind):
    with pytest.raises(DataError, match=kind) as caught:
        people.count(condition)
    assert CELL not in told(caught)
    with showing_values(True), pytest.raises(DataError, match=CELL):
        people.count(condition)


def test_dates_of_sqlite_quote_no_cell(tmp_path):
    con = sqlite3.connect(tmp_path / "w.db")
    con.execute("CREATE TABLE people (born DATE, seen TIMESTAMP)")
    con.execute("INSERT INTO people VALUES (?, ?)", (CELL, CELL))
    con.commit()
    con.close()
    with pytest.raises(MLQualityError) as caught:
        open_split("test", source="people", engine="sqlite:///w.db", base=tmp_path).frame(["born", "seen"])
    assert CELL not in told(caught)


LOADERS = {
    "key": "{}[name]",
    "value": "float(name)",
    "raised": "raise ValueError('no such customer: ' + name)",
    "formatted": "raise ValueError(f'{name!r} is odd')",
    "class": "raise type(name, (Exception,), {})('x')",
    "notes": "error = ValueError('odd'); error.add_note(name); raise error",
    "date": "import pandas as pd; pd.to_datetime([name])",
    "chained": "raise RuntimeError('odd') from ValueError(name)",
}


@pytest.mark.parametrize("body", LOADERS.values(), ids=LOADERS)
def test_code_of_the_users_quotes_no_cell(tmp_path, body):
    module = f"loading_{abs(hash(body))}"
    (tmp_path / f"{module}.py").write_text(f"def load():\n    name = 'Canary' + str('Name') + '0'\n    {body}\n")
    with pytest.raises(DataError, match=rf"line 3 of {module}\.py") as caught:
        open_split("test", source=f"python:{module}:load", base=tmp_path)
    assert CELL not in told(caught)


@pytest.mark.parametrize("cut", [5, 20, 200, -9, -3])
def test_a_gzip_that_is_cut_short_is_one_message(tmp_path, cut):
    text = "a,b\n" + "".join(f"{row},{row * 7919 % 1000}\n" for row in range(2_000))
    (tmp_path / "f.csv.gz").write_bytes(gzip.compress(text.encode())[:cut])
    with pytest.raises(
        DataError, match=r"data\.test\.source: f\.csv\.gz cannot be read: the file is damaged or cut"
    ) as caught:
        open_split("test", source="f.csv.gz", base=tmp_path)
    assert caught.value.__cause__ is None


def test_csv_that_is_no_csv_quotes_no_line(tmp_path):
    (tmp_path / "f.csv").write_text(f'a,b\n1,2\n"{CELL}"x,3\n')
    with pytest.raises(DataError, match=r"f\.csv") as caught:
        open_split("test", source="f.csv", base=tmp_path)
    assert CELL not in told(caught)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (f"no such column: {CELL}", "there is no column of that name"),
        ("no such column: x", "there is no column 'x'"),
        (f"could not open {CELL}: No space left on device", "there is no room on the disk"),
        (f"password authentication failed for user {CELL}", "user or password is refused"),
        (f"connection refused by {CELL}", "there is no connection"),
        (f"{CELL} happened", "it fails \\(RuntimeError; \\[report\\] samples = true"),
    ],
)
def test_only_a_name_that_people_wrote_is_told(message, said):
    with pytest.raises(DataError, match=said) as caught, explained("data.test.filter: 'x > 1'", "write SQL"):
        raise RuntimeError(message)
    assert CELL not in told(caught)
