"""Models that a good one must beat: some that look at no feature, and two that anyone fits in a minute."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from pytest_mlquality.data.other_values import with_other_values
from pytest_mlquality.errors import DataError, ModelError
from pytest_mlquality.measures.answers import Answers

# Without features -> the tasks they are for.
BLIND = {
    "most_frequent": ("binary", "multiclass", "multilabel"),
    "stratified": ("binary", "multiclass", "multilabel"),
    "mean": ("regression",),
    "median": ("regression",),
}
FITTED = ("shallow_tree", "linear")
ROWS = 50_000
DEPTH = 3
_LEAF = 20
_CATEGORIES = 20
_MISSING = "(missing)"


def blind(kind: str, answers: Answers, train: NDArray[Any]) -> Answers:
    """Return what a model says about the rows that knows nothing but the labels of train.

    Parameters
    ----------
    kind
        ``most_frequent``: the most frequent class; ``stratified``: classes drawn with the answers' seed as often as in
        train; both with the shares of train as probabilities, of several labels each for itself. ``mean`` or ``median``
        of train, of a regression.
    answers
        Those of the model under test, whose rows, classes and units are taken.
    train
        Labels of train, shape (m,), of a multilabel task (m, labels).

    Raises
    ------
    ModelError
        The kind does not suit the task.
    """
    if answers.task not in BLIND[kind]:
        raise ModelError(
            f"{kind} is for {' and '.join(BLIND[kind])} models, and the task is {answers.task}",
            f"choose one of {', '.join(name for name, tasks in BLIND.items() if answers.task in tasks) or FITTED}",
        )
    n = len(answers)
    if answers.task == "regression":
        centre = np.mean(train.astype(float)) if kind == "mean" else np.median(train.astype(float))
        return replace(answers, predicted=np.full(n, centre))
    if answers.task == "multilabel":
        return _blind_to_labels(kind, answers, train)
    classes = np.asarray(answers.classes)
    shares = np.array([np.mean(train == label) for label in classes])
    if not shares.sum() > 0:
        raise DataError("no label of train is a class of the model", "check [data] target and the train split")
    shares /= shares.sum()
    if kind == "most_frequent":
        predicted = np.full(n, classes[shares.argmax()])
    else:
        predicted = np.random.default_rng(answers.seed).choice(classes, size=n, p=shares)
    return replace(answers, predicted=predicted, probabilities=np.tile(shares, (n, 1)))


def _blind_to_labels(kind: str, answers: Answers, train: NDArray[Any]) -> Answers:
    likely = np.tile(train.mean(axis=0), (len(answers), 1))
    threshold = 0.5 if kind == "most_frequent" else np.random.default_rng(answers.seed).random(likely.shape)
    return replace(answers, predicted=(likely > threshold).astype(int), probabilities=likely)


def fitted(kind: str, features: pd.DataFrame, target: NDArray[Any], task: str, *, seed: int) -> Pipeline:
    """Fit a shallow tree (three questions deep) or a linear model with scikit-learn's usual settings.

    Numbers are imputed by their median and scaled, labels of at most twenty frequent categories are one-hot encoded,
    times are left out.

    Parameters
    ----------
    features
        Shape (n, columns).
    target
        Without missing ones, shape (n,), of a multilabel task (n, labels).

    Raises
    ------
    ModelError
        There is no such model for the task, or no column that it could use.
    """
    if task not in ("binary", "multiclass", "multilabel", "regression"):
        raise ModelError(f"there is no {kind} for the task {task!r}", "remove its table from [performance.gain_over]")
    numbers = [name for name in features if is_numeric_dtype(features[name].dtype)]
    texts = [name for name in features if name not in numbers and not is_datetime64_any_dtype(features[name].dtype)]
    if not numbers and not texts:
        raise ModelError(f"no feature can be used by a {kind}", "remove its table from [performance.gain_over]")
    encoding = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()), numbers),
        (OneHotEncoder(max_categories=_CATEGORIES, handle_unknown="infrequent_if_exist"), texts),
    )
    logistic = LogisticRegression(max_iter=1_000)
    last: dict[tuple[str, bool], Any] = {
        ("shallow_tree", False): DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=_LEAF, random_state=seed),
        ("shallow_tree", True): DecisionTreeRegressor(max_depth=DEPTH, min_samples_leaf=_LEAF, random_state=seed),
        ("linear", False): OneVsRestClassifier(logistic) if task == "multilabel" else logistic,
        ("linear", True): Ridge(),
    }
    plain = FunctionTransformer(_with_plain_texts, kw_args={"texts": texts}, feature_names_out="one-to-one")
    return make_pipeline(plain, encoding, last[kind, task == "regression"]).fit(features, target)


def _with_plain_texts(frame: pd.DataFrame, texts: list[str]) -> pd.DataFrame:
    """Return a frame whose labels are str objects, missing ones a label of their own, whatever its dtypes."""
    words = {name: frame[name].astype(object).where(frame[name].notna(), _MISSING).astype(str) for name in texts}
    return with_other_values(frame, words)
