"""What the model is held against beside a baseline, through the gate."""

import json
import shutil

import pytest

BEATEN = "performance::test_a_simple_model_is_beaten"
TRAIN = "performance::test_new_rows_are_predicted_as_well_as_train"
RECORDED = "performance::test_a_metric_recorded_at_training_holds"
PREVIOUS = "performance::test_a_metric_has_not_fallen_since_the_previous_run"


def checks(project):
    return {check["id"]: check for check in project.subject()["checks"]}


def test_simple_models_are_fitted_to_train_and_beaten_or_not(project):
    table = "{kind} = {{ roc_auc = {{ at_least = {least} }} }}\n"
    wanted = {"most_frequent": 0.2, "stratified": 0.2, "shallow_tree": 0.0, "linear": -0.01}
    lines = "".join(table.format(kind=kind, least=least) for kind, least in wanted.items())
    project.settings(f"[performance.gain_over]\n{lines}")
    project.run()
    outcomes = project.outcomes()
    assert {kind: outcomes[f"{BEATEN}[roc_auc-{kind}]"] for kind in wanted} == dict.fromkeys(wanted, "passed")
    # The model is a linear one: it cannot be better than one by a tenth.
    project.settings("[performance.gain_over.linear]\nroc_auc = { at_least = 0.1 }\n")
    result = project.run()
    assert project.outcomes()[f"{BEATEN}[roc_auc-linear]"] == "failed"
    result.stdout.fnmatch_lines(["failed *gain_over[[]roc_auc-linear[]]*limit at least 0.1*"])


def test_a_simple_model_needs_train(project):
    project.settings(
        "[performance.gain_over.linear]\nroc_auc = { at_least = 0.0 }\n",
        replace={'[data.train]\nsource = "train.parquet"\n': ""},
    )
    project.run()
    check = checks(project)[f"{BEATEN}[roc_auc-linear]"]
    assert check["outcome"] == "error"
    assert "train" in check["message"]
    assert check["remedy"]


def test_a_model_that_remembers_train_is_worse_on_new_rows(project):
    project.write(
        "serve.py",
        "import pandas as pd, numpy as np, pytest_mlquality\n"
        "from pathlib import Path\n"
        'known = pd.read_parquet(Path(__file__).with_name("train.parquet")).set_index(["income", "age"])["paid"]\n'
        '@pytest_mlquality.model(features=["income", "age"], classes=[0, 1])\n'
        "def predict(frame):\n"
        "    guess = (1 / (1 + np.exp(-frame['income']))).to_numpy()\n"
        "    found = known.reindex(pd.MultiIndex.from_frame(frame)).to_numpy()\n"
        "    return np.where(np.isnan(found), guess, found)\n",
    )
    project.settings(
        "[performance.loss_to_train]\nroc_auc = { at_most = 0.05 }\n", replace={"model.skops": "python:serve:predict"}
    )
    project.run()
    check = checks(project)[f"{TRAIN}[roc_auc]"]
    assert check["outcome"] == "failed"
    [measured] = check["measurements"]
    assert measured["name"] == "loss_to_train[roc_auc]"
    assert measured["reason"] == "train: 1"
    project.settings("[performance.loss_to_train]\nroc_auc = { at_most = 0.05 }\n")
    project.run()
    assert project.outcomes()[f"{TRAIN}[roc_auc]"] == "passed"


@pytest.mark.parametrize(("recorded", "outcome"), [(0.83, "passed"), (0.95, "failed")])
def test_what_was_recorded_at_training_is_read_from_a_file(project, recorded, outcome):
    project.write("metrics.json", json.dumps({"test_auc": recorded}))
    project.settings(
        "[performance.loss_to_recorded]\nroc_auc = { at_most = 0.05 }\n"
        '[performance.recorded]\nfile = "metrics.json"\nnames = { roc_auc = "test_auc" }\n'
    )
    project.run()
    assert project.outcomes()[f"{RECORDED}[roc_auc]"] == outcome


def test_what_was_not_recorded_names_what_was(project):
    project.write("metrics.json", json.dumps({"test_auc": 0.8}))
    project.settings(
        '[performance.loss_to_recorded]\nroc_auc = { at_most = 0.05 }\n[performance.recorded]\nfile = "metrics.json"\n'
    )
    project.run()
    check = checks(project)[f"{RECORDED}[roc_auc]"]
    assert check["outcome"] == "error"
    assert "recorded are: test_auc" in check["remedy"]


def test_a_metric_is_compared_with_the_run_before(project):
    project.settings()
    project.run("--ml-report", "today")
    shutil.copytree(project.path / "today", project.path / "yesterday")
    table = '[performance]\nprevious = "yesterday"\n[performance.loss_to_previous]\nroc_auc = {{ at_most = {most} }}\n'
    for most, outcome in ((0.05, "passed"), (-0.2, "failed")):
        project.settings(table.format(most=most), replace={"[performance.metrics]": "[performance.metrics] # as ever"})
        project.run("--ml-report", "today")
        found = {check["id"]: check["outcome"] for check in project.evidence("today")["subjects"][0]["checks"]}
        assert found[f"{PREVIOUS}[roc_auc]"] == outcome


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "[performance] previous is not set"),
        ('[performance]\nprevious = "none"\n', "does not exist"),
        ('[performance]\nprevious = "yesterday"\n', "has no value of 'f1' for 'loans'"),
    ],
)
def test_a_run_before_that_says_nothing_is_an_error(project, line, words):
    project.settings()
    project.run("--ml-report", "yesterday")
    project.settings(f"{line}[performance.loss_to_previous]\nf1 = {{ at_most = 0.1 }}\n")
    project.run()
    check = checks(project)[f"{PREVIOUS}[f1]"]
    assert check["outcome"] == "error"
    assert words in check["message"]
    assert check["remedy"]


def test_superiority_is_a_loss_of_at_most_a_negative_number(project):
    for most, outcome in ((-0.005, "passed"), (-0.2, "failed")):
        project.settings(
            f"[performance.loss_to_baseline]\nroc_auc = {{ at_most = {most} }}\n",
            replace={'uri = "model.skops"': 'uri = "model.skops"\nbaseline = "weak.skops"'},
        )
        project.run("--ml-stage", "predeploy")
        assert project.outcomes()["performance::test_the_model_is_not_worse_than_the_baseline[roc_auc]"] == outcome


def test_the_same_file_as_baseline_loses_exactly_nothing(project):
    project.settings(
        "[performance.loss_to_baseline]\naverage_precision = { at_most = 0 }\nmatthews_corrcoef = { at_most = 0 }\n",
        replace={'uri = "model.skops"': 'uri = "model.skops"\nbaseline = "model.skops"'},
    )
    project.run("--ml-stage", "predeploy")
    for metric in ("average_precision", "matthews_corrcoef"):
        name = f"performance::test_the_model_is_not_worse_than_the_baseline[{metric}]"
        assert project.outcomes()[name] == "passed"
