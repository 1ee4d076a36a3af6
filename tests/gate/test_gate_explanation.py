"""Explanations through the gate: which claims there are, what fails and why, and what bad input is told."""

import json
import re

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from pytest_mlquality import cli
from pytest_mlquality.adapters.explainers import choice

SOUND = "explanation::test_the_explanation_is_sound"
ALONE = "explanation::test_no_column_is_all_or_nothing"
FORBIDDEN = "explanation::test_forbidden_columns_count_for_nothing"
EXPECTED = "explanation::test_columns_count_as_people_expect"
DRIFT = "explanation::test_the_same_columns_count_as_in_the_reference"
BASELINE = "explanation::test_the_same_columns_count_as_for_the_baseline"


def measured(project, name):
    [check] = [check for check in project.subject()["checks"] if check["id"] == name]
    return check["outcome"], check["measurements"][0] if check["measurements"] else check["message"]


def retrain(project, model=None, features=("income", "age", "region"), **columns):
    """Write columns into both splits, each made of a split's rows, and a model that was trained on them."""
    for split in ("train", "test"):
        frame = pd.read_parquet(project.path / f"{split}.parquet")
        frame = frame.assign(**{name: make(frame) for name, make in columns.items()})
        frame.to_parquet(project.path / f"{split}.parquet")
    train = pd.read_parquet(project.path / "train.parquet")
    model = (model or LogisticRegression(max_iter=1000)).fit(train[list(features)], train["paid"])
    skops.io.dump(model, project.path / "model.skops")


def run(project, text, stage="ci", **replace):
    project.settings(text, replace=replace or None)
    return project.run("--ml-stage", stage)


def test_a_header_alone_holds_the_model_to_the_documented_limits(project):
    run(project, "[explanation]\n", stage="predeploy")
    assert {name: outcome for name, outcome in project.outcomes().items() if name.startswith("explanation")} == {
        f"{SOUND}[additivity_error]": "passed",
        f"{SOUND}[stability]": "passed",
        f"{ALONE}[largest_share]": "passed",
    }
    _, found = measured(project, f"{ALONE}[largest_share]")
    assert found["at_most"] == 0.8
    assert found["reason"] == "largest is income"
    assert found["method"].startswith("SHAP, LinearExplainer")
    assert [item["name"] for item in found["details"]["items"]] == ["income", "age", "region"]


def test_a_leaked_column_fails_the_right_check_and_is_named(project):
    random = np.random.default_rng(0)
    leaked = {"collected": lambda frame: frame["paid"] + random.normal(0, 0.05, len(frame))}
    retrain(project, LogisticRegression(C=100, max_iter=5000), ("income", "age", "collected"), **leaked)
    result = run(project, '[explanation]\nexpected = ["income"]\n[explanation.metrics]\nexpected_rank.at_most = 1\n')
    outcome, found = measured(project, f"{ALONE}[largest_share]")
    assert outcome == "failed"
    assert found["reason"] == "largest is collected"
    assert measured(project, f"{EXPECTED}[expected_rank-income]")[0] == "failed"
    result.stdout.fnmatch_lines(["*largest is collected*", "*ahead of it: collected*"])


def test_a_pipeline_s_columns_are_those_of_its_user(project):
    encoded = ColumnTransformer([("region", OneHotEncoder(), ["zone"]), ("rest", "passthrough", ["income"])])
    zones = {"zone": lambda frame: frame["region"].map({0: "n", 1: "s", 2: "e", 3: "w"})}
    retrain(project, make_pipeline(encoded, LogisticRegression()), ("zone", "income"), **zones)
    run(project, "[explanation]\n[explanation.metrics]\nlargest_share = { at_most = 1 }\nunused_columns.at_most = 0\n")
    _, found = measured(project, f"{ALONE}[largest_share]")
    assert [item["name"] for item in found["details"]["items"]] == ["income", "zone"]
    assert found["details"]["items"][1]["dependence"]["labels"]
    assert measured(project, f"{ALONE}[unused_columns]")[0] == "passed"


def test_a_forbidden_column_counts_itself_and_through_others(project):
    random = np.random.default_rng(0)
    columns = {
        "sex": lambda frame: (frame["income"] > 0).astype(int),
        "height": lambda frame: 2 * frame["income"] + random.normal(size=len(frame)),
    }
    retrain(project, features=("age", "sex", "height"), **columns)
    metrics = "[explanation.metrics]\nproxy_share = { at_most = 0.02 }\nlargest_share = false\n"
    result = run(project, f'[explanation]\nforbidden = ["sex"]\n{metrics}')
    assert measured(project, f"{FORBIDDEN}[forbidden_share-sex]")[0] == "failed"
    outcome, found = measured(project, f"{FORBIDDEN}[proxy_share-sex]")
    assert outcome == "failed"
    assert re.match(r"standing in: height \(V = 0\.\d\d\)$", found["reason"])
    result.stdout.fnmatch_lines(["*forbidden_share?sex?*"])


def test_a_forbidden_column_that_the_model_does_not_see_may_still_have_proxies(project):
    retrain(project, features=("income", "age"), sex=lambda frame: (frame["income"] > 0).astype(int))
    metrics = "[explanation.metrics]\nproxy_share = { at_most = 0.02 }\nlargest_share = false\n"
    run(project, f'[explanation]\nforbidden = ["sex"]\n{metrics}', stage="predeploy")
    outcome, found = measured(project, f"{FORBIDDEN}[forbidden_share-sex]")
    assert (outcome, found["value"], found["reason"]) == ("passed", 0, "the model does not see it")
    assert measured(project, f"{FORBIDDEN}[proxy_share-sex]")[0] == "failed"


def test_people_say_which_way_an_answer_goes(project):
    text = '[explanation]\nmonotone = { income = "increasing", age = "decreasing" }\n'
    result = run(project, text)
    assert measured(project, f"{EXPECTED}[against_direction-income]")[0] == "passed"
    outcome, found = measured(project, f"{EXPECTED}[against_direction-age]")
    assert (outcome, found["value"]) == ("failed", 1)
    assert found["details"]["series"][0]["y"] == sorted(found["details"]["series"][0]["y"])
    result.stdout.fnmatch_lines(["*against_direction?age? = 1 *"])


def test_what_counts_has_moved_in_production_and_since_the_baseline(project):
    test = pd.read_parquet(project.path / "test.parquet")
    test.assign(income=0.02 * test["income"]).to_parquet(project.path / "production.parquet")
    train = pd.read_parquet(project.path / "train.parquet")
    before = LogisticRegression(max_iter=1000).fit(train[["income", "age", "region"]].assign(income=0.0), train["paid"])
    skops.io.dump(before, project.path / "before.skops")
    limits = "drift = { share_change = { at_most = 0.2 } }\ndrift_to_baseline = { ndcg = { at_least = 0.9 } }\n"
    run(
        project,
        f'[data.production]\nsource = "production.parquet"\n[explanation]\n{limits}',
        stage="predeploy",
        **{'uri = "model.skops"': 'uri = "model.skops"\nbaseline = "before.skops"'},
    )
    outcome, found = measured(project, f"{DRIFT}[share_change-train-production]")
    assert outcome == "failed"
    assert found["reason"].startswith("moved most: ")
    assert measured(project, f"{BASELINE}[ndcg]")[0] == "failed"


def test_nothing_moved_where_production_is_like_train(project):
    pd.read_parquet(project.path / "test.parquet").to_parquet(project.path / "production.parquet")
    limits = "drift = { ndcg = { at_least = 0.9 }, share_change = { at_most = 0.15 } }\n"
    run(project, f'[data.production]\nsource = "production.parquet"\n[explanation]\n{limits}', stage="predeploy")
    for measure in ("ndcg", "share_change"):
        assert measured(project, f"{DRIFT}[{measure}-train-production]")[0] == "passed"


@pytest.mark.parametrize(
    ("method", "limits", "named"),
    [
        ("lime", "fidelity = { at_least = 0.2 }", "LIME"),
        ("permutation_importance", "largest_share = { at_most = 0.95 }", "permutation importance"),
        ("shap_permutation", "largest_share = { at_most = 0.95 }", "SHAP, permutation"),
    ],
)
def test_another_method_has_the_same_face(project, method, limits, named):
    rows = 500 if method == "permutation_importance" else 120
    expected = f'expected = ["income"]\nrows = {rows}\nseeds = 2\nbudget = 60_000\n'
    run(
        project,
        f'[explanation]\nmethod = "{method}"\n{expected}[explanation.metrics]\n{limits}\nstability.at_least = 0.8\n',
    )
    outcomes = {name: outcome for name, outcome in project.outcomes().items() if name.startswith("explanation")}
    assert set(outcomes.values()) == {"passed"}
    assert (f"{SOUND}[additivity_error]" in outcomes) == (method == "shap_permutation")
    assert measured(project, f"{EXPECTED}[expected_rank-income]")[1]["value"] == 1
    assert named in measured(project, f"{ALONE}[largest_share]")[1]["method"]


def test_a_model_of_which_only_answers_are_known_is_asked(project):
    retrain(project, GaussianNB(), features=("income", "region"))
    run(project, "[explanation]\nrows = 100\nbudget = 20_000\n[explanation.metrics]\nlargest_share.at_most = 1\n")
    assert measured(project, f"{ALONE}[largest_share]")[1]["method"].startswith("SHAP, permutation")


def test_a_regression_is_explained(project):
    for split in ("train", "test"):
        frame = pd.read_parquet(project.path / f"{split}.parquet")
        frame.assign(paid=frame["income"] + 0.1 * frame["age"]).to_parquet(project.path / f"{split}.parquet")
    train = pd.read_parquet(project.path / "train.parquet")
    model = LinearRegression().fit(train[["income", "age", "region"]], train["paid"])
    skops.io.dump(model, project.path / "model.skops")
    metrics = {"roc_auc = { at_least = 0.7 }\n": "", "accuracy = { at_least = 0.6 }": "r2 = { at_least = 0.5 }"}
    run(project, '[explanation]\nmonotone = { age = "increasing" }\n', stage="predeploy", **metrics)
    assert measured(project, f"{EXPECTED}[against_direction-age]")[0] == "passed"
    assert measured(project, f"{SOUND}[additivity_error]")[0] == "passed"


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ('expected = ["incme"]', f"{EXPECTED}[expected_rank-incme]", "no column 'incme' (did you mean 'income'?)"),
        ('forbidden = ["sex"]', f"{FORBIDDEN}[forbidden_share-sex]", "or a table that has it in [fairness.table]"),
        ('monotone = { paid = "increasing" }', f"{EXPECTED}[against_direction-paid]", "the model does not see 'paid'"),
    ],
)
def test_a_column_that_is_not_there_is_told(project, text, name, told):
    run(project, f"[explanation]\n{text}\n")
    [check] = [check for check in project.subject()["checks"] if check["id"] == name]
    assert check["outcome"] == "error"
    assert told in check["message"] + check["remedy"]


def test_a_model_without_shap_says_what_to_install(project, monkeypatch):
    monkeypatch.setattr(choice, "find_spec", lambda _package: None)
    result = run(project, "[explanation]\n")
    result.stdout.fnmatch_lines(['*pip install "pytest-mlquality?explain?"*'])


def test_a_ranking_is_not_explained(project):
    run(
        project,
        "[explanation]\n",
        **{
            'uri = "model.skops"': 'uri = "model.skops"\ntask = "ranking"',
            "roc_auc = { at_least = 0.7 }\n": "",
            "accuracy = { at_least = 0.6 }": '"ndcg_score[10]" = { at_least = 0.6 }',
        },
    )
    [check] = [one for one in project.subject()["checks"] if one["id"] == f"{ALONE}[largest_share]"]
    assert check["outcome"] == "error"
    assert "binary, multiclass and regression models, and the task is ranking" in check["message"]


def test_evidence_holds_pictures_and_no_rows(project):
    run(project, '[explanation]\nexpected = ["income"]\n')
    text = json.dumps(project.evidence())
    test = pd.read_parquet(project.path / "test.parquet")
    shown = {float(found) for found in re.findall(r"-?\d+\.\d{6,}", text)}
    # Values of income are all different: the curve's points are rounded.
    assert shown
    assert not set(test["income"]) & shown
    assert (project.path / "ml-quality-report" / "report.html").exists()


def test_a_test_of_one_s_own_asks_in_a_line(project):
    project.settings()
    project.write(
        "test_own.py",
        "def test_income_counts(ml_explanation):\n"
        "    assert ml_explanation.expected_rank('income') <= 1\n"
        "    assert ml_explanation.share('region') <= 0.2\n"
        "    assert ml_explanation.against_direction('age', 'increasing') <= 0.05\n",
    )
    result = project.run("test_own.py")
    result.assert_outcomes(passed=1)


def test_one_decision_is_explained_to_who_asks(project, capsys, monkeypatch):
    project.settings()
    monkeypatch.chdir(project.path)
    row = pd.read_parquet(project.path / "test.parquet").iloc[7]
    assert cli.main(["explain", "--key", str(int(row["id"]))]) == 0
    told = capsys.readouterr().out
    assert f"age = {int(row['age'])}" in told
    added = [float(line.split()[0]) for line in told.splitlines() if re.match(r"  \s*[+-]\d", line)]
    assert sum(added) == pytest.approx(float(told.splitlines()[-1].split()[1]), abs=1e-3)
    assert cli.main(["explain", "--key", "nobody"]) == 1
    assert "data.test: no row has the 'id' 'nobody'" in capsys.readouterr().err


def test_without_a_key_no_row_can_be_found(project, capsys):
    path = project.settings(replace={'key = "id"\n': 'ignore = ["id"]\n'})
    assert cli.main(["explain", str(path), "--key", "1"]) == 1
    assert "[data] key is not set" in capsys.readouterr().err


def test_the_default_of_the_largest_share_is_one_by_the_number_of_columns(project):
    retrain(project, features=("income",))
    run(project, "[explanation]\n")
    outcome, message = measured(project, f"{ALONE}[largest_share]")
    assert outcome == "not_applicable"
    assert "the model sees one column, 'income'" in message
    assert project.outcomes()[f"{SOUND}[additivity_error]"] == "passed"
    # A limit that is written holds as it is.
    limits = {"": 0.85, "[explanation.metrics]\nlargest_share.at_most = 1\n": 1.0}
    retrain(project, features=("income", "region"))
    for text, limit in limits.items():
        run(project, f"[explanation]\n{text}")
        assert measured(project, f"{ALONE}[largest_share]")[1]["at_most"] == limit


@pytest.mark.parametrize(("index", "rows", "outcome"), [(1.1, 2_000, "inconclusive"), (30.0, 200, "passed")])
def test_more_rows_are_explained_where_few_move_the_answers_most(project, index, rows, outcome):
    """Incomes of a power law: 200 rows lack those that have most of the movement, and all there are may as well."""
    draw = np.random.default_rng(3)
    retrain(project, income=lambda frame: np.sign(frame["income"]) * (1 + draw.pareto(index, len(frame))))
    run(project, "[explanation]\nrows = 200\n[explanation.metrics]\nlargest_share = { at_most = 0.95 }\n")
    found_outcome, found = measured(project, f"{ALONE}[largest_share]")
    assert (found["n"], found_outcome) == (rows, outcome)
    assert ("too few rows explained" in found["reason"]) == (outcome == "inconclusive")
