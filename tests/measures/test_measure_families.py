"""Metrics with a number in brackets: their names, and those that scikit-learn has."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
import sklearn.metrics

from pytest_mlquality.errors import ModelError
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.estimates import analytic
from pytest_mlquality.measures.metric_families import FAMILIES
from pytest_mlquality.measures.metrics import find
from pytest_mlquality.measures.performance import loss_to_baseline, metric
from pytest_mlquality.measures.scoring import on_rows

# Name, task, function of scikit-learn, its argument, whether it takes scores.
OF_SKLEARN = [
    ("fbeta[2]", "binary", "fbeta_score", {"beta": 2}, False),
    ("fbeta[0.5]", "binary", "fbeta_score", {"beta": 0.5}, False),
    ("top_k_accuracy[1]", "multiclass", "top_k_accuracy_score", {"k": 1}, True),
    ("top_k_accuracy[2]", "multiclass", "top_k_accuracy_score", {"k": 2}, True),
    ("mean_pinball_loss[0.9]", "regression", "mean_pinball_loss", {"alpha": 0.9}, False),
    ("d2_pinball_score[0.9]", "regression", "d2_pinball_score", {"alpha": 0.9}, False),
    ("mean_tweedie_deviance[0]", "regression", "mean_tweedie_deviance", {"power": 0}, False),
    ("mean_tweedie_deviance[1]", "regression", "mean_tweedie_deviance", {"power": 1}, False),
    ("mean_tweedie_deviance[1.5]", "regression", "mean_tweedie_deviance", {"power": 1.5}, False),
    ("mean_tweedie_deviance[2]", "regression", "mean_tweedie_deviance", {"power": 2}, False),
    ("mean_tweedie_deviance[3]", "regression", "mean_tweedie_deviance", {"power": 3}, False),
    ("mean_tweedie_deviance[-1]", "regression", "mean_tweedie_deviance", {"power": -1}, False),
    ("d2_tweedie_score[1.5]", "regression", "d2_tweedie_score", {"power": 1.5}, False),
]
SHARP = [name for name, *_ in OF_SKLEARN if not name.startswith("d2_")]
WEIGHTED = pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])


def weighted_answers(answers, weighted):
    weight = np.random.default_rng(3).integers(1, 5, size=len(answers)).astype(float) if weighted else None
    return replace(answers, weight=weight)


def by_scikit_learn(function, argument, takes_scores, answers, rows):
    weight = {} if answers.weight is None else {"sample_weight": answers.weight[rows]}
    second = answers.score if takes_scores else answers.decision
    return getattr(sklearn.metrics, function)(answers.truth[rows], second[rows], **argument, **weight)


@WEIGHTED
@pytest.mark.parametrize(("name", "task", "function", "argument", "takes_scores"), OF_SKLEARN)
def test_value_is_scikit_learns_on_all_rows_and_on_resampled_ones(
    name, task, function, argument, takes_scores, weighted, judged
):
    answers = weighted_answers(judged[task].answers, weighted)
    n = len(answers)
    rows = np.random.default_rng(4).integers(n, size=n)
    for some, value in (
        (np.arange(n), metric(name, answers, exact=True).value),
        (rows, on_rows(find(name), answers)(rows)),
    ):
        reference = by_scikit_learn(function, argument, takes_scores, answers, some)
        assert value == pytest.approx(reference, rel=1e-12, abs=1e-12)


@WEIGHTED
@pytest.mark.parametrize("name", SHARP)
def test_bounds_without_resampling_belong_to_the_same_number(name, weighted, judged):
    (task,) = find(name).tasks
    answers = weighted_answers(judged[task].answers, weighted)
    value = metric(name, answers, exact=True).value
    bounded = analytic(find(name), answers, value)
    assert bounded.value == pytest.approx(value, rel=1e-9, abs=1e-9)
    assert bounded.lower(0.025) <= value <= bounded.upper(0.025)


def test_a_number_that_changes_nothing_gives_the_metric_without_it(judged):
    for name, plain in (("fbeta[1]", "f1"), ("top_k_accuracy[2]", "top_k_accuracy")):
        (task,) = find(name).tasks
        answers = judged[task].answers
        assert metric(name, answers).value == pytest.approx(metric(plain, answers).value, rel=1e-12)
    answers = judged["regression"].answers
    assert metric("mean_pinball_loss[0.5]", answers).interval == metric("mean_pinball_loss", answers).interval


def test_bounds_of_fbeta_err_no_more_often_than_they_say():
    # Errors at most a nominal 0.05 on each side, but for three standard errors of 500 runs.
    runs, level, n, square = 500, 0.05, 600, 4
    draw = np.random.default_rng(11)
    # Of positives, a fifth of the rows, 0.7 are called so, of negatives 0.1.
    hits, missed, wrong = 0.2 * 0.7, 0.2 * 0.3, 0.8 * 0.1
    truth = (1 + square) * hits / ((1 + square) * hits + square * missed + wrong)
    errors = np.zeros(2)
    for _ in range(runs):
        positive = draw.random(n) < 0.2
        called = draw.random(n) < np.where(positive, 0.7, 0.1)
        measured = metric("fbeta[2]", Answers(positive.astype(int), called.astype(int), classes=(0, 1)))
        errors += [measured.lower(level) > truth, measured.upper(level) < truth]
    assert (errors / runs <= level + 3 * np.sqrt(level / runs)).all(), errors / runs
    assert errors.sum() > 0


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("fbeta", "needs a number in brackets"),
        ("fbeta[0]", "BETA is a number above 0"),
        ("fbeta[two]", "BETA is a number above 0"),
        ("fbeta[]", "BETA is a number above 0"),
        ("top_k_accuracy[1.5]", "K is a whole number from 1"),
        ("mean_tweedie_deviance[0.5]", "POWER is a number up to 0, or from 1"),
        ("mean_pinball_loss[1]", "ALPHA is a number above 0 and below 1"),
        ("recall_at_precision[1.1]", "P is a number above 0, up to 1"),
        ("recal_at_precision[0.9]", "did you mean 'recall_at_precision"),
        ("recall_at_precision[0.9", "did you mean 'recall_at_precision"),
        ("roc_auc[3]", "no metric 'roc_auc' with a number"),
        ("fbeta_score", "write fbeta"),
    ],
)
def test_a_name_that_is_none_says_what_is_and_what_to_write(name, match):
    with pytest.raises(ModelError, match=match) as refused:
        find(name)
    assert refused.value.remedy


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.common.name)
def test_every_family_has_an_example_that_is_one_of_its_metrics(family):
    example = find(family.written)
    assert (example.family, example.parameter) == (family.common.name, float(family.example))
    assert example.name == family.written
    assert family.range.words in family.meaning


def test_more_places_than_classes_decide_nothing(judged):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        measured = metric("top_k_accuracy[3]", judged["multiclass"].answers)
    assert measured.value is None
    assert "n_classes" in measured.reason


def test_a_power_asks_for_signs():
    target = np.array([0.0, 1.0, 2.0, 5.0])
    measured = metric("mean_tweedie_deviance[2.5]", Answers(target, target + 1, task="regression"))
    assert measured.value is None
    assert "strictly positive" in measured.reason


@pytest.mark.parametrize("name", ["mean_pinball_loss[0.9]", "mean_tweedie_deviance[1.5]"])
def test_losses_to_the_baseline_are_means_of_paired_rows(name):
    draw = np.random.default_rng(6)
    target = draw.gamma(3.0, size=800)
    good, worse = (Answers(target, target * draw.gamma(k, size=800) / k, task="regression") for k in (90, 20))
    lost = loss_to_baseline(name, worse, good)
    assert "linearised mean" in lost.method
    assert 0 < lost.lower(0.05) < lost.value
