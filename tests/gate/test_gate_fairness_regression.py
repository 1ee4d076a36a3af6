"""Fairness of models that predict a number, through the gate: their predictions and errors are compared."""

import numpy as np
import pytest
import skops.io
from groups_of_people import ALIKE, ONLY, add, judged, read
from sklearn.linear_model import LinearRegression


def test_a_number_is_judged_by_errors_and_predictions(project):
    train = read(project, "train.parquet")
    skops.io.dump(LinearRegression().fit(train[["age"]], train["income"]), project.path / "model.skops")
    add(project, group=np.where(read(project)["income"] > 0, "rich", "poor"))
    limits = "mean_prediction_difference = { at_most = 0.5 }\nmean_error_difference = { at_most = 0.5 }\n"
    project.settings(
        f'[fairness]\nby = ["group"]\n{ONLY}{limits}',
        replace={'target = "paid"': 'target = "income"', "roc_auc = { at_least = 0.7 }": "", "accuracy": "#"},
    )
    project.run()
    assert project.outcomes()[f"{ALIKE}[group-mean_prediction_difference]"] == "passed"
    assert project.outcomes()[f"{ALIKE}[group-mean_error_difference]"] == "failed"


@pytest.fixture
def numbers(people):
    """A project whose model predicts a number, as well for women as for men: how much is paid, by income and age."""
    draw = np.random.default_rng(12)
    for file in ("train.parquet", "test.parquet"):
        frame = read(people, file)
        amount = 2 * frame["income"] + frame["age"] / 20 + draw.normal(size=len(frame))
        frame.assign(amount=amount).to_parquet(people.path / file)
    train = read(people, "train.parquet")
    skops.io.dump(LinearRegression().fit(train[["income", "age"]], train["amount"]), people.path / "model.skops")
    return people


def as_numbers(task='task = "regression"\n'):
    return {
        'uri = "model.skops"': f'{task}uri = "model.skops"',
        'target = "paid"': 'target = "amount"\nignore = ["paid"]',
        "roc_auc = { at_least = 0.7 }": "",
        "accuracy = { at_least = 0.6 }": "",
    }


def test_a_header_alone_holds_the_errors_of_a_regression_to_four_fifths(numbers):
    numbers.settings('[fairness]\nby = ["sex", "city"]\n', replace=as_numbers())
    numbers.run()
    outcomes = {name: outcome for name, outcome in numbers.outcomes().items() if name.startswith(ALIKE)}
    assert outcomes == {f"{ALIKE}[{by}-mean_absolute_error_ratio]": "passed" for by in ("sex", "city")}
    test = read(numbers)
    add(numbers, amount=test["amount"] + np.where(test["sex"] == "f", 2 * np.sin(9 * test["id"]), 0))
    result = numbers.run()
    outcome, measured = judged(numbers, f"{ALIKE}[sex-mean_absolute_error_ratio]")
    assert outcome == "failed"
    assert measured["mean_absolute_error_ratio[sex]"]["at_least"] == 0.8
    assert numbers.outcomes()[f"{ALIKE}[city-mean_absolute_error_ratio]"] == "passed"
    result.stdout.fnmatch_lines(["*mean_absolute_error: sex = m 0.783 of 990, sex = f 1.442 of 1,010"])


def test_the_default_limits_asked_of_a_model_of_another_task_name_the_key_that_chooses_others(numbers):
    numbers.settings('[fairness]\nby = ["sex"]\n', replace=as_numbers(task=""))
    result = numbers.run()
    assert numbers.outcomes()[f"{ALIKE}[sex-demographic_parity_ratio]"] == "error"
    result.stdout.fnmatch_lines(
        [
            "*mlquality.toml: *fairness* selection_rate is for binary and multiclass models*task is regression*",
            '*remedy: add [[]model[]] task = "regression", then the default limit is mean_absolute_error_ratio*',
        ]
    )
