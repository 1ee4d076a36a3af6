"""Attributions of every kind of model, in the terms of the columns that its users know."""

from __future__ import annotations

from pathlib import Path

import catboost
import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC

from pytest_mlquality.adapters.explainers import Attributions, Question, explain
from pytest_mlquality.adapters.explainers.pipeline import UNKNOWN, Opened, summed
from pytest_mlquality.adapters.models import Wanted, load
from pytest_mlquality.adapters.models.scikit_learn import model_of
from pytest_mlquality.errors import ModelError

COLUMNS = ("age", "income", "region", "noise")
NUMBERS = ("age", "income", "noise")


def people(n=1200, seed=0):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": random.normal(40, 10, n),
            "income": np.where(random.random(n) < 0.2, np.nan, random.normal(30, 5, n)),
            "region": pd.Categorical(random.choice(["north", "south", "east"], n, p=[0.5, 0.3, 0.2])),
            "noise": random.normal(size=n),
        }
    )
    score = (frame["age"] - 40) / 8 + np.nan_to_num(frame["income"] - 30) / 10 + 2.5 * (frame["region"] == "south") - 1
    return frame, score.to_numpy(), random


def labelled(n=1200, seed=0):
    frame, score, random = people(n, seed)
    return frame, (random.random(n) < 1 / (1 + np.exp(-score))).astype(int)


def encoded(last, encoder=None):
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    columns = ColumnTransformer(
        [("cat", encoder or OneHotEncoder(handle_unknown="ignore"), ["region"]), ("num", numbers, list(NUMBERS))]
    )
    return make_pipeline(columns, last)


def asked(estimator, frame, *, positive=1, budget=40_000, rows=60, seed=0):
    model = model_of(estimator, None, Wanted("here", Path()))
    if model.classes is None or len(model.classes) > 2:
        positive = None
    return Question(model, frame.iloc[:rows], frame.iloc[600:900], positive, seed, budget)


def strength(found: Attributions):
    return dict(zip(found.columns, np.abs(found.values).sum(axis=2).mean(axis=0), strict=True))


def gap(found: Attributions):
    return float(np.abs(found.gaps).max())


CLASSIFIERS = {
    "forest": encoded(RandomForestClassifier(20, random_state=0)),
    "extra trees": encoded(ExtraTreesClassifier(20, random_state=0)),
    "gradient boosting": encoded(GradientBoostingClassifier(random_state=0)),
    "hist gradient boosting": encoded(HistGradientBoostingClassifier(max_iter=30)),
    "ordinal codes": encoded(HistGradientBoostingClassifier(max_iter=30), OrdinalEncoder()),
    "xgboost": encoded(xgboost.XGBClassifier(n_estimators=30)),
    "xgboost, categories": xgboost.XGBClassifier(n_estimators=30, enable_categorical=True),
    "lightgbm": encoded(lightgbm.LGBMClassifier(n_estimators=30, verbose=-1)),
    "lightgbm, categories": lightgbm.LGBMClassifier(n_estimators=30, verbose=-1),
    "catboost": encoded(catboost.CatBoostClassifier(iterations=30, verbose=0, allow_writing_files=False)),
    "catboost, categories": catboost.CatBoostClassifier(
        iterations=30, verbose=0, allow_writing_files=False, cat_features=["region"]
    ),
    "logistic regression": encoded(LogisticRegression()),
    "search": GridSearchCV(encoded(LogisticRegression()), {"logisticregression__C": [0.5, 1.0]}, cv=2),
}
SAMPLED = {
    "hist gradient boosting, categories": HistGradientBoostingClassifier(max_iter=30),
    "neighbours": encoded(KNeighborsClassifier(50)),
    "calibrated": CalibratedClassifierCV(encoded(RandomForestClassifier(20, random_state=0)), cv=2),
    "components": make_pipeline(encoded(PCA(6)), LogisticRegression()),
    "decisions alone": encoded(SVC()),
}


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_is_explained_exactly_in_the_terms_of_its_columns(name):
    frame, labels = labelled()
    found = explain(asked(CLASSIFIERS[name].fit(frame, labels), frame), "shap")
    assert found.columns == COLUMNS
    assert found.method in ("SHAP, TreeExplainer", "SHAP, LinearExplainer")
    assert found.values.shape == (60, 4, 1)
    assert gap(found) < 1e-4
    sizes = strength(found)
    assert sizes["noise"] < min(sizes["age"], sizes["region"])
    # The south raises the answer: the column's part is positive there, and for the positive class.
    south = frame["region"].iloc[:60].to_numpy() == "south"
    assert found.values[south, 2, 0].mean() > found.values[~south, 2, 0].mean()


@pytest.mark.parametrize("name", SAMPLED)
def test_what_cannot_be_looked_into_is_asked(name):
    frame, labels = labelled()
    found = explain(asked(SAMPLED[name].fit(frame, labels), frame), "shap")
    assert found.columns == COLUMNS
    assert found.method.startswith("SHAP, permutation")
    assert gap(found) < 1e-9
    sizes = strength(found)
    assert sizes["noise"] < min(sizes["age"], sizes["region"])


@pytest.mark.parametrize("name", ["forest", "xgboost, categories", "catboost, categories", "logistic regression"])
def test_the_negative_class_is_explained_where_it_is_the_positive_one(name):
    frame, labels = labelled()
    model = CLASSIFIERS[name].fit(frame, labels)
    one, other = (explain(asked(model, frame, positive=place), "shap") for place in (1, 0))
    assert np.allclose(one.values, -other.values, atol=1e-6)
    assert gap(other) < 1e-4


@pytest.mark.parametrize(
    "model",
    [
        RandomForestRegressor(20, random_state=0),
        GradientBoostingRegressor(random_state=0),
        HistGradientBoostingRegressor(max_iter=30),
        HistGradientBoostingRegressor(max_iter=30, loss="poisson"),
        xgboost.XGBRegressor(n_estimators=30),
        lightgbm.LGBMRegressor(n_estimators=30, verbose=-1),
        Ridge(),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_regression_is_explained_exactly(model):
    frame, score, _ = people()
    found = explain(asked(encoded(model).fit(frame, np.exp(score / 3)), frame), "shap")
    assert "permutation" not in found.method
    assert gap(found) < 1e-4
    assert strength(found)["noise"] < strength(found)["age"]


def test_a_link_that_is_not_the_identity_is_not_taken_for_linear():
    frame, score, _ = people()
    found = explain(asked(encoded(PoissonRegressor()).fit(frame, np.exp(score / 3)), frame), "shap")
    assert found.method.startswith("SHAP, permutation")


@pytest.mark.parametrize(
    "last", [HistGradientBoostingClassifier(max_iter=20), LogisticRegression(), KNeighborsClassifier()]
)
def test_each_class_of_several_is_explained(last):
    frame, score, _ = people()
    labels = np.select([score < -1, score < 1], ["low", "middle"], "high")
    found = explain(asked(encoded(last).fit(frame, labels), frame), "shap")
    assert found.values.shape == (60, 4, 3)
    assert gap(found) < 1e-6


@pytest.mark.parametrize("kind", ["xgboost", "lightgbm", "catboost"])
def test_a_model_of_a_library_s_own_file_is_explained_exactly(kind, tmp_path):
    frame, labels = labelled()
    if kind == "xgboost":
        path = tmp_path / "model.ubj"
        fitted = xgboost.XGBClassifier(n_estimators=60, enable_categorical=True, early_stopping_rounds=2)
        fitted.fit(frame, labels, eval_set=[(frame[:100], labels[:100] ^ 1)], verbose=False)
        fitted.save_model(path)
    elif kind == "lightgbm":
        path = tmp_path / "model.txt"
        lightgbm.LGBMClassifier(n_estimators=30, verbose=-1).fit(frame, labels).booster_.save_model(path)
    else:
        path = tmp_path / "model.cbm"
        CLASSIFIERS["catboost, categories"].fit(frame, labels).save_model(str(path))
    model = load(Wanted(str(path), tmp_path, features=COLUMNS, task="binary"))
    found = explain(Question(model, frame.iloc[:60], frame.iloc[600:900], 1, 0, 40_000), "shap")
    assert found.method == "SHAP, TreeExplainer"
    assert found.unit == "log-odds"
    assert gap(found) < 1e-4
    # What is explained is what the model answers.
    answers = model.predict_proba(frame.iloc[:60])[:, 1]
    assert np.allclose(1 / (1 + np.exp(-found.answers[:, 0])), answers, atol=1e-5)


def test_what_a_library_cannot_explain_is_asked_and_the_reason_told():
    frame, labels = labelled(600)
    numbers = frame[["age", "noise"]]
    for estimator, rows in (
        (lightgbm.LGBMClassifier(n_estimators=5, linear_tree=True, verbose=-1), numbers),
        (
            catboost.CatBoostClassifier(iterations=5, verbose=0, allow_writing_files=False, text_features=["said"]),
            numbers.assign(said="a " + frame["region"].astype(str)),
        ),
    ):
        model = model_of(estimator.fit(rows, labels), None, Wanted("here", Path()))
        found = explain(Question(model, rows.iloc[:20], rows.iloc[300:350], 1, 0, 4_000), "shap")
        assert found.method.startswith("SHAP, permutation with")
        assert "its insides cannot be explained: " in found.method
        assert gap(found) < 1e-9
    assert "CatBoostError" in found.method


def test_a_booster_that_answers_with_all_rounds_is_explained_with_all(tmp_path):
    frame, labels = labelled(600)
    rows = [xgboost.DMatrix(frame[["age", "noise"]], target) for target in (labels, 1 - labels)]
    booster = xgboost.train(
        {"objective": "binary:logistic"}, rows[0], 20, [(rows[1], "other")], early_stopping_rounds=3, verbose_eval=False
    )
    booster.save_model(tmp_path / "m.ubj")
    model = load(Wanted("m.ubj", tmp_path))
    asked_rows = frame[["age", "noise"]]
    found = explain(Question(model, asked_rows.iloc[:20], asked_rows.iloc[300:350], 1, 0, 4_000), "shap")
    assert found.method == "SHAP, TreeExplainer"
    assert gap(found) < 1e-4
    assert np.allclose(
        1 / (1 + np.exp(-found.answers[:, 0])), model.predict_proba(asked_rows.iloc[:20])[:, 1], atol=1e-5
    )


def test_several_numbers_a_row_are_not_explained_as_one():
    class Two:
        classes, has_probabilities, uri, inside = None, False, "two", None

        def predict(self, rows):
            return np.zeros((len(rows), 2))

    rows = pd.DataFrame({"a": [0.0, 1.0]})
    with pytest.raises(ModelError, match="answers with 2 numbers a row, and one is explained"):
        explain(Question(Two(), rows, rows, None, 0, 100), "shap")


def test_sampled_values_are_those_of_the_exact_ones():
    frame, labels = labelled()
    model = encoded(LogisticRegression()).fit(frame, labels)
    exact = explain(asked(model, frame), "shap")

    class Margin:
        classes = None
        has_probabilities = False
        uri, inside = "margin", None

        def predict(self, rows):
            return model.decision_function(rows)

    question = Question(Margin(), frame.iloc[:60], frame.iloc[600:650], None, 0, 10**6)
    sampled = explain(question, "shap_permutation")
    # Of a linear model any order gives the same; only the background is smaller.
    assert np.corrcoef(exact.values.ravel(), sampled.values.ravel())[0, 1] > 0.99


def test_the_budget_bounds_what_the_model_is_asked():
    frame, labels = labelled()
    model, seen = KNeighborsClassifier().fit(frame[["age", "noise"]], labels), []

    class Counted:
        classes, has_probabilities, uri, inside = (0, 1), True, "counted", None

        def predict_proba(self, rows):
            seen.append(len(rows))
            return model.predict_proba(rows[["age", "noise"]])

    question = Question(Counted(), frame[list(COLUMNS)].iloc[:500], frame.iloc[600:900], 1, 0, 3_000)
    found = explain(question, "shap")
    assert len(found.values) == 100
    assert sum(seen) <= 3_000 + 100 + 50 + 1


def test_columns_that_the_model_ignores_have_no_part():
    frame, labels = labelled()
    model = make_pipeline(ColumnTransformer([("num", "passthrough", ["age"])]), LogisticRegression()).fit(frame, labels)
    sizes = strength(explain(asked(model, frame), "shap"))
    assert sizes["age"] > 0
    assert sizes["income"] == sizes["region"] == sizes["noise"] == 0


def test_a_column_gathers_what_was_made_of_it():
    frame, labels = labelled()
    model = encoded(LogisticRegression()).fit(frame, labels)
    opened = Opened.of(model)
    assert opened.sources(frame).tolist() == [2, 2, 2, 0, 1, 3]
    # A label that no row here has is known by its name.
    assert opened.sources(frame[frame["region"] != "south"]).tolist() == [2, 2, 2, 0, 1, 3]


def test_what_stems_from_no_column_is_shared_out():
    found = summed(np.array([[[1.0], [2.0], [3.0]]]), np.array([0, 1, UNKNOWN]), 2)
    assert found[0, :, 0].tolist() == [2.0, 4.0]


@pytest.mark.parametrize("name", ["hist gradient boosting", "neighbours"])
def test_lime_weighs_the_columns_that_matter(name):
    frame, labels = labelled()
    model = {**CLASSIFIERS, **SAMPLED}[name].fit(frame, labels)
    found = explain(asked(model, frame, rows=30, budget=30 * 500), "lime")
    assert found.method == "LIME with 500 answers around each row"
    assert found.fidelity.shape == (30,)
    assert found.fidelity.mean() > 0.3
    assert strength(found)["noise"] < min(strength(found)["age"], strength(found)["region"])


def test_lime_explains_numbers_and_several_classes():
    frame, score, _ = people()
    regression = explain(asked(encoded(Ridge()).fit(frame, score), frame, rows=20, budget=10_000), "lime")
    assert regression.values.shape == (20, 4, 1)
    labels = np.select([score < -1, score < 1], ["low", "middle"], "high")
    classes = explain(asked(encoded(LogisticRegression()).fit(frame, labels), frame, rows=20, budget=10_000), "lime")
    assert classes.values.shape == (20, 4, 3)
    assert strength(regression)["noise"] < strength(regression)["age"]


@pytest.mark.parametrize("method", ["shap_permutation", "lime"])
def test_a_seed_gives_the_same_again(method):
    frame, labels = labelled()
    model = encoded(KNeighborsClassifier(20)).fit(frame, labels)
    first, again, other = (explain(asked(model, frame, rows=10, budget=5_000, seed=seed), method) for seed in (1, 1, 2))
    assert np.array_equal(first.values, again.values)
    assert not np.array_equal(first.values, other.values)
