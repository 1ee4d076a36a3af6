"""Fairness of models of several classes, through the gate: the class in which groups differ most is named."""

import numpy as np
import pandas as pd
import pytest
import skops.io
from groups_of_people import ALIKE, add, judged, read
from sklearn.linear_model import LogisticRegression

GRADES = ("low", "mid", "top")


def graded(draw, rows=6_000):
    """Applicants with a grade that follows from what they earn, whoever they are."""
    frame = pd.DataFrame(
        {"id": np.arange(rows), "income": draw.normal(size=rows), "woman": draw.integers(0, 2, size=rows)}
    )
    frame["sex"] = np.where(frame["woman"], "f", "m")
    frame["grade"] = np.digitize(frame["income"] + draw.normal(scale=0.4, size=rows), [-0.5, 0.5])
    return frame.assign(grade=np.array(GRADES)[frame["grade"]])


@pytest.fixture
def grades(project):
    """A project whose model gives one of three grades, and a function that trains it on given labels."""
    draw = np.random.default_rng(21)
    train = graded(draw)
    train.to_parquet(project.path / "train.parquet")
    graded(draw).assign(id=lambda frame: frame["id"] + 10**6).to_parquet(project.path / "test.parquet")

    def fit(labels, features):
        model = LogisticRegression(max_iter=1000).fit(train[features], labels)
        skops.io.dump(model, project.path / "model.skops")

    project.train, project.fit = train, fit
    return project


def as_grades(task='task = "multiclass"\n', uri="model.skops"):
    return {
        'uri = "model.skops"': f'{task}uri = "{uri}"',
        'target = "paid"': 'target = "grade"\nignore = ["sex"]',
        "roc_auc = { at_least = 0.7 }": "",
        "accuracy = { at_least = 0.6 }": "",
    }


@pytest.mark.parametrize("task", ["", 'task = "multiclass"\n'])
def test_a_fair_model_of_several_classes_passes_the_default_limits(grades, task):
    grades.fit(grades.train["grade"], ["income", "woman"])
    grades.settings('[fairness]\nby = ["sex"]\n', replace=as_grades(task))
    grades.run("--ml-stage", "predeploy")
    for metric in ("demographic_parity_ratio", "equalized_odds_difference"):
        outcome, measured = judged(grades, f"{ALIKE}[sex-{metric}]")
        assert outcome == "passed"
        assert any(f"_rate of class {grade}: sex" in measured[f"{metric}[sex]"]["reason"] for grade in GRADES)


def test_a_group_that_is_treated_worse_in_one_class_fails_and_class_and_groups_are_named(grades):
    # Whoever labelled the rows gave women of the best grade the one below, mostly.
    denied = (grades.train["sex"] == "f") & (grades.train["grade"] == "top") & (grades.train["id"] % 10 < 8)
    grades.fit(grades.train["grade"].mask(denied, "mid"), ["income", "woman"])
    grades.settings('[fairness]\nby = ["sex"]\n', replace=as_grades())
    result = grades.run()
    for metric, rate in (("demographic_parity_ratio", "selection"), ("equalized_odds_difference", "true_positive")):
        outcome, measured = judged(grades, f"{ALIKE}[sex-{metric}]")
        assert outcome == "failed"
        found = measured[f"{metric}[sex]"]
        assert found["reason"].startswith(f"{rate}_rate of class top: sex = f 0.")
        assert ", sex = m 0." in found["reason"]
        assert [group["name"] for group in found["details"]["groups"]] == ["sex = f", "sex = m"]
    result.stdout.fnmatch_lines(["*true_positive_rate of class top: sex = f 0.* of *, sex = m 0.* of *"])


def test_a_group_without_one_of_several_classes_is_told_and_not_judged(grades):
    grades.fit(grades.train["grade"], ["income"])
    test = read(grades)
    add(grades, grade=test["grade"].mask((test["sex"] == "f") & (test["grade"] == "top"), "mid"))
    grades.settings(
        '[fairness]\nby = ["sex"]\n[fairness.metrics]\ndemographic_parity_ratio = false\n', replace=as_grades()
    )
    grades.run()
    _, measured = judged(grades, f"{ALIKE}[sex-equalized_odds_difference]")
    assert measured["equalized_odds_difference[sex = f]"]["reason"] == (
        "true_positive_rate of class top: no row is of this class"
    )
    assert measured["judged_share"]["verdict"] == "inconclusive"


def test_a_class_that_no_group_has_is_not_compared(grades):
    grades.fit(grades.train["grade"], ["income"])
    add(grades, grade=read(grades)["grade"].replace("top", "mid"))
    grades.settings(
        '[fairness]\nby = ["sex"]\n[fairness.metrics]\ndemographic_parity_ratio = false\n', replace=as_grades()
    )
    grades.run()
    outcome, measured = judged(grades, f"{ALIKE}[sex-equalized_odds_difference]")
    assert outcome == "passed"
    # Nothing stands beside it: every group was judged.
    assert list(measured) == ["equalized_odds_difference[sex]"]


def test_scores_of_several_classes_that_are_no_probabilities_are_an_error(grades):
    grades.write(
        "margins.py",
        "import numpy as np\nimport pytest_mlquality\n\n\n"
        f"@pytest_mlquality.model(features=['income'], classes={list(GRADES)})\n"
        "def margins(frame):\n"
        "    return np.column_stack([-frame['income'], 0 * frame['income'], frame['income']])\n",
    )
    grades.settings('[fairness]\nby = ["sex"]\n', replace=as_grades(uri="python:margins:margins"))
    result = grades.run()
    assert grades.outcomes()[f"{ALIKE}[sex-demographic_parity_ratio]"] == "error"
    result.stdout.fnmatch_lines(["*margins:margins*outside*0 to 1*", "*remedy: *"])
