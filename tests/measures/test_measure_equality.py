"""Every metric of the catalogue has scikit-learn's value, asked of the fitted model itself."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
import sklearn.metrics

from pytest_mlquality.errors import ModelError
from pytest_mlquality.measures import performance
from pytest_mlquality.measures.calibration import OF_CALIBRATION
from pytest_mlquality.measures.estimates import analytic
from pytest_mlquality.measures.metrics import GAIN_OVER_TRIVIAL, MEAN_VALUE, METRICS
from pytest_mlquality.measures.ranking import RANKINGS
from pytest_mlquality.measures.scoring import on_rows

UNWEIGHTED = ("roc_auc_ovo", "roc_auc_ovo_weighted")
# Metrics whose bounds are not resampled.
_LABELS = "accuracy zero_one_loss hamming_loss balanced_accuracy recall_macro recall_weighted"
_MICRO = "f1_micro jaccard_micro precision_micro recall_micro"
_PROBABILITIES = "log_loss neg_log_loss brier_score_loss neg_brier_score"
_VALUES = (
    "max_error mean_absolute_error mean_squared_error root_mean_squared_error mean_absolute_percentage_error "
    "mean_squared_log_error root_mean_squared_log_error mean_poisson_deviance mean_gamma_deviance"
)
SHARP = {
    "binary": f"{_LABELS} {_MICRO} {_PROBABILITIES} recall precision f1 jaccard roc_auc roc_auc_ovr roc_auc_ovo",
    "multiclass": f"{_LABELS} {_MICRO} {_PROBABILITIES} top_k_accuracy",
    "multilabel": "accuracy zero_one_loss hamming_loss",
    "regression": f"{_VALUES} neg_{_VALUES.replace(' ', ' neg_')} mean_tweedie_deviance mean_pinball_loss",
}
CASES = [
    pytest.param(name, task, weighted, id=f"{name}-{task}-{'weighted' if weighted else 'plain'}")
    for name, metric in METRICS.items()
    if name not in {GAIN_OVER_TRIVIAL, MEAN_VALUE, *OF_CALIBRATION, *RANKINGS}
    for task in sorted(metric.tasks)
    for weighted in (False, True)
    if not (weighted and name in UNWEIGHTED and task == "multiclass")
]
RATIOS = {"positive_likelihood_ratio": (0, 1), "neg_negative_likelihood_ratio": (1, -1)}


def by_scikit_learn(name, judged, rows, weight):
    features, target = judged.features[rows], judged.target[rows]
    weighted = {} if weight is None else {"sample_weight": weight}
    if name in RATIOS and weight is not None:
        which, sign = RATIOS[name]
        return sign * sklearn.metrics.class_likelihood_ratios(target, judged.model.predict(features), **weighted)[which]
    if name in ("max_error", "neg_max_error"):
        weighted = {}
    if name == "average_precision" and judged.answers.task == "multiclass":
        # The scorer would prefer the margins of this model, which rank rows otherwise than its probabilities.
        return sklearn.metrics.average_precision_score(target, judged.model.predict_proba(features), **weighted)
    if name in sklearn.metrics.get_scorer_names():
        return sklearn.metrics.get_scorer(name)(judged.model, features, target, **weighted)
    function = getattr(sklearn.metrics, name)
    if METRICS[name].needs == "scores":
        probabilities = judged.model.predict_proba(features)
        binary = name == "brier_score_loss" and probabilities.shape[1] == 2
        return function(target, probabilities[:, 1] if binary else probabilities, **weighted)
    return function(target, judged.model.predict(features), **weighted)


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize(("name", "task", "weighted"), CASES)
def test_value_is_scikit_learns(name, task, weighted, judged):
    one = judged[task]
    n = len(one.target)
    weight = np.random.default_rng(3).integers(1, 5, size=n).astype(float) if weighted else None
    measured = performance.metric(name, replace(one.answers, weight=weight), exact=True)
    assert measured.value == pytest.approx(by_scikit_learn(name, one, np.arange(n), weight), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(("name", "task", "weighted"), CASES)
def test_value_on_resampled_rows_is_scikit_learns(name, task, weighted, judged):
    one = judged[task]
    random = np.random.default_rng(4)
    n = len(one.target)
    rows = random.integers(n, size=n)
    weight = random.integers(1, 5, size=n).astype(float) if weighted else None
    value = on_rows(METRICS[name], replace(one.answers, weight=weight))(rows)
    reference = by_scikit_learn(name, one, rows, None if weight is None else weight[rows])
    assert value == pytest.approx(reference, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(("task", "name"), [(task, name) for task, names in SHARP.items() for name in names.split()])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_sharp_bounds_belong_to_the_same_number(name, task, weighted, judged):
    # The value shown is scikit-learn's: were the bounds those of another quantity, nobody would see it.
    answers = judged[task].answers
    weight = np.random.default_rng(5).integers(1, 5, size=len(answers)).astype(float) if weighted else None
    answers = replace(answers, weight=weight)
    value = performance.metric(name, answers, exact=True).value
    bounded = analytic(METRICS[name], answers, value)
    assert bounded.value == pytest.approx(value, rel=1e-9, abs=1e-9)
    assert bounded.lower(0.025) <= value <= bounded.upper(0.025)


@pytest.mark.parametrize("name", UNWEIGHTED)
def test_what_scikit_learn_cannot_weigh_is_refused(name, judged):
    answers = judged["multiclass"].answers
    with pytest.raises(ModelError, match="cannot be weighted"):
        performance.metric(name, replace(answers, weight=np.ones(len(answers))))
