"""One cause is said once, however many checks it stops; rows without a label are left out where the settings say so."""

import re
import xml.etree.ElementTree as ElementTree

import pandas as pd
import pytest

MORE = """\
f1 = { at_least = 0.5 }
balanced_accuracy = { at_least = 0.5 }
[performance.slices]
by = ["region"]
[performance.slices.metrics]
accuracy = { at_least = 0.5 }
[performance.gain_over.most_frequent]
accuracy = { at_least = 0.01 }
[performance.loss_to_train]
accuracy = { at_most = 0.1 }
[fairness]
by = ["region"]
[fairness.metrics]
equalized_odds_difference = false
"""
# What asks the model again, with columns shuffled or changed.
ASKED_AGAIN = """\
[fairness.reliance]
changed_decisions = { at_most = 1 }
[explanation]
method = "permutation_importance"
rows = 100
[explanation.metrics]
largest_share = { at_most = 1 }
stability = false
"""


def lose_labels(project, rows, split="test"):
    path = project.path / f"{split}.parquet"
    table = pd.read_parquet(path).astype({"paid": "Int64"})
    table.loc[table.index[:rows], "paid"] = None
    table.to_parquet(path)


def truncate(project):
    path = project.path / "test.parquet"
    path.write_bytes(path.read_bytes()[:20_000])


def lines_with(text, word):
    return [line for line in text.splitlines() if word in line]


@pytest.mark.parametrize("options", [("-v", "-rA"), ("-n1",), ("--tb=line",)])
def test_a_truncated_file_is_said_once_and_every_check_keeps_its_outcome(project, options):
    project.settings(MORE)
    truncate(project)
    result = project.run("--junitxml=junit.xml", *options, subprocess="-n1" in options)
    counted = re.search(r"(\d+) failed", result.stdout.lines[-1])
    stopped = int(counted[1])
    assert stopped > 7
    summary = result.stdout.str().rpartition("short test summary info")[2]
    assert len(lines_with(summary, "FAILED ")) == 1
    result.stdout.fnmatch_lines([f"FAILED mlquality.toml: {stopped} checks - data.test.source: *"])
    section = result.stdout.str().rpartition("= ml-quality =")[2]
    assert len(lines_with(section, "error   ")) == 1
    assert f" and {stopped - 1} more: data.test.source: test.parquet cannot be read" in section
    checks = project.subject()["checks"]
    stopped_checks = [check for check in checks if check["outcome"] == "error"]
    assert len(stopped_checks) == stopped
    assert all("cannot be read" in check["message"] for check in stopped_checks)
    cases = ElementTree.parse(project.path / "junit.xml").getroot().iter("testcase")
    assert sum(case.find("failure") is not None for case in cases) == stopped


def test_a_cause_names_the_checks_that_it_stops_and_very_verbose_shows_each(project):
    project.settings(MORE)
    truncate(project)
    text = project.run().stdout.str()
    assert len(lines_with(text, "remedy: ")) == 1
    assert "stops " in text
    assert "more (all of them with -vv)" in text
    every = project.run("-vv").stdout.str()
    failed = [line for line in lines_with(every, "FAILED mlquality.toml::") if " - data.test.source: " in line]
    assert len(failed) == len([check for check in project.subject()["checks"] if check["outcome"] == "error"])


def test_checks_with_causes_of_their_own_are_not_told_together(project):
    project.settings(MORE, replace={"accuracy = { at_least = 0.6 }": "neg_mean_squared_error = { at_least = 0 }"})
    text = project.run().stdout.str()
    assert "checks - " not in text


def test_what_measured_something_is_never_told_together(project):
    project.settings(replace={"0.7": "0.99", "0.6": "0.99"})
    text = project.run().stdout.str()
    assert len(lines_with(text, "FAILED mlquality.toml::performance::test_a_metric_meets_its_limit")) == 2


def test_missing_labels_name_split_column_and_what_would_let_the_others_be_judged(project):
    project.settings(MORE + ASKED_AGAIN)
    lose_labels(project, 1)
    text = project.run().stdout.str()
    assert len(lines_with(text, "remedy: ")) == 1
    assert "data.test: 1 of 2,000 rows have no 'paid', the label" in text
    assert "[schema.metrics] missing_targets = { at_most = 1 }" in text


def numbers(project):
    return {
        (check["id"], measured["name"]): (measured["value"], measured["interval"], measured["n"])
        for check in project.subject()["checks"]
        if not check["id"].startswith("schema::")
        for measured in check["measurements"]
    }


def test_where_some_labels_may_be_missing_the_labelled_rows_are_judged_as_if_there_were_no_others(project):
    lose_labels(project, 7)
    lose_labels(project, 5, "train")
    project.settings(MORE + ASKED_AGAIN + "[schema.metrics]\nmissing_targets = { at_most = 10 }\n")
    result = project.run()
    assert project.outcomes()["schema::test_every_row_has_a_label[test]"] == "passed"
    assert "error" not in project.outcomes().values(), result.stdout.str()
    judged, data = numbers(project), project.subject()["data"]
    assert (data["test"]["unlabelled"], data["train"]["unlabelled"]) == (7, 5)
    result.stdout.fnmatch_lines(["loans: data.test: 7 rows without a label are left out"])
    assert "without a label are left out" in (project.path / "ml-quality-report" / "report.html").read_text()
    assert "test: 7 rows" in (project.path / "ml-quality-report" / "summary.md").read_text().replace("\\", "")

    filtered = {
        f'source = "{split}.parquet"': f'source = "{split}.parquet"\nfilter = "paid IS NOT NULL"'
        for split in ("train", "test")
    }
    project.settings(MORE + ASKED_AGAIN, replace=filtered)
    project.run()
    assert judged == numbers(project)
    assert judged["performance::test_a_metric_meets_its_limit[accuracy]", "accuracy"][2] == 1993
    assert "unlabelled" not in project.subject()["data"]["test"]


def test_more_missing_labels_than_may_be_are_left_out_nowhere(project):
    lose_labels(project, 11)
    project.settings("[schema.metrics]\nmissing_targets = { at_most = 10 }\n")
    project.run()
    outcomes = project.outcomes()
    assert outcomes["schema::test_every_row_has_a_label[test]"] == "failed"
    assert outcomes["performance::test_a_metric_meets_its_limit[accuracy]"] == "error"


def test_one_split_may_lack_labels_where_another_may_not(project):
    lose_labels(project, 3)
    project.settings("[schema.only.train]\nmissing_targets = { at_most = 10 }\n")
    project.run()
    assert project.outcomes()["performance::test_a_metric_meets_its_limit[accuracy]"] == "error"
    project.settings("[schema.only.test]\nmissing_targets = { at_most = 10 }\n")
    project.run()
    assert set(project.outcomes().values()) == {"passed"}


def test_answers_of_all_rows_are_compared_with_production_though_some_lack_a_label(project):
    from pytest_mlquality import load

    lose_labels(project, 7)
    project.settings("[schema.metrics]\nmissing_targets = { at_most = 10 }\n")
    subject = load(project.path / "mlquality.toml")
    predictions = subject.predictions_of(subject.model)
    assert len(predictions.on("test")) == 1993
    assert len(predictions.unlabelled("test")) == 2000
