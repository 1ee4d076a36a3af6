"""The catalogue against the scikit-learn that is installed."""

from __future__ import annotations

import subprocess
import sys
from inspect import isfunction, signature

import pytest
import sklearn.metrics

from pytest_mlquality.errors import ModelError
from pytest_mlquality.measures.calibration import OF_CALIBRATION
from pytest_mlquality.measures.metrics import (
    ALIASES,
    GAIN_OVER_TRIVIAL,
    LEFT_OUT,
    MEAN_VALUE,
    METRICS,
    find,
    primary_metric,
)

SCORERS = sklearn.metrics.get_scorer_names()


def judges_predictions(name):
    function = getattr(sklearn.metrics, name)
    names = list(signature(function).parameters) if isfunction(function) else []
    gives_a_number = name.endswith(("_score", "_loss", "_error", "_deviance", "corrcoef"))
    return names[:1] == ["y_true"] and gives_a_number


def test_every_scorer_is_in_the_catalogue_or_left_out_for_a_reason():
    assert set(SCORERS) <= set(METRICS) | set(LEFT_OUT)


def test_every_function_that_judges_predictions_has_a_name_here():
    functions = {name for name in sklearn.metrics.__all__ if judges_predictions(name)}
    assert len(functions) > 30
    assert functions <= set(METRICS) | set(ALIASES) | set(LEFT_OUT)


OURS = {GAIN_OVER_TRIVIAL, MEAN_VALUE, "mean_reciprocal_rank", *OF_CALIBRATION}


@pytest.mark.parametrize("name", sorted({*METRICS, *ALIASES, *LEFT_OUT} - OURS))
def test_every_name_is_one_of_scikit_learns(name):
    assert name in SCORERS or callable(getattr(sklearn.metrics, name))


@pytest.mark.parametrize("name", sorted(set(METRICS) - OURS))
def test_scorers_and_scores_are_better_when_higher_and_losses_when_lower(name):
    is_loss = name not in SCORERS and name.endswith(("_loss", "_error", "_deviance"))
    assert METRICS[name].higher_is_better is not is_loss
    if name.startswith("neg_"):
        assert METRICS[name].support[1] == 0
        # Scikit-learn turns the sign of exactly these.
        assert sklearn.metrics.get_scorer(name)._sign == -1


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.name)
def test_entries_are_complete(metric):
    low, high = metric.support
    assert low < high
    assert metric.tasks <= {"binary", "multiclass", "multilabel", "ranking", "regression"}
    assert metric.meaning.endswith(".")
    assert METRICS[metric.name] is metric


def test_functions_are_accepted_for_their_scorer():
    assert find("f1_score") is METRICS["f1"]
    assert find("accuracy_score").name == "accuracy"


def test_an_unknown_name_gets_the_nearest_one():
    with pytest.raises(ModelError, match="did you mean 'roc_auc'"):
        find("rocauc")


def test_a_clustering_metric_is_refused_with_the_reason():
    with pytest.raises(ModelError, match="compares two partitions"):
        find("rand_score")


def test_the_metric_of_a_task():
    assert primary_metric("binary") == "roc_auc"
    assert primary_metric("multiclass") == "balanced_accuracy"
    assert primary_metric("regression") == "r2"
    with pytest.raises(ModelError, match="ranking"):
        primary_metric("ranking")


def test_the_catalogue_imports_nothing_heavy():
    code = "import sys, pytest_mlquality.measures.metrics; print([m for m in ('numpy', 'sklearn') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
