"""Few rows through the gate: what fails, what can never fail and says so, and what an undecided line says."""

import numpy as np
import pandas as pd
import pytest

from pytest_mlquality.cli import main

METRIC = "performance::test_a_metric_meets_its_limit"
MODEL = """\
import numpy as np
import pytest_mlquality


@pytest_mlquality.model(features=["x"], classes=[0, 1])
def predict(frame):
    return 1 / (1 + np.exp(-frame["x"]))


@pytest_mlquality.model(features=["x"])
def double(frame):
    return 2 * frame["x"].to_numpy()
"""
GATE = """\
name = "few"
[model]
uri = "python:m:predict"
[data]
target = "y"
[data.test]
source = "test.parquet"
[performance.metrics]
gain_over_trivial = false
"""
LIMITS = """\
matthews_corrcoef = { at_least = 0.6 }
cohen_kappa_score = { at_least = 0.6 }
f1_macro = { at_least = 0.7 }
average_precision = { at_least = 0.9 }
"""


@pytest.fixture
def few(project):
    """A project of 300 rows whose model has the sign of its feature flipped."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=300)
    y = (np.where(draw.random(300) < 0.62, -x, x) > 0).astype(int)
    pd.DataFrame({"x": x, "y": y, "who": np.arange(300) // 3}).to_parquet(project.path / "test.parquet")
    project.write("m.py", MODEL)
    return project


def judged(project, metric):
    [check] = [check for check in project.subject()["checks"] if check["id"] == f"{METRIC}[{metric}]"]
    [measured] = check["measurements"]
    return check["outcome"], measured


def test_a_flipped_sign_fails_by_every_metric_of_a_few_hundred_rows(few):
    few.write("mlquality.toml", GATE + LIMITS)
    few.run("-k", "a_metric_meets")
    assert judged(few, "matthews_corrcoef")[1]["value"] == pytest.approx(-0.24, abs=0.1)
    for metric in ("matthews_corrcoef", "cohen_kappa_score", "f1_macro", "average_precision"):
        outcome, measured = judged(few, metric)
        assert outcome == "failed", measured
        assert measured["verdict"] == "fail"
        assert "upper bound at 0.1%" in measured["decided_by"]


def test_with_units_of_several_rows_it_stays_undecided_and_says_that_it_can_never_fail(few):
    few.write("mlquality.toml", GATE.replace('target = "y"', 'target = "y"\nunit = "who"') + LIMITS)
    result = few.run("-k", "matthews")
    outcome, measured = judged(few, "matthews_corrcoef")
    assert outcome == "inconclusive"
    assert "there is no upper bound at 0.1%; with 300 rows this limit can never fail" in measured["decided_by"]
    assert "662 at 1e-05; 100 units are too few" in measured["reason"]
    assert "1,638 at 1e-05" in measured["reason"]
    assert "units of several rows have no bounds of another kind" in measured["reason"]
    result.stdout.fnmatch_lines(["inconclusive *this limit can never fail*which needs*1,638 at 1e-05*"])


def test_the_same_words_stand_in_terminal_page_and_summary(few):
    few.write("mlquality.toml", GATE + "accuracy = { at_least = 0.45 }\n")
    text = few.run("-k", "accuracy").stdout.str()
    outcome, measured = judged(few, "accuracy")
    assert outcome == "inconclusive"
    said = measured["decided_by"]
    assert said.startswith("the upper bound at 0.1%, 0.")
    assert "is not below 0.45; about " in said
    assert "rows would decide; with these rows the limit fails below about 0.3" in said
    report = few.path / "ml-quality-report"
    assert said in text
    assert said in (report / "report.html").read_text()
    assert said in (report / "summary.md").read_text()


def test_init_says_of_a_limit_that_it_can_never_fail_with_so_few_rows(project, capsys):
    draw = np.random.default_rng(1)
    frame = pd.DataFrame({"x": draw.normal(size=300)})
    frame["y"] = 2 * frame["x"] + draw.normal(size=300)
    frame.to_parquet(project.path / "test.parquet")
    project.write("m.py", MODEL)
    (project.path / "mlquality.toml").unlink()
    (project.path / "train.parquet").unlink()
    words = ["init", "--data", "test=test.parquet", "--target", "y", "--model", "python:m:double"]
    assert main(words) == 0, capsys.readouterr()
    [line] = [line for line in (project.path / "mlquality.toml").read_text().splitlines() if line.startswith("# r2 =")]
    assert "with so few rows this limit can never fail" in line
    assert "1,638 at 1e-05" in line


def test_what_is_only_too_small_is_counted_apart_and_the_share_judged_cites_its_own_limit(project):
    test = pd.read_parquet(project.path / "test.parquet")
    test["city"] = [f"c{place // 12:03}" for place in range(len(test))]
    test.to_parquet(project.path / "test.parquet")
    project.settings(
        '[performance.slices]\nby = ["city"]\nmin_rows = 50\n[performance.slices.gap]\naccuracy = { at_most = 0.2 }\n'
    )
    text = project.run("-k", "lags").stdout.str()
    assert "judged_share 0" in text
    assert "limit at least 0.95; the rows of what is too small to judge may hold the limit or not" in text
    [check] = [c for c in project.subject()["checks"] if "lags_behind" in c["id"] and c["outcome"]]
    [share] = [m for m in check["measurements"] if m["name"] == "judged_share"]
    assert check["outcome"] == share["verdict"] == "inconclusive"
    assert share["limit_from"].startswith("performance.slices.judged_share")
