"""Data that skew cannot be measured of, through the gate: one message with its remedy, and the rest is judged."""

import re

import numpy as np
import pandas as pd
import pytest

JSD = "jensen_shannon_distance"
COLUMNS = f"skew::test_columns_look_as_in_the_reference[{JSD}-train-test]"
COMPARED = "skew::test_columns_can_be_compared[train-test]"
ROWS = 2000
START = pd.Timestamp("2026-01-01", tz="UTC")


def rows(seed):
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "income": draw.normal(size=ROWS),
            "age": draw.integers(18, 80, ROWS),
            "job": draw.choice(["cook", "smith", "clerk"], ROWS),
            "when": START + pd.to_timedelta(draw.integers(0, 10**5, ROWS), unit="s"),
        }
    )


@pytest.fixture
def judged(project):
    """Run a gate on data alone, of changed splits; return its text and its checks by name."""

    def run(train=lambda frame: frame, test=lambda frame: frame, *, source='source = "test.parquet"', break_file=False):
        for split, change, seed in (("train", train, 1), ("test", test, 2)):
            change(rows(seed)).to_parquet(project.path / f"{split}.parquet")
        file = project.path / "test.parquet"
        if break_file:
            file.write_bytes(file.read_bytes()[:-1000])
        project.write(
            "mlquality.toml",
            f'name = "people"\n[data.train]\nsource = "train.parquet"\n[data.test]\n{source}\n'
            f"[skew]\n[skew.metrics]\n{JSD} = {{ at_most = 0.08 }}\n",
        )
        text = project.run().stdout.str()
        return text, {check["id"]: check for check in project.subject()["checks"]}

    return run


def verdicts(check):
    return {one["name"].partition("[")[2].rstrip("]"): one["verdict"] for one in check["measurements"]}


def test_a_column_of_one_side_is_named_and_the_others_are_judged(judged):
    text, checks = judged(test=lambda frame: frame.drop(columns="age"))
    assert "age: the table has no such column in test" in text
    assert checks[COMPARED]["outcome"] == "failed"
    assert verdicts(checks[COLUMNS]) == {"income": "pass", "job": "pass", "when": "pass"}


def test_labels_that_have_become_numbers_are_named(judged):
    codes = {"cook": 1, "smith": 2, "clerk": 3}
    text, checks = judged(test=lambda frame: frame.assign(job=frame["job"].map(codes)))
    assert "job: a label in the reference, a number here" in text
    assert verdicts(checks[COLUMNS]) == {"income": "pass", "age": "pass", "when": "pass"}


@pytest.mark.parametrize(("column", "value"), [("age", 7), ("job", "cook")])
def test_a_reference_of_one_value_is_doubted(judged, column, value):
    text, checks = judged(train=lambda frame: frame.assign(**{column: value}))
    assert "all of train is one value: is it the right reference, or a column for [skew] ignore?" in text
    of_columns = verdicts(checks[COLUMNS])
    assert of_columns.pop(column) == "fail"
    assert set(of_columns.values()) == {"pass"}


def test_one_value_on_both_sides_is_no_drift(judged):
    _text, checks = judged(lambda frame: frame.assign(age=7), lambda frame: frame.assign(age=7))
    assert set(verdicts(checks[COLUMNS]).values()) == {"pass"}


@pytest.mark.parametrize("side", ["train", "test"])
def test_a_split_without_rows_says_where_to_look(judged, side):
    text, checks = judged(**{side: lambda frame: frame.iloc[:0]})
    assert f"data.{side}: {side}.parquet has no row to judge" in text
    assert f"look at data.{side}.source and data.{side}.filter" in text
    assert checks[COLUMNS]["outcome"] == "error"


def test_infinite_values_are_counted_and_fail_at_their_column(judged):
    infinite = np.arange(ROWS) % 10 == 0
    _text, checks = judged(test=lambda frame: frame.assign(income=np.where(infinite, np.inf, frame["income"])))
    assert verdicts(checks[COLUMNS]) == {"income": "fail", "age": "pass", "job": "pass", "when": "pass"}


def test_times_of_two_zones_are_the_same_moments(judged):
    _text, checks = judged(test=lambda frame: frame.assign(when=frame["when"].dt.tz_convert("Asia/Tokyo")))
    assert set(verdicts(checks[COLUMNS]).values()) == {"pass"}


@pytest.mark.parametrize("without", ["train", "test"])
def test_local_times_without_their_zone_are_told_apart_from_a_drift(judged, without):
    def local(frame):
        return frame.assign(when=frame["when"].dt.tz_convert("Pacific/Kiritimati").dt.tz_localize(None))

    text, checks = judged(**{without: local})
    assert verdicts(checks[COLUMNS])["when"] == "fail"
    assert f"times of {without} have no zone and are read as UTC: write those of both splits with their zone" in text


def test_ten_thousand_labels_that_only_chance_has_changed_raise_no_alarm(judged):
    def labelled(seed):
        return lambda frame: frame.assign(
            job=[f"job {one}" for one in np.random.default_rng(seed).integers(10_000, size=ROWS)]
        )

    _text, checks = judged(labelled(3), labelled(4))
    found = verdicts(checks[COLUMNS])
    assert found.pop("job") == "inconclusive"
    assert set(found.values()) == {"pass"}


def test_a_truncated_file_is_named_with_a_remedy(judged):
    text, checks = judged(break_file=True)
    assert re.search(r"data\.test\.source: test\.parquet cannot be read", text)
    assert "is the file complete, and what its suffix says?" in text
    assert checks[COLUMNS]["outcome"] == "error"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('source = "duckdb:///gone.duckdb?table=people"', "name the table, its URL in [data] engine"),
        ('source = "people"\nengine = "duckdb:///gone.duckdb"', "there is no database file 'gone.duckdb'"),
    ],
)
def test_an_engine_that_is_not_there_is_said_with_a_remedy(judged, source, said):
    text, checks = judged(source=source)
    assert said in text
    assert checks[COLUMNS]["outcome"] == "error"
