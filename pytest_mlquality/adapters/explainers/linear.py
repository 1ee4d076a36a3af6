"""SHAP values of linear models: a coefficient times the distance of a value from the mean of the background.

The LinearExplainer of shap, features independent: Strumbelj and Kononenko 2014, Knowledge and Information Systems 41.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from pytest_mlquality.adapters.explainers.face import Floats

METHOD = "SHAP, LinearExplainer"


def fits(estimator: Any, rows: Any) -> bool:  # noqa: ANN401 - scikit-learn has no types
    """Say whether what the model answers with is linear in what it sees, by asking it."""
    if not hasattr(estimator, "coef_") or not hasattr(estimator, "intercept_"):
        return False
    try:
        seen = np.asarray(rows, dtype=np.float64)
        made = seen @ np.atleast_2d(estimator.coef_).T + np.atleast_1d(estimator.intercept_)
        return made.shape == raw(estimator, rows)[0].shape and bool(np.allclose(made, raw(estimator, rows)[0]))
    except (AttributeError, TypeError, ValueError):
        return False


def values(estimator: Any, rows: Any, background: Any) -> tuple[Floats, Floats]:  # noqa: ANN401 - as above
    """Return attributions of shape (n, features, outputs) and what they start from, shape (outputs,)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap
    coefficients = np.atleast_2d(np.asarray(estimator.coef_, dtype=np.float64))
    intercepts = np.broadcast_to(np.asarray(estimator.intercept_, dtype=np.float64), len(coefficients))
    explainer = shap.LinearExplainer((coefficients, intercepts), np.asarray(background, dtype=np.float64))
    found = np.asarray(explainer.shap_values(np.asarray(rows, dtype=np.float64)))
    return found, np.atleast_1d(np.asarray(explainer.expected_value, dtype=np.float64))


def raw(estimator: Any, rows: Any) -> tuple[Floats, str]:  # noqa: ANN401 - as above
    """Return what the coefficients add up to, shape (n, outputs), and what it is."""
    is_classifier = hasattr(estimator, "decision_function")
    found = np.asarray(estimator.decision_function(rows) if is_classifier else estimator.predict(rows))
    margin = "log-odds" if hasattr(estimator, "predict_proba") else "decision score"
    return found.reshape(len(found), -1).astype(np.float64), margin if is_classifier else "prediction"
