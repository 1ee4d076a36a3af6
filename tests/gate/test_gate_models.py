"""Models of other formats through the gate: what the settings must say, and what a user reads when they do not."""

import hashlib
import json
import re

import joblib
import lightgbm
import numpy as np
import pandas as pd
import pytest
import skops.io
import xgboost

LOSS = "\n[performance.loss_to_baseline]\nroc_auc = { at_most = 0.1 }\n"


@pytest.fixture
def pickled(project):
    """A project whose model and baseline are pickles."""
    for name in ("model", "weak"):
        path = project.path / f"{name}.skops"
        trusted = skops.io.get_untrusted_types(file=path)
        joblib.dump(skops.io.load(path, trusted=trusted), project.path / f"{name}.joblib")
    return project


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def lines(project, **pins):
    uris = {'uri = "model.skops"': 'uri = "model.joblib"\nbaseline = "weak.joblib"'}
    text = "".join(f'{key} = "{value}"\n' for key, value in pins.items())
    replaced = {old: f"{new}\n{text}" for old, new in uris.items()}
    project.settings(LOSS, replace=replaced)
    return project.run("--ml-stage", "predeploy")


def test_a_pickle_is_judged_once_the_lines_that_the_gate_prints_stand_in_the_file(pickled):
    pins = {}
    for key, name in (("sha256", "model"), ("baseline_sha256", "weak")):
        printed = lines(pickled, **pins).stdout.str()
        (pins[key],) = set(re.findall(rf'put into \[model\]: {key} = "([0-9a-f]{{64}})"', printed))
        assert pins[key] == sha256(pickled.path / f"{name}.joblib")
    lines(pickled, **pins)
    assert pickled.outcomes()["performance::test_the_model_is_not_worse_than_the_baseline[roc_auc]"] == "passed"
    assert pickled.subject()["model"]["digest"] == f"sha256:{pins['sha256']}"


def test_what_nightly_judges_has_the_pin_that_stands_beside_it(pickled):
    data = '\n[data.production]\nsource = "test.parquet"\n[stage.nightly]\nchecks = ["performance"]\n'
    pins = {"sha256": "0" * 64, "baseline_sha256": sha256(pickled.path / "weak.joblib")}
    text = "".join(f'{key} = "{value}"\n' for key, value in pins.items())
    pickled.settings(
        LOSS + data, replace={'uri = "model.skops"': f'uri = "model.joblib"\nbaseline = "weak.joblib"\n{text}'}
    )
    pickled.run("--ml-stage", "nightly")
    assert pickled.subject()["model"]["digest"] == f"sha256:{pins['baseline_sha256']}"


def test_a_predict_function_is_gated_by_its_name_alone(project):
    project.write(
        "serve.py",
        "import numpy as np, pytest_mlquality\n"
        '@pytest_mlquality.model(features=["income", "age"], classes=[0, 1])\n'
        "def predict(frame):\n"
        "    return 1 / (1 + np.exp(-1.5 * frame['income'] - 0.03 * (frame['age'] - 49) - 0.3))\n",
    )
    project.settings(replace={"model.skops": "python:serve:predict"})
    result = project.run()
    assert result.ret == 0
    assert set(project.outcomes().values()) == {"passed"}
    model = project.subject()["model"]
    assert (model["uri"], model["digest"]) == ("python:serve:predict", None)


def test_columns_that_a_model_does_not_name_are_printed(project):
    project.write(
        "serve.py",
        "import pytest_mlquality\n"
        "@pytest_mlquality.model\ndef predict(frame):\n    return (frame['income'] > 0).astype(int)\n",
    )
    project.settings(
        replace={
            'uri = "model.skops"': 'uri = "python:serve:predict"\ntask = "binary"',
            "roc_auc = { at_least = 0.7 }": "balanced_accuracy = { at_least = 0.6 }",
        }
    )
    result = project.run()
    assert set(project.outcomes().values()) == {"passed"}
    result.stdout.fnmatch_lines(["*features = *income*age*region*(the model names none*"])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("np.random.default_rng().random(len(frame))", "*changes its answers: * of 500 rows that were asked twice*"),
        ("np.zeros(3)", "*answered with shape (3, 2) where (*, 2) was expected*"),
        ("np.where(frame.index == 16, np.nan, 0.5)", "*answers for 1 of * rows are missing or not finite*"),
        ("np.full(len(frame), 1.5)", "*outside 0 to 1*"),
        (
            "1 / 0 if (frame.index == 16).any() else np.zeros(len(frame))",
            "*ZeroDivisionError*on row 17, the only one of*",
        ),
    ],
)
def test_a_model_that_cannot_be_relied_on_is_an_error_with_a_remedy(project, body, words):
    project.write(
        "serve.py",
        "import numpy as np, pytest_mlquality\n"
        '@pytest_mlquality.model(features=["income", "age"], classes=[0, 1])\n'
        f"def predict(frame):\n    return {body}\n",
    )
    project.settings(replace={"model.skops": "python:serve:predict"})
    result = project.run()
    result.stdout.fnmatch_lines([words])
    checks = {check["id"]: check for check in project.subject()["checks"]}
    check = checks["performance::test_a_metric_meets_its_limit[roc_auc]"]
    assert check["outcome"] == "error"
    assert check["remedy"]
    assert json.dumps(check)


def test_a_missing_baseline_is_no_other_model_of_the_file(project):
    project.settings(LOSS, replace={'uri = "model.skops"': 'uri = "model.skops"\nbaseline = "models.skops"'})
    printed = project.run("--ml-stage", "predeploy").stdout.str()
    assert "the model file 'models.skops' does not exist" in printed
    assert "did you mean 'model.skops'" not in printed
    assert "correct [model] baseline" in printed


def test_a_missing_model_is_not_the_baseline(project):
    project.settings(LOSS, replace={'uri = "model.skops"': 'uri = "weak2.skops"\nbaseline = "weak.skops"'})
    printed = project.run("--ml-stage", "predeploy").stdout.str()
    assert "did you mean 'weak.skops'" not in printed
    assert "correct [model] uri" in printed


def numbered(project):
    """A model of XGBoost that knows labels by number, and data that know them by name."""
    train = pd.read_parquet(project.path / "train.parquet")
    xgboost.XGBClassifier(n_estimators=5).fit(train[["income", "age"]], train["paid"]).save_model(
        project.path / "model.ubj"
    )
    for split in ("train", "test"):
        frame = pd.read_parquet(project.path / f"{split}.parquet")
        frame.assign(paid=np.where(frame["paid"] == 1, "yes", "no")).to_parquet(project.path / f"{split}.parquet")
    return project


def test_labels_that_a_model_knows_by_number_are_named_in_the_remedy(project):
    numbered(project).settings(replace={"model.skops": "model.ubj"})
    project.run().stdout.fnmatch_lines(['*set [[]model] classes = [[]"no", "yes"], in the order of its numbers*'])
    project.settings(replace={'"model.skops"': '"model.ubj"\nclasses = ["no", "yes"]'})
    project.run()
    assert project.outcomes()["performance::test_a_metric_meets_its_limit[accuracy]"] == "passed"


def test_spaces_in_names_are_matched_as_lightgbm_writes_them(project):
    for split in ("train", "test"):
        frame = pd.read_parquet(project.path / f"{split}.parquet").rename(columns={"income": "income per year"})
        frame.to_parquet(project.path / f"{split}.parquet")
    train = pd.read_parquet(project.path / "train.parquet")
    fitted = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1).fit(train[["income per year", "age"]], train["paid"])
    fitted.booster_.save_model(project.path / "model.txt")
    schema = '\n[explanation]\nexpected = ["income per year"]\n[schema]\n'
    project.settings(schema, replace={"model.skops": "model.txt"})
    project.run()
    outcomes = project.outcomes()
    assert outcomes["schema::test_columns_are_what_the_model_expects[test]"] == "passed"
    assert outcomes["performance::test_a_metric_meets_its_limit[accuracy]"] == "passed"
    assert "error" not in outcomes.values()
