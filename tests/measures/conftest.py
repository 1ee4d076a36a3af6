"""Answers of real models on data that come with scikit-learn, and the models themselves to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from pytest_mlquality.measures.answers import Answers


@dataclass
class Judged:
    """A fitted model with the rows that it is judged on, as scikit-learn sees them and as answers."""

    model: Any
    features: np.ndarray
    target: np.ndarray
    answers: Answers


def _noisy(features: np.ndarray, seed: int = 0) -> np.ndarray:
    """Standardise, and add noise that leaves the models some errors to be measured."""
    random = np.random.default_rng(seed)
    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    return scaled + random.normal(scale=1.5, size=scaled.shape)


def _binary() -> Judged:
    data = load_breast_cancer()
    # The label "no" counts as positive, though it stands first in the alphabet and first among the columns.
    target, features = (data.target == 0).astype(int), _noisy(data.data)
    model = LogisticRegression(max_iter=500).fit(features[::2], target[::2])
    features, target = features[1::2], target[1::2]
    labels = np.array(["yes", "no"], dtype=object)
    answers = Answers(
        target=labels[target],
        predicted=labels[model.predict(features)],
        probabilities=model.predict_proba(features)[:, ::-1],
        classes=("no", "yes"),
        task="binary",
        positive="no",
    )
    return Judged(model, features, target, answers)


def _multiclass() -> Judged:
    data = load_wine()
    labels = np.array(["barolo", "grignolino", "barbera"])
    features = _noisy(data.data, 1)
    model = LogisticRegression(max_iter=500).fit(features[::2], labels[data.target[::2]])
    features, target = features[1::2], labels[data.target[1::2]]
    answers = Answers(
        target=target,
        predicted=model.predict(features),
        probabilities=model.predict_proba(features),
        classes=tuple(model.classes_),
        task="multiclass",
    )
    return Judged(model, features, target, answers)


def _multilabel() -> Judged:
    data = load_wine()
    features = _noisy(data.data, 2)
    target = (data.data[:, [0, 4, 9]] > np.median(data.data[:, [0, 4, 9]], axis=0)).astype(int)
    model = OneVsRestClassifier(LogisticRegression(max_iter=500)).fit(features[::2], target[::2])
    features, target = features[1::2], target[1::2]
    answers = Answers(
        target=target,
        predicted=model.predict(features),
        probabilities=model.predict_proba(features),
        task="multilabel",
    )
    return Judged(model, features, target, answers)


def _regression() -> Judged:
    features, target = load_diabetes(return_X_y=True)
    model = GradientBoostingRegressor(random_state=0, n_estimators=30).fit(features[::2], target[::2])
    features, target = features[1::2], target[1::2]
    return Judged(model, features, target, Answers(target=target, predicted=model.predict(features), task="regression"))


@pytest.fixture(scope="session")
def judged() -> dict[str, Judged]:
    return {"binary": _binary(), "multiclass": _multiclass(), "multilabel": _multilabel(), "regression": _regression()}
