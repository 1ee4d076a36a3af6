"""The value of a metric, asked of scikit-learn: also on resampled rows, and with a reason where there is none."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from inspect import signature
from math import isfinite, nan

import numpy as np
import sklearn
from sklearn import metrics as sklearn_metrics
from sklearn.exceptions import UndefinedMetricWarning

from pytest_mlquality.errors import ModelError
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.calibration import OF_CALIBRATION, calibration
from pytest_mlquality.measures.gains import Gains
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.metric_families import FAMILIES, OPERATING_POINTS
from pytest_mlquality.measures.metrics import MEAN_VALUE, find, primary_metric
from pytest_mlquality.measures.operating_points import operating_point
from pytest_mlquality.measures.own_metric import OwnMetricError, own_value
from pytest_mlquality.measures.ranking import RANKINGS, ranking
from pytest_mlquality.measures.resampled import prepared
from pytest_mlquality.measures.sample import Rows, Sample
from pytest_mlquality.measures.undefined import Score, why_undefined

# Scorers infer the classes from the rows at hand, and fail when one is absent: the functions can be told.
_TOLD_CLASSES = {
    "log_loss": ("log_loss", 1.0),
    "neg_log_loss": ("log_loss", -1.0),
    "brier_score_loss": ("brier_score_loss", 1.0),
    "neg_brier_score": ("brier_score_loss", -1.0),
    "d2_log_loss_score": ("d2_log_loss_score", 1.0),
    "d2_brier_score": ("d2_brier_score", 1.0),
    "top_k_accuracy": ("top_k_accuracy_score", 1.0),
}
# Their scorers take no weights; the function behind both does.
_LIKELIHOOD_RATIOS = {"positive_likelihood_ratio": (0, 1.0), "neg_negative_likelihood_ratio": (1, -1.0)}
_NAMED_OTHERWISE = {"fbeta": "fbeta_score"}
MAXIMA = frozenset({"max_error", "neg_max_error"})


def suiting(name: str | Metric, *models: Answers) -> Metric:
    """Return a metric, or that of a name, that can be asked of what each of some models answers.

    Raises
    ------
    ModelError
        If there is none, it is not defined for the task, or it needs what a model does not answer.
    """
    wanted = find(name)
    for answers in models:
        _check_suits(wanted, answers)
    return wanted


def primary(*models: Answers) -> str:
    """Return the name of the task's metric that can be asked of what each of some models answers."""
    task = models[0].task
    if task == "binary" and any(answers.probabilities is None for answers in models):
        # With decisions for scores the AUC is the balanced accuracy.
        return "balanced_accuracy"
    if task == "multilabel" and any(answers.probabilities is None for answers in models):
        raise ModelError(
            "the model gives no probabilities, and no metric of decisions about several labels is the obvious one",
            "name metrics and their limits in [performance.metrics], and gain_over_trivial = false",
        )
    return primary_metric(task)


def _check_suits(metric: Metric, answers: Answers) -> None:
    if answers.task not in metric.tasks:
        raise ModelError(
            f"{metric.name} is for {' and '.join(sorted(metric.tasks))} models, and the task is {answers.task}",
            "choose a metric of this task (run `mlquality list metrics`), or set [model] task",
        )
    if metric.needs == "scores" and answers.probabilities is None and answers.task != "ranking":
        raise ModelError(
            f"{metric.name} needs probabilities, and the model gives only decisions",
            "choose a metric of decisions (run `mlquality list metrics`), or a model with predict_proba",
        )
    if metric.name == MEAN_VALUE:
        Gains.of(metric.gain, answers.classes or ())
    if answers.weight is not None and metric.function is not None and "sample_weight" not in metric.takes:
        raise ModelError(
            f"{metric.name} takes no sample_weight, and [data] weight is set", "give the function that parameter"
        )
    if answers.weight is not None and metric.name.startswith("roc_auc_ovo") and answers.task == "multiclass":
        raise ModelError(f"{metric.name} cannot be weighted, and [data] weight is set", "choose roc_auc_ovr")


def score(metric: Metric, sample: Sample) -> Score:
    """Return a metric as scikit-learn computes it; its warnings become the reason for having no value."""
    reason = why_undefined(metric, sample)
    if reason:
        return Score(nan, reason)
    if metric.family in OPERATING_POINTS:
        return operating_point(metric, sample)
    if metric.name in OF_CALIBRATION:
        return calibration(metric, sample)
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        try:
            value = _ask(metric, sample)
        except ValueError as problem:
            return Score(nan, _first_sentence(problem))
    undefined = [one.message for one in caught if issubclass(one.category, UndefinedMetricWarning)]
    # A row without any label counts as 0 by convention: that leaves an average over rows defined.
    if undefined and not metric.name.endswith("_samples"):
        return Score(nan, _first_sentence(undefined[0]))
    who = "scikit-learn" if metric.function is None else metric.name
    return Score(value) if isfinite(value) else Score(nan, f"{who} gives no finite value on these rows")


def on_rows(metric: Metric, answers: Answers) -> Callable[[Rows], float]:
    """Return a function from row numbers, with repetition, to the metric's value on them; NaN where undefined.

    What is the same on all resamples is prepared once, where that is known how; scikit-learn is asked else.
    """
    return prepared(metric, answers) or _by_scikit_learn(metric, answers)


def _by_scikit_learn(metric: Metric, answers: Answers) -> Callable[[Rows], float]:
    def value(rows: Rows) -> float:
        try:
            return score(metric, Sample.of(answers, rows)).value
        except OwnMetricError:
            # The bootstrap tells on how many resamples there is no value; on all rows there is one.
            return nan

    return value


def _ask(metric: Metric, sample: Sample) -> float:
    if metric.function is not None:
        return own_value(metric, sample)
    if metric.gain is not None:
        gains = Gains.of(metric.gain, sample.labels)
        return float(np.average(gains.of_rows(sample.truth, sample.decision), weights=sample.weight))
    name = metric.family
    if name in RANKINGS:
        return ranking(metric, sample.whole)
    if name in _LIKELIHOOD_RATIOS:
        which, sign = _LIKELIHOOD_RATIOS[name]
        ratios = sklearn_metrics.class_likelihood_ratios(sample.truth, sample.decision, **sample.weighted)
        return sign * float(ratios[which])
    if name in _TOLD_CLASSES:
        return _told_classes(metric, sample)
    if name in MAXIMA:
        # No maximum depends on weights, and scikit-learn takes none.
        sample = sample.heavy()
    if metric.parameter is None and name in sklearn_metrics.get_scorer_names():
        rows = np.arange(len(sample.truth))
        return float(sklearn_metrics.get_scorer(name)(sample.estimator, rows, sample.truth, **sample.weighted))
    return float(_function(name)(sample.truth, sample.decision, **_parameter(metric), **sample.weighted))


def _told_classes(metric: Metric, sample: Sample) -> float:
    function_name, sign = _TOLD_CLASSES[metric.family]
    function = _function(function_name)
    known = {"labels": np.arange(sample.classes)} if "labels" in signature(function).parameters else {}
    return sign * float(function(sample.truth, sample.score, **known, **_parameter(metric), **sample.weighted))


def _parameter(metric: Metric) -> dict[str, float]:
    """Return the parameter of a metric as the argument that scikit-learn takes it by."""
    if metric.parameter is None:
        return {}
    number = metric.parameter
    # scikit-learn takes some of them as whole numbers alone.
    return {FAMILIES[metric.family].argument: int(number) if number.is_integer() else number}


def _function(name: str) -> Callable[..., float]:
    function: Callable[..., float] | None = getattr(sklearn_metrics, _NAMED_OTHERWISE.get(name, name), None)
    if function is None:
        raise ModelError(
            f"scikit-learn {sklearn.__version__} has no {name}", 'pip install --upgrade "scikit-learn>=1.9"'
        )
    return function


def _first_sentence(message: Exception | Warning | str) -> str:
    return str(message).strip().split("\n")[0].split(". ")[0].split(" Use `")[0].rstrip(".")
