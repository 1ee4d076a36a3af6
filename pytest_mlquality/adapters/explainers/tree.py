"""SHAP values of trees, exact: the TreeExplainer of shap, with the training data's own weights of the branches.

Lundberg et al. 2020, Nature Machine Intelligence 2, 56-67.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from pytest_mlquality.adapters.explainers.face import Floats
from pytest_mlquality.adapters.models.xgboost_file import rounds

METHOD = "SHAP, TreeExplainer"
_FORESTS = ("RandomForest", "ExtraTrees", "DecisionTree", "ExtraTree")
_BOOSTED = ("GradientBoosting", "HistGradientBoosting")
_LIBRARIES = ("catboost", "lightgbm", "xgboost")


def fits(estimator: Any) -> bool:  # noqa: ANN401 - of one of four libraries
    """Say whether the TreeExplainer knows these trees."""
    library, name = _kind(estimator)
    if library == "xgboost":
        return not _is_linear(estimator)
    if library != "sklearn":
        return bool(library)
    if name.startswith("HistGradientBoosting"):
        # It does not know splits by category.
        return getattr(estimator, "is_categorical_", None) is None or not np.any(estimator.is_categorical_)
    if name == "GradientBoostingClassifier":
        return len(estimator.classes_) == 2 and estimator.init in (None, "zero")
    return True


def values(estimator: Any, rows: Any) -> tuple[Floats, Floats]:  # noqa: ANN401 - as above; rows as it takes them
    """Return attributions of shape (n, features, outputs) and what they start from, shape (outputs,).

    There is one output of two classes, for the second of them, unless the trees hold probabilities of both.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap

        explainer = shap.TreeExplainer(estimator)
        # Additivity is measured, and held against a limit.
        # Of XGBoost it takes the best rounds where there are such, whatever answers.
        limit = -1 if _kind(estimator)[0] == "xgboost" and _rounds(estimator) == (0, 0) else None
        found = np.asarray(explainer.shap_values(rows, tree_limit=limit, check_additivity=False), dtype=np.float64)
        base = np.atleast_1d(np.asarray(explainer.expected_value, dtype=np.float64))
    return (found[:, :, None] if found.ndim == 2 else found), base


def raw(estimator: Any, rows: Any, *, is_classifier: bool) -> tuple[Floats, str]:  # noqa: ANN401 - as above
    """Return what the trees add up to, before it becomes an answer, shape (n, outputs), and what it is."""
    library, name = _kind(estimator)
    if library == "xgboost":
        found = estimator.predict(rows, output_margin=True, iteration_range=_rounds(estimator))
    elif library == "lightgbm":
        found = estimator.predict(rows, raw_score=True)
    elif library == "catboost":
        found = estimator.predict(rows, prediction_type="RawFormulaVal")
    elif name.endswith("Regressor"):
        found = estimator.predict(rows)
        if getattr(estimator, "loss", None) in ("poisson", "gamma"):
            return _column(np.log(found)), "log of the prediction"
        return _column(found), "prediction"
    elif name.startswith(_BOOSTED):
        found = estimator.decision_function(rows)
    else:
        return _column(estimator.predict_proba(rows)), "probability"
    return _column(found), "log-odds" if is_classifier else "raw score"


def _rounds(estimator: Any) -> tuple[int, int]:  # noqa: ANN401 - as above
    """Return which rounds of boosting answer; XGBClassifier and its like stop at the best, where training looked."""
    if not hasattr(estimator, "get_booster"):
        return rounds(estimator)
    best = estimator.get_booster().attr("best_iteration")
    return (0, int(best) + 1) if best is not None else (0, 0)


def _kind(estimator: Any) -> tuple[str, str]:  # noqa: ANN401 - as above
    """Return library and name of the class of trees that an object is of, also by inheritance; empty of others."""
    for base in type(estimator).__mro__:
        library = base.__module__.partition(".")[0]
        if library in _LIBRARIES:
            return library, base.__name__
        if library == "sklearn" and base.__name__.startswith((*_FORESTS, *_BOOSTED)):
            return library, base.__name__
    return "", ""


def _is_linear(estimator: Any) -> bool:  # noqa: ANN401 - as above
    booster = estimator.get_booster() if hasattr(estimator, "get_booster") else estimator
    return '"name":"gblinear"' in booster.save_config().replace(" ", "")


def _column(found: Any) -> Floats:  # noqa: ANN401 - any array-like
    array = np.asarray(found, dtype=np.float64)
    return array[:, None] if array.ndim == 1 else array
