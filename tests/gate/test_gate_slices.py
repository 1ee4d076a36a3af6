"""Slices and weak slices through the gate: which claims there are, what fails, and what is said."""

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from pytest_mlquality.subject import load

HEAD = '[performance.slices]\nby = ["region", "age", ["region", "old"]]\nbins = { age = [30, 60] }\nmin_rows = 50\n'
GAP = "performance::test_no_slice_lags_behind"


@pytest.fixture
def people(project):
    """A project whose model is of no use in region 3."""
    test = pd.read_parquet(project.path / "test.parquet")
    test["old"] = test["age"] >= 60
    draw = np.random.default_rng(4)
    weak = test["region"] == 3
    test.loc[weak, "paid"] = draw.integers(0, 2, weak.sum())
    test.to_parquet(project.path / "test.parquet")
    return project


def judged(project, name):
    [check] = [check for check in project.subject()["checks"] if check["id"] == name]
    return check["outcome"], {m["name"]: m for m in check["measurements"]}


def test_a_claim_is_a_metric_and_a_way_to_slice(people):
    people.settings(
        HEAD + 'where = { rich = "income > 1", poor = "income < -1" }\n[performance.slices.gap]\naccuracy = '
        "{ at_most = 0.2 }\n[performance.slices.metrics]\nroc_auc = { at_least = 0.3 }\n"
        '[performance.slices.only."region = 3"]\naccuracy = { at_least = 0.4 }\n'
    )
    people.run()
    outcomes = people.outcomes()
    for check, metric in (("test_no_slice_lags_behind", "accuracy"), ("test_every_slice_meets_its_limit", "roc_auc")):
        for by in ("region", "age", "region+old", "where"):
            assert f"performance::{check}[{metric}-{by}]" in outcomes
    assert outcomes["performance::test_a_slice_meets_a_limit_of_its_own[accuracy-region = 3]"] == "passed"
    _, named = judged(people, f"{GAP}[accuracy-where]")
    assert list(named) == ["accuracy_gap[rich]", "accuracy_gap[poor]"]


def test_the_slice_that_lags_behind_fails_and_is_named_first(people):
    people.settings(HEAD + "[performance.slices.gap]\naccuracy = { at_most = 0.05 }\n")
    result = people.run()
    outcome, measured = judged(people, f"{GAP}[accuracy-region]")
    assert outcome == "failed"
    assert measured["accuracy_gap[region = 3]"]["verdict"] == "fail"
    assert measured["accuracy_gap[region = 0]"]["verdict"] == "pass"
    result.stdout.fnmatch_lines(["failed *[[]accuracy-region[]]: accuracy_gap[[]region = 3[]] 0.*limit at most 0.05*"])


def test_a_slice_that_does_not_exist_offers_the_nearest(people):
    people.settings(HEAD + '[performance.slices.only."regio = 3"]\naccuracy = { at_least = 0.4 }\n')
    people.run().stdout.fnmatch_lines(["*there is no slice 'regio = 3' (did you mean 'region = 3'?)*"])


def test_a_column_that_is_not_there_is_an_error_and_the_others_are_judged(people):
    people.settings(
        '[performance.slices]\nby = ["region", "regoin"]\n[performance.slices.gap.accuracy]\nat_most = 0.9\n'
    )
    result = people.run()
    assert people.outcomes()[f"{GAP}[accuracy-region]"] == "passed"
    assert people.outcomes()[f"{GAP}[accuracy-regoin]"] == "error"
    result.stdout.fnmatch_lines(["*'regoin'*region*"])


def test_a_weak_slice_that_nobody_named_is_found(project):
    test = pd.read_parquet(project.path / "test.parquet")
    test["paid"] = test["paid"].where(test["region"] < 3, 1 - test["paid"])
    test.to_parquet(project.path / "test.parquet")
    project.settings("[performance.weak_slices.gap]\naccuracy = { at_most = 0.2 }\n")
    project.run()
    outcome, measured = judged(project, "performance::test_no_slice_that_nobody_named_lags_behind[accuracy]")
    assert outcome == "failed"
    assert all("region" in name for name, one in measured.items() if one["verdict"] == "fail")


def test_where_nothing_is_weak_that_is_said(project):
    test = pd.read_parquet(project.path / "test.parquet")
    features = ["income", "age", "region"]
    model = LogisticRegression(max_iter=1000).fit(test[features], test["paid"])
    test["paid"] = (np.random.default_rng(1).random(len(test)) < 0.5).astype(int)
    skops.io.dump(model, project.path / "model.skops")
    test.to_parquet(project.path / "test.parquet")
    check = "performance::test_no_slice_that_nobody_named_lags_behind[accuracy]"
    project.settings("[performance.weak_slices.gap]\naccuracy = { at_most = 0.9 }\n")
    project.run()
    outcome, measured = judged(project, check)
    assert outcome == "passed"
    assert "is confirmed by the other half" in measured["accuracy_gap[any slice]"]["reason"]
    # Nothing found is no proof that nothing is there.
    project.settings("[performance.weak_slices.gap]\naccuracy = { at_most = 0.01 }\n")
    project.run()
    outcome, measured = judged(project, check)
    assert outcome == "inconclusive"
    assert measured["accuracy_gap[any slice]"]["value"] == 0


def test_a_metric_that_is_no_mean_over_rows_finds_no_weak_slice(project):
    project.settings("[performance.weak_slices.gap]\nroc_auc = { at_most = 0.1 }\n")
    project.run().stdout.fnmatch_lines(["*roc_auc is no mean over rows*"])


def test_columns_of_a_slice_may_be_listed(project):
    project.settings()
    performance = load(project.path / "mlquality.toml").performance
    listed, joined = (performance.metric_by_slice("accuracy", by) for by in (["region", "age"], "region+age"))
    assert [one.name for one in listed] == [one.name for one in joined]


def test_copies_of_rows_count_once_and_that_is_said_once(project):
    test = pd.read_parquet(project.path / "test.parquet")
    copies = test.loc[test.index.repeat(4)].assign(id=np.arange(4 * len(test)))
    copies.to_parquet(project.path / "test.parquet")
    project.settings("[performance.slices]\nby = ['region']\n[performance.slices.gap]\naccuracy = { at_most = 0.9 }\n")
    said = [line for line in project.run().outlines if "copies of" in line]
    assert len(said) == 1
    assert f"data.test: {3 * len(test):,} rows are copies of others, and equal ones count as one" in said[0]
    assert project.subject()["data"]["test"]["copies"] == 3 * len(test)
    report = project.path / "ml-quality-report"
    assert "are copies of others and count for nothing more" in (report / "report.html").read_text()
    assert "rows are copies of others" in (report / "summary.md").read_text()
    for check in ("performance::test_a_metric_meets_its_limit[accuracy]", f"{GAP}[accuracy-region]"):
        assert all("units" in one["method"] for one in judged(project, check)[1].values())


def test_what_is_declared_as_the_unit_rules_over_copies(project):
    test = pd.read_parquet(project.path / "test.parquet")
    copies = test.loc[test.index.repeat(4)].assign(id=np.arange(4 * len(test)))
    copies.to_parquet(project.path / "test.parquet")
    project.settings(replace={"[data]\n": "[data]\nunit = 'id'\n"})
    project.run().stdout.no_fnmatch_line("*copies of*")
    _, measured = judged(project, "performance::test_a_metric_meets_its_limit[accuracy]")
    assert "units" not in measured["accuracy"]["method"]
