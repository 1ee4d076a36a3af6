"""Precision, recall and false positive rate at a threshold that one of them sets."""

from __future__ import annotations

import warnings
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from scipy.special import expit, ndtr, ndtri
from sklearn.metrics import precision_recall_curve, roc_curve

from pytest_mlquality.errors import ModelError
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.performance import loss_to_baseline, metric

SHIFT = 1.8


def normal(n, seed, prevalence=0.2, shift=SHIFT, **fields):
    """Answers whose score is normal in either class, the positive one higher by `shift`."""
    draw = np.random.default_rng(seed)
    positive = draw.random(n) < prevalence
    return scored(expit(draw.normal(size=n) + shift * positive - 1), positive.astype(int), **fields)


def scored(score, target, **fields):
    score, target = np.asarray(score, dtype=float), np.asarray(target)
    return Answers(target, (score >= 0.5).astype(int), np.column_stack([1 - score, score]), (0, 1), **fields)


def by_scikit_learn(name, answers):
    weight = {} if answers.weight is None else {"sample_weight": answers.weight}
    precision, recall, _ = precision_recall_curve(answers.truth, answers.score, **weight)
    false, true, _ = roc_curve(answers.truth, answers.score, drop_intermediate=False, **weight)
    # The last point of the curve calls no row positive.
    precision, recall = precision[:-1], recall[:-1]
    return {
        "recall_at_precision[0.6]": recall[precision >= 0.6].max(),
        "precision_at_recall[0.8]": precision[recall >= 0.8].max(),
        "recall_at_fpr[0.05]": true[false <= 0.05].max(),
    }[name]


@pytest.mark.parametrize("name", ["recall_at_precision[0.6]", "precision_at_recall[0.8]", "recall_at_fpr[0.05]"])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("ties", [False, True], ids=["distinct", "ties"])
def test_values_are_points_of_scikit_learns_curves(name, weighted, ties):
    answers = normal(500, 1)
    if ties:
        answers = scored(np.round(answers.score, 2), answers.target)
    if weighted:
        answers = replace(answers, weight=np.random.default_rng(2).integers(1, 5, size=500).astype(float))
    measured = metric(name, answers)
    assert measured.value == pytest.approx(by_scikit_learn(name, answers), rel=1e-12, abs=1e-12)
    assert measured.lower(0.05) <= measured.value <= measured.upper(0.05)


def test_precision_at_k_is_the_share_of_positives_among_the_k_highest():
    answers = normal(500, 3)
    highest = np.argsort(-answers.score)[:40]
    assert metric("precision_at_k[40]", answers).value == pytest.approx(answers.truth[highest].mean(), rel=1e-12)
    assert metric("precision_at_k[500]", answers).value == pytest.approx(answers.truth.mean(), rel=1e-12)


def test_precision_at_k_is_the_mean_over_all_ways_to_break_ties():
    score, target = [0.9, 0.7, 0.7, 0.7, 0.7, 0.1], np.array([1, 1, 0, 0, 1, 0])
    ways = [target[[0, *tied]].mean() for tied in combinations(range(1, 5), 2)]
    assert metric("precision_at_k[3]", scored(score, target)).value == pytest.approx(np.mean(ways))


def test_weights_of_precision_at_k_weigh_the_rows_that_are_taken():
    answers = scored([0.9, 0.8, 0.7, 0.1], [1, 0, 1, 0], weight=np.array([3.0, 1.0, 2.0, 5.0]))
    assert metric("precision_at_k[2]", answers).value == pytest.approx(3 / 4)
    assert metric("precision_at_k[3]", answers).value == pytest.approx(5 / 6)


def truth_of(name, n, prevalence=0.2):
    """The value that thresholds on all there is have, for the answers of `normal`."""

    def called(threshold):
        return np.array([1 - ndtr(threshold), 1 - ndtr(threshold - SHIFT)])

    grid = np.linspace(-4, 7, 200_001)
    false, true = called(grid)
    precision = prevalence * true / (prevalence * true + (1 - prevalence) * false)
    family, number = name.removesuffix("]").split("[")
    number = float(number)
    if family == "recall_at_precision":
        return true[precision >= number].max()
    if family == "precision_at_recall":
        return precision[true >= number].max()
    if family == "recall_at_fpr":
        return called(-ndtri(number))[1]
    return precision[prevalence * true + (1 - prevalence) * false >= number / n].max()


@pytest.mark.parametrize("n", [500, 2000])
@pytest.mark.parametrize(
    "name", ["precision_at_k[100]", "recall_at_precision[0.7]", "precision_at_recall[0.7]", "recall_at_fpr[0.05]"]
)
def test_bounds_err_no_more_often_than_they_say(name, n):
    # Errors at most a nominal 0.05 on each side, but for three standard errors of 300 runs.
    runs, level, truth = 300, 0.05, truth_of(name, n)
    errors = np.zeros(2)
    for run in range(runs):
        measured = metric(name, normal(n, 1000 + run))
        errors += [measured.lower(level) > truth, measured.upper(level) < truth]
    assert (errors / runs <= level + 3 * np.sqrt(level / runs)).all(), errors / runs


@pytest.mark.parametrize(
    "name", ["precision_at_k[500]", "recall_at_precision[0.7]", "precision_at_recall[0.7]", "recall_at_fpr[0.05]"]
)
def test_bounds_decide_where_there_are_rows_enough(name):
    measured = metric(name, normal(20_000, 5))
    assert 0.75 * measured.value < measured.lower(1e-5) < measured.upper(1e-5) < 1.25 * measured.value


def test_units_of_many_rows_widen_the_bounds():
    once = normal(400, 6)
    rows = np.repeat(np.arange(400), 5)
    fivefold = scored(once.score[rows], once.target[rows], unit=rows)
    for name in ("recall_at_fpr[0.1]", "precision_at_recall[0.7]"):
        widths = [np.ptp(metric(name, one).interval) for one in (once, fivefold)]
        assert widths[1] == pytest.approx(widths[0], rel=0.25), name


def test_a_perfect_top_is_bounded_from_below():
    score = np.linspace(0.99, 0.01, 1000)
    measured = metric("precision_at_k[100]", scored(score, (score > 0.7).astype(int)))
    assert measured.value == 1
    assert 0.9 < measured.lower(0.05) < 1 == measured.upper(0.05)


ONE_CLASS = scored([0.1, 0.5, 0.9], [0, 0, 0])
FLAT = scored([0.5] * 4, [0, 1, 0, 1])
UPSIDE_DOWN = scored([0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1])
ALL = ["precision_at_k[2]", "recall_at_precision[0.9]", "precision_at_recall[0.8]", "recall_at_fpr[0.1]"]


@pytest.mark.parametrize(
    ("name", "answers", "reason"),
    [
        *((name, ONE_CLASS, "1 of 2 classes has no row among 3") for name in ALL),
        *((name, FLAT, "all 4 scores are equal") for name in ALL),
        ("precision_at_k[5]", UPSIDE_DOWN, "4 rows, fewer than k = 5"),
        ("recall_at_precision[0.9]", UPSIDE_DOWN, "no threshold reaches a precision of 0.9: the highest is 0.5"),
        ("recall_at_fpr[0.1]", UPSIDE_DOWN, "no threshold keeps the false positive rate at 0.1: the lowest is 0.5"),
    ],
)
def test_what_cannot_be_reached_has_a_reason_in_place_of_a_value(name, answers, reason):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        measured = metric(name, answers)
    assert measured.value is None
    assert reason in measured.reason
    assert (measured.lower(0.05), measured.upper(0.05)) == (-np.inf, np.inf)


def test_decisions_alone_are_refused():
    with pytest.raises(ModelError, match="needs probabilities"):
        metric("recall_at_fpr[0.1]", replace(normal(50, 7), probabilities=None))


@pytest.mark.parametrize("name", ["precision_at_k[300]", "precision_at_recall[0.7]", "recall_at_fpr[0.1]"])
def test_losses_to_the_baseline_of_models_that_are_alike_are_found_no_more_often_than_said(name):
    # Errors at most twice a nominal 0.05 on each side, but for three standard errors of 40 runs.
    errors, runs = np.zeros(2), 40
    for run in range(runs):
        draw = np.random.default_rng(run)
        target = (draw.random(2000) < 0.3).astype(int)
        sides = [scored(expit(draw.normal(size=2000) + SHIFT * target), target) for _ in range(2)]
        lost = loss_to_baseline(name, *sides)
        errors += [lost.lower(0.05) > 0, lost.upper(0.05) < 0]
    assert (errors / runs <= 0.1 + 3 * np.sqrt(0.1 / runs)).all(), errors


def test_a_difference_that_turns_on_a_few_rows_is_not_resampled_into_a_bound():
    baseline = normal(5000, 8)
    challenger = scored(baseline.score * np.random.default_rng(9).uniform(0.9, 1.0, size=5000), baseline.target)
    lost = loss_to_baseline("recall_at_fpr[0.001]", challenger, baseline)
    assert lost.value != 0
    # The bounds of both models at half the level, far apart, and not those of resamples.
    apart = [metric("recall_at_fpr[0.001]", one) for one in (baseline, challenger)]
    assert lost.lower(0.05) == pytest.approx(apart[0].lower(0.025) - apart[1].upper(0.025))
    assert lost.upper(0.05) == pytest.approx(apart[0].upper(0.025) - apart[1].lower(0.025))
    assert lost.lower(0.05) < -0.1
