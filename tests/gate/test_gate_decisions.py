"""What is judged are the decisions that a model makes where it is deployed, and the evidence says who made them."""

import hashlib
import json

import catboost
import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import recall_score
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

FEATURES = ["income", "age", "region"]
LIMITS = """\
recall = { at_least = 0.1 }
[fairness]
by = ["region"]
[fairness.metrics]
demographic_parity_ratio = { at_least = 0.1 }
"""


def rows(project, split):
    return pd.read_parquet(project.path / f"{split}.parquet")


def kept(project, estimator, name="model.joblib"):
    train = rows(project, "train")
    estimator.fit(train[FEATURES], train["paid"])
    if name.endswith(".joblib"):
        joblib.dump(estimator, project.path / name)
    else:
        estimator.set_probability_threshold(0.6)
        estimator.save_model(str(project.path / name))
    return hashlib.sha256((project.path / name).read_bytes()).hexdigest()


def measured(project, name):
    return [m["value"] for check in project.subject()["checks"] for m in check["measurements"] if m["name"] == name]


MODELS = {
    "fixed": FixedThresholdClassifier(LogisticRegression(), threshold=0.9),
    "tuned": TunedThresholdClassifierCV(LogisticRegression(), scoring="recall", cv=2),
    "in a pipeline": make_pipeline(StandardScaler(), FixedThresholdClassifier(LogisticRegression(), threshold=0.9)),
    "catboost": catboost.CatBoostClassifier(iterations=5, verbose=0, thread_count=1, allow_writing_files=False),
}


@pytest.mark.parametrize("kind", MODELS)
def test_a_threshold_of_the_model_s_own_decides(kind, project):
    estimator = MODELS[kind]
    name = "model.cbm" if kind == "catboost" else "model.joblib"
    sha256 = kept(project, estimator, name)
    project.settings(LIMITS, replace={'"model.skops"': f'"{name}"\nsha256 = "{sha256}"'})
    result = project.run()
    result.stdout.fnmatch_lines(["*inferred decisions = the model's own (its predict)*"])
    test = rows(project, "test")
    own = np.ravel(estimator.predict(test[FEATURES]))
    assert measured(project, "recall") == [pytest.approx(recall_score(test["paid"], own))]
    assert measured(project, "accuracy")[0] == pytest.approx((own == test["paid"]).mean())
    # What is drawn from probabilities is what it was.
    assert measured(project, "roc_auc")[0] > 0.8
    assert project.subject()["model"]["remarks"] == ["decisions = the model's own (its predict)"]
    by_group = test.assign(own=own).groupby("region")["own"].mean()
    ratio = by_group.min() / by_group.max()
    assert measured(project, "demographic_parity_ratio[region]")[0] == pytest.approx(ratio)
    page = (project.path / "ml-quality-report" / "report.html").read_text(encoding="utf-8")
    assert "decisions = the model&#39;s own" in page


def test_a_threshold_that_is_written_decides_instead(project):
    estimator = MODELS["fixed"]
    sha256 = kept(project, estimator)
    written = f'"model.joblib"\nsha256 = "{sha256}"\nthreshold = 0.5'
    project.settings("recall = { at_least = 0.1 }", replace={'"model.skops"': written})
    project.run()
    test = rows(project, "test")
    decided = estimator.predict_proba(test[FEATURES])[:, 1] >= 0.5
    assert measured(project, "recall") == [pytest.approx(recall_score(test["paid"], decided))]
    (remark,) = project.subject()["model"]["remarks"]
    assert remark == "decisions = positive from a probability of 0.5 on ([model] threshold)"


def test_a_threshold_that_cannot_be_used_is_said(project):
    train = rows(project, "train")
    model = LogisticRegression(max_iter=500).fit(train[FEATURES], np.digitize(train["income"], [-1, 1]))
    joblib.dump(model, project.path / "model.joblib")
    sha256 = hashlib.sha256((project.path / "model.joblib").read_bytes()).hexdigest()
    written = f'"model.joblib"\nsha256 = "{sha256}"\nthreshold = 0.5'
    project.settings(replace={'"model.skops"': written})
    project.run().stdout.fnmatch_lines(["*threshold = 0.5 ([[]model] threshold) is not used: the model has 3 classes*"])


OWN = """\
import numpy as np
import pytest_mlquality
from sklearn.linear_model import LogisticRegression


class Careful(LogisticRegression):
    def predict(self, X):
        return np.where(self.predict_proba(X)[:, 1] > 0.9, *self.classes_[::-1])


def made():
    import pandas as pd

    train = pd.read_parquet("train.parquet")
    return Careful(max_iter=500).fit(train[["income", "age", "region"]], train["paid"])


class Labels:
    # As a pyfunc of MLflow's: labels and nothing else.
    def predict(self, frame):
        return made().predict(frame[["income", "age", "region"]])


@pytest_mlquality.model(features=["income", "age", "region"], classes=["no", "yes"])
def words(frame):
    return np.where(made().predict(frame[["income", "age", "region"]]) == 1, "yes", "no")
"""


@pytest.mark.parametrize("uri", ["made", "Labels"])
def test_a_predict_of_the_user_s_own_decides(uri, project, monkeypatch):
    monkeypatch.chdir(project.path)
    project.write("deciding.py", OWN)
    project.settings(
        replace={
            '"model.skops"': f'"python:deciding:{uri}"\ntask = "binary"\nfeatures = {json.dumps(FEATURES)}',
            "roc_auc = { at_least = 0.7 }": "recall = { at_least = 0.1 }",
        }
    )
    project.run()
    train, test = rows(project, "train"), rows(project, "test")
    model = LogisticRegression(max_iter=500).fit(train[FEATURES], train["paid"])
    own = model.predict_proba(test[FEATURES])[:, 1] > 0.9
    assert measured(project, "recall") == [pytest.approx(recall_score(test["paid"], own))]


def test_labels_in_place_of_probabilities_are_certain(project, monkeypatch):
    monkeypatch.chdir(project.path)
    project.write("deciding.py", OWN)
    for split in ("train", "test"):
        frame = rows(project, split)
        frame.assign(paid=np.where(frame["paid"] == 1, "yes", "no")).to_parquet(project.path / f"{split}.parquet")
    project.write("deciding.py", OWN.replace('train["paid"])', 'train["paid"] == "yes")'))
    project.settings(
        replace={
            '"model.skops"': '"python:deciding:words"',
            "roc_auc = { at_least = 0.7 }": "recall = { at_least = 0.1 }",
        }
    )
    project.run()
    assert 0 < measured(project, "recall")[0] < 0.7
