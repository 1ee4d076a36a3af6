"""The choice of the explainer: exact where a model's insides are known, else by asking it."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import numpy as np

from pytest_mlquality.adapters.explainers import lime_surrogate, linear, permutation, tree
from pytest_mlquality.adapters.explainers.face import Attributions, Floats, Question
from pytest_mlquality.adapters.explainers.pipeline import Opened, summed
from pytest_mlquality.errors import MissingExtra, MLQualityError
from pytest_mlquality.foreign_code import foreign_code
from pytest_mlquality.own_error import told


def explain(question: Question, method: str) -> Attributions:
    """Explain a model's answers to rows.

    Parameters
    ----------
    method
        ``shap`` (exact of trees and linear models, else sampled), ``shap_permutation`` (always sampled) or ``lime``.

    Raises
    ------
    MissingExtra
        If shap or lime is not installed.
    ModelError
        If the model fails on a row.
    """
    if method == "lime":
        _require("lime", "lime", "lime")
        return lime_surrogate.explain(question)
    if method != "shap":
        return permutation.explain(question)
    try:
        with foreign_code():
            found = _from_inside(question)
    except MLQualityError:
        raise
    # What a library cannot explain, it says in exceptions of many kinds; its answers can be asked for all the same.
    except Exception as error:
        asked = permutation.explain(question)
        return replace(
            asked, method=f"{asked.method}, as its insides cannot be explained: {told(error, question.columns)}"
        )
    return found or permutation.explain(question)


def _from_inside(question: Question) -> Attributions | None:
    """Return exact attributions, where the model's insides are known and belong to columns."""
    inside = question.model.inside
    if inside is None:
        return None
    opened = Opened.of(inside.estimator)
    is_tree = tree.fits(opened.estimator)
    if not is_tree and not hasattr(opened.estimator, "coef_"):
        return None
    sources = opened.sources(permutation.together(question.background, question.rows))
    given = opened.given(inside.taken(question.rows))
    if sources is None or given is None:
        return None
    _require("shap", "explain", question.model.uri)
    if is_tree:
        values, base = tree.values(opened.estimator, given)
        answers, unit = tree.raw(opened.estimator, given, is_classifier=question.model.classes is not None)
        name = tree.METHOD
    elif linear.fits(opened.estimator, given):
        values, base = linear.values(opened.estimator, given, opened.given(inside.taken(question.background)))
        answers, unit = linear.raw(opened.estimator, given)
        name = linear.METHOD
    else:
        return None
    if question.model.classes is None and answers.shape[1] > 1:
        # Several numbers a row are explained by nothing: the question says so.
        question.answers(question.rows)
    of_columns = summed(values, sources, len(question.columns))
    whole = np.broadcast_to(base, answers.shape)
    return Attributions(
        question.columns,
        _of_outputs(question, of_columns),
        _of_outputs(question, whole),
        _of_outputs(question, answers),
        unit,
        name,
    )


def _of_outputs(question: Question, array: Floats) -> Floats:
    """Return the outputs that are explained: the positive one of two classes, its log-odds negated if need be."""
    if question.positive is None:
        return array
    if array.shape[-1] == 1:
        return array if question.positive == 1 else -array
    return array[..., [question.positive]]


def _require(package: str, extra: str, what: str) -> None:
    if find_spec(package) is None:
        raise MissingExtra(package, extra, f"explaining {what!r}")
