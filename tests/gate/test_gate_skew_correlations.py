"""Columns that no longer go together, through the gate: found with the reference's rows, and without them."""

import sqlite3
from contextlib import closing

import numpy as np
import pandas as pd
import pytest

from pytest_mlquality.cli import main
from pytest_mlquality.data.profiles import Profile

CHECK = "skew::test_columns_go_together_as_in_the_reference[train-test]"
LIMIT = "[skew]\n[skew.metrics]\ncorrelation_change = { at_most = 0.2 }\njoint_drift = false\n"
WITHOUT_MODEL = {
    '[model]\nuri = "model.skops"\n': "",
    "[performance.metrics]\nroc_auc = { at_least = 0.7 }\naccuracy = { at_least = 0.6 }\n": "",
}


@pytest.fixture
def related(project):
    """A project whose splits have a wage that goes with the income."""
    for split, seed in (("train", 1), ("test", 2)):
        rows = pd.read_parquet(project.path / f"{split}.parquet")
        draw = np.random.default_rng(seed)
        rows.assign(wage=rows["income"] + 0.3 * draw.normal(size=len(rows))).to_parquet(
            project.path / f"{split}.parquet"
        )
    return project


def break_relation(project):
    rows = pd.read_parquet(project.path / "test.parquet")
    shuffled = np.random.default_rng(7).permutation(rows["wage"].to_numpy())
    rows.assign(wage=shuffled).to_parquet(project.path / "test.parquet")


def measured(project):
    [found] = [one for one in project.subject()["checks"] if one["id"] == CHECK]
    return found["outcome"], {one["name"].partition("[")[2][:-1]: one for one in found["measurements"]}


def test_columns_that_go_together_as_before_pass_and_a_broken_relation_names_both(related):
    related.settings(LIMIT, replace=WITHOUT_MODEL)
    related.run()
    outcome, found = measured(related)
    assert outcome == "passed"
    assert {one["verdict"] for one in found.values()} == {"pass"}
    break_relation(related)
    result = related.run()
    outcome, found = measured(related)
    assert outcome == "failed"
    assert {name for name, one in found.items() if one["verdict"] == "fail"} >= {"income", "wage"}
    assert found["age"]["verdict"] == "pass"
    assert found["wage"]["reason"].startswith("wage with income: 1.00 to ")
    assert found["wage"]["details"]["items"][0]["name"] == "wage with income"
    result.stdout.fnmatch_lines(["failed *correlation_change*limit at most 0.2*: income with wage: *"])


def test_it_is_not_asked_unless_it_has_a_limit(related):
    related.settings("[skew]\n", replace=WITHOUT_MODEL)
    related.run()
    assert CHECK not in related.outcomes()


def test_a_stored_profile_says_how_columns_went_together(related, monkeypatch, capsys):
    related.settings(LIMIT, replace=WITHOUT_MODEL)
    monkeypatch.chdir(related.path)
    assert main(["profile", "--output", "train.profile.json"]) == 0
    capsys.readouterr()
    break_relation(related)
    related.run()
    with_rows = measured(related)
    (related.path / "train.parquet").unlink()
    gone = {'[data.train]\nsource = "train.parquet"\n': ""}
    related.settings(LIMIT + '[skew.profiles]\ntrain = "train.profile.json"\n', replace=WITHOUT_MODEL | gone)
    related.run()
    assert measured(related) == with_rows
    stored = related.path / "train.profile.json"
    text = stored.read_text(encoding="utf-8")
    stored.write_text(text[: text.index(',"pairs":')] + "}}", encoding="utf-8")
    related.run().stdout.fnmatch_lines(
        ["*skew.profiles.train does not say how columns go together*", "*write it anew: mlquality profile*"]
    )


def test_every_window_is_held_to_it(related):
    rows = pd.read_parquet(related.path / "test.parquet")
    rows["at"] = pd.Timestamp("2026-01-10") + pd.to_timedelta(np.arange(len(rows)) % 2 * 31, unit="D")
    late = rows["at"] > "2026-02-01"
    rows.loc[late, "wage"] = np.random.default_rng(1).permutation(rows.loc[late, "wage"].to_numpy())
    rows.to_parquet(related.path / "test.parquet")
    train = pd.read_parquet(related.path / "train.parquet").assign(at=pd.Timestamp("2025-12-01"))
    train.to_parquet(related.path / "train.parquet")
    related.settings(
        LIMIT.replace("[skew]\n", '[skew]\ntime = "1 month"\n'),
        replace=WITHOUT_MODEL | {"[data]\n": '[data]\ntime = "at"\n'},
    )
    related.run()
    _, found = measured(related)
    verdicts = {name: one["verdict"] for name, one in found.items() if name.startswith("wage")}
    assert len(verdicts) == 2
    assert sorted(verdicts.values()) != ["fail", "fail"]
    assert verdicts[max(verdicts)] == "fail"


@pytest.mark.parametrize(("section", "is_written"), [("[skew]\n", False), (LIMIT, True)])
def test_an_engine_elsewhere_is_asked_for_it_only_where_it_has_a_limit(
    related, monkeypatch, capsys, section, is_written
):
    with closing(sqlite3.connect(related.path / "rows.db")) as con:
        for split in ("train", "test"):
            pd.read_parquet(related.path / f"{split}.parquet").to_sql(split, con, index=False)
    engine = {"[data]\n": '[data]\nengine = "sqlite:///rows.db"\n'}
    tables = {f'"{split}.parquet"': f'"{split}"' for split in ("train", "test")}
    related.settings(section, replace=WITHOUT_MODEL | engine | tables)
    monkeypatch.chdir(related.path)
    assert main(["profile", "--output", "train.profile.json"]) == 0
    capsys.readouterr()
    stored = Profile.from_json((related.path / "train.profile.json").read_text(encoding="utf-8"))
    assert (stored.pairs is not None) == is_written
