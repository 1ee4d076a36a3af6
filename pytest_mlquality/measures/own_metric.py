"""Metrics of the user's own: ``python:package.module:function``, called as the metric functions of scikit-learn are.

What a function is handed is what its parameters are called: ``y_true`` and ``y_pred`` (labels as the data have them, or
numbers), ``y_score`` (probability of the positive class, of several classes one column each, in the order of the
model's), and ``sample_weight``. Higher is better unless the function has the attribute ``higher_is_better = False``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import Parameter, signature
from math import inf
from numbers import Real
from pathlib import Path

import numpy as np

from pytest_mlquality.data.callables import PREFIX, named
from pytest_mlquality.errors import ModelError
from pytest_mlquality.foreign_code import foreign_code
from pytest_mlquality.measures.metric import ANY_LABELS, REGRESSION, Metric
from pytest_mlquality.measures.sample import Sample
from pytest_mlquality.own_error import ANY_FAILURE, cause_of, raised

__all__ = ["PREFIX", "OwnMetricError", "own_metric", "own_value"]

TAKEN = ("y_true", "y_pred", "y_score", "sample_weight")
WRITE = "write function(y_true, y_pred, sample_weight=None), with y_score where it asks for probabilities"


class OwnMetricError(ModelError):
    """A metric of the user's own raised, or returned no number."""


def own_metric(name: str, base: Path, where: str) -> Metric:
    """Import a function and return the metric that it is.

    Parameters
    ----------
    name
        ``python:package.module:function``; a module in `base` goes before one elsewhere.
    where
        The file that names it, for messages.

    Raises
    ------
    DataError
        If the module or the function is not there, or cannot be imported.
    ModelError
        If it is no function, or asks for what metrics are not handed.
    """
    function = named(name, base, where)
    if not callable(function):
        raise ModelError(f"{where}: {name} is no function", WRITE)
    takes = _takes(f"{where}: {name}", signature(function).parameters.values())
    return Metric(
        name=name,
        tasks=ANY_LABELS | REGRESSION,
        needs="scores" if "y_score" in takes else "values",
        higher_is_better=bool(getattr(function, "higher_is_better", True)),
        support=(-inf, inf),
        meaning=(function.__doc__ or name).strip().splitlines()[0],
        function=function,
        takes=takes,
    )


def _takes(name: str, parameters: Iterable[Parameter]) -> frozenset[str]:
    """Return which of the known arguments a function takes."""
    asked = list(parameters)
    takes = frozenset(one.name for one in asked if one.name in TAKEN and one.kind is not Parameter.POSITIONAL_ONLY)
    strange = [
        one.name
        for one in asked
        if one.name not in takes
        and one.default is Parameter.empty
        and one.kind not in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    ]
    if strange:
        raise ModelError(f"{name} asks for {', '.join(strange)}, which metrics are not handed", WRITE)
    if "y_true" not in takes or not takes & {"y_pred", "y_score"}:
        raise ModelError(f"{name} has no parameters y_true and y_pred or y_score", WRITE)
    return takes


def own_value(metric: Metric, sample: Sample) -> float:
    """Call the function of a metric on rows.

    Raises
    ------
    OwnMetricError
        If it raises, told by its kind, its place and its words, without what they may quote of rows; or if it returns
        no number.
    """
    assert metric.function is not None
    given: dict[str, Callable[[], object]] = {
        "y_true": lambda: sample.as_the_data_have_it("target"),
        "y_pred": lambda: sample.as_the_data_have_it("predicted"),
        "y_score": lambda: sample.score,
        "sample_weight": lambda: sample.weight,
    }
    arguments = {name: given[name]() for name in metric.takes}
    try:
        with foreign_code():
            value = metric.function(**arguments)
    except ANY_FAILURE as error:
        what = raised(metric.name, error, getattr(metric.function, "__code__", None))
        raise OwnMetricError(what, "the function is yours: call it alone") from cause_of(error)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if not isinstance(value, Real):
        raise OwnMetricError(f"{metric.name} returned {type(value).__name__}, not a number", "return one number")
    return float(value)
