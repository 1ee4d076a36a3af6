from __future__ import annotations

import re
import warnings
from dataclasses import replace
from itertools import pairwise
from math import inf

import numpy as np
import pytest
from pydantic import TypeAdapter
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from pytest_mlquality.errors import ModelError
from pytest_mlquality.evidence_details import AnyDetails
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.performance import loss_to_baseline, metric

DETAILS = TypeAdapter(AnyDetails)


def binary(n=2000, seed=0, prevalence=0.5, **fields):
    """Answers of a model that is right about four times in five."""
    draw = np.random.default_rng(seed)
    positive = draw.random(n) < prevalence
    chance = 1 / (1 + np.exp(-draw.normal(np.where(positive, 1.0, -1.0), 1.2)))
    return Answers(
        target=positive.astype(int),
        predicted=(chance >= 0.5).astype(int),
        probabilities=np.column_stack([1 - chance, chance]),
        classes=(0, 1),
        **fields,
    )


def labels(target, predicted, **fields):
    return Answers(np.array(target), np.array(predicted), classes=(0, 1), **fields)


def clopper_pearson(k, n):
    return tuple(binomtest(k, n).proportion_ci(0.95, "exact"))


@pytest.mark.parametrize(
    ("name", "successes", "rows", "function"),
    [
        ("accuracy", 7, 10, lambda s: s),
        ("recall", 4, 6, lambda s: s),
        ("precision", 4, 5, lambda s: s),
        ("jaccard", 4, 7, lambda s: s),
        ("f1", 4, 7, lambda s: 2 * s / (1 + s)),
        ("zero_one_loss", 3, 10, lambda s: s),
        ("recall_weighted", 7, 10, lambda s: s),
    ],
)
def test_shares_have_exact_bounds(name, successes, rows, function):
    measured = metric(name, labels([1, 1, 1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0, 1, 0, 0, 0]))
    assert measured.interval == pytest.approx([function(s) for s in clopper_pearson(successes, rows)])
    assert measured.n == rows


def test_positive_names_the_class_that_recall_is_about():
    target, predicted = np.array(["no", "no", "yes", "yes"]), np.array(["no", "yes", "yes", "yes"])
    assert metric("recall", Answers(target, predicted, positive="no")).value == 0.5
    assert metric("recall", Answers(target, predicted, positive="yes")).value == 1.0
    assert metric("precision", Answers(target, predicted, positive="no")).value == 1.0


def test_rows_of_one_unit_widen_the_bounds():
    once = binary(500, unit=np.arange(500))
    tenfold = Answers(
        *(np.repeat(array, 10, axis=0) for array in (once.target, once.predicted, once.probabilities)),
        classes=(0, 1),
        unit=np.repeat(once.unit, 10),
    )
    for name in ("accuracy", "roc_auc", "log_loss", "f1", "matthews_corrcoef", "balanced_accuracy"):
        first, again = metric(name, once), metric(name, tenfold)
        assert again.value == pytest.approx(first.value)
        widths = [np.ptp(one.interval) for one in (first, again)]
        assert widths[1] == pytest.approx(widths[0], rel=0.25), name


def test_a_population_is_its_own_bound():
    for name in ("accuracy", "roc_auc", "matthews_corrcoef", "neg_log_loss", "gain_over_trivial"):
        measured = metric(name, binary(50), exact=True)
        assert measured.method == "exact"
        assert measured.lower(1e-5) == measured.value == measured.upper(1e-5)


def test_negative_scorers_mirror_their_loss():
    answers = binary()
    loss, scorer = metric("log_loss", answers), metric("neg_log_loss", answers)
    assert scorer.value == -loss.value
    assert scorer.interval == pytest.approx((-loss.interval[1], -loss.interval[0]))


def test_a_maximum_is_bounded_from_below_only():
    answers = Answers(np.zeros(4), np.array([0.0, 1.0, 5.0, 2.0]), task="regression")
    largest, negative = metric("max_error", answers), metric("neg_max_error", answers)
    assert (largest.value, largest.lower(1e-5), largest.upper(0.5)) == (5, 5, inf)
    assert (negative.value, negative.lower(0.5), negative.upper(1e-5)) == (-5, -inf, -5)


ONE_CLASS = labels([0, 0, 0], [0, 1, 0], probabilities=np.array([[0.8, 0.2], [0.4, 0.6], [0.7, 0.3]]))
NEVER_POSITIVE = labels([0, 1, 0], [0, 0, 0])
ONE_LABEL_OF_TWO = Answers(np.array([[1, 0], [0, 0]]), np.eye(2, dtype=int), np.eye(2), ("a", "b"), "multilabel")
SAME_TARGET = Answers(np.ones(5), np.arange(5.0), task="regression")


@pytest.mark.parametrize(
    ("name", "answers", "reason"),
    [
        ("roc_auc", ONE_CLASS, "1 of 2 classes has no row among 3"),
        ("average_precision", ONE_CLASS, "1 of 2 classes has no row among 3"),
        ("balanced_accuracy", ONE_CLASS, "1 of 2 classes has no row among 3"),
        ("recall", ONE_CLASS, "no true samples"),
        ("matthews_corrcoef", ONE_CLASS, "all 3 rows have the same label"),
        ("d2_log_loss_score", ONE_CLASS, "all 3 rows have the same label"),
        ("gain_over_trivial", ONE_CLASS, "no row"),
        ("precision", NEVER_POSITIVE, "no predicted samples"),
        ("precision_macro", NEVER_POSITIVE, "no predicted samples"),
        ("r2", SAME_TARGET, "same value in all rows"),
        ("mean_squared_log_error", Answers(np.full(3, -2.0), np.ones(3), task="regression"), "negative|less than"),
        ("mean_gamma_deviance", SAME_TARGET, "strictly positive"),
        ("accuracy", labels([], []), "no rows"),
        ("average_precision", ONE_LABEL_OF_TWO, "1 of 2 labels has no row"),
    ],
)
def test_what_is_undefined_has_a_reason_in_place_of_a_value(name, answers, reason):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        measured = metric(name, answers)
    assert measured.value is None
    assert re.search(reason, measured.reason)
    assert (measured.lower(0.05), measured.upper(0.05)) == (-inf, inf)


def test_one_class_leaves_other_metrics_defined():
    assert metric("accuracy", ONE_CLASS).value == pytest.approx(2 / 3)
    assert metric("neg_log_loss", ONE_CLASS).value == pytest.approx(-np.mean(-np.log([0.8, 0.4, 0.7])))
    assert metric("brier_score_loss", ONE_CLASS).value == pytest.approx(np.mean(np.square([0.2, 0.6, 0.3])))


def test_a_class_that_the_split_lacks_leaves_log_loss_defined():
    target = np.array(["a", "b", "b"])
    probabilities = np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.1, 0.8, 0.1]])
    answers = Answers(target, target, probabilities, classes=("a", "b", "c"), task="multiclass")
    assert metric("log_loss", answers).value == pytest.approx(-np.mean(np.log([0.6, 0.5, 0.8])))
    assert metric("roc_auc_ovr", answers).value is None


def test_a_class_that_the_model_never_saw_leaves_probabilities_unjudged():
    target = np.array(["a", "b", "new"])
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
    answers = Answers(target, np.array(["a", "b", "b"]), probabilities, ("a", "b"), "multiclass")
    assert metric("accuracy", answers).value == pytest.approx(2 / 3)
    assert "1 of 3 rows have a label for which the model gives no probability" in metric("log_loss", answers).reason


@pytest.mark.parametrize(
    ("name", "answers", "match"),
    [
        ("r2", binary(10), "r2 is for regression models, and the task is binary"),
        ("f1", replace(binary(10), task="multiclass", positive=None), "f1 is for binary models"),
        ("roc_auc", labels([0, 1], [0, 1]), "needs probabilities"),
        ("acuracy", binary(10), "did you mean 'accuracy'"),
    ],
)
def test_a_metric_that_does_not_suit_is_refused_with_a_remedy(name, answers, match):
    with pytest.raises(ModelError, match=match) as refused:
        metric(name, answers)
    assert refused.value.remedy


def test_names_of_functions_are_kept_as_they_were_asked_for():
    assert metric("f1_score", binary()).name == "f1_score"
    assert metric("f1_score", binary()).value == metric("f1", binary()).value


def test_gain_over_trivial_is_the_tasks_metric_less_that_of_no_model():
    answers = binary()
    gain, auc = metric("gain_over_trivial", answers), metric("roc_auc", answers)
    assert gain.value == pytest.approx(auc.value - 0.5)
    assert gain.interval == pytest.approx([bound - 0.5 for bound in auc.interval])
    assert gain.details["metric"] == "roc_auc"
    many = replace(answers, task="multiclass", positive=None)
    assert metric("gain_over_trivial", many).value == pytest.approx(metric("balanced_accuracy", many).value - 0.5)
    target = np.arange(300.0)
    mean = Answers(target, np.full(300, target.mean()), task="regression")
    assert metric("gain_over_trivial", mean).value == pytest.approx(0)


def test_gain_over_trivial_of_decisions_alone_is_the_gain_of_their_auc():
    answers = replace(binary(), probabilities=None)
    gain = metric("gain_over_trivial", answers)
    assert gain.value == pytest.approx(roc_auc_score(answers.truth, answers.decision) - 0.5)
    assert gain.details["metric"] == "balanced_accuracy"


def test_gain_over_trivial_of_many_labels_is_that_of_their_ranks_or_asks_for_a_metric():
    both = np.tile([[0, 1], [1, 0]], (50, 1))
    with pytest.raises(ModelError, match="no metric of decisions about several labels is the obvious one"):
        metric("gain_over_trivial", Answers(both, both, task="multilabel"))
    gain = metric("gain_over_trivial", Answers(both, both, both.astype(float), task="multilabel"))
    assert gain.value == 0.5


def test_bootstraps_are_repeatable_and_follow_the_seed():
    answers = binary(3000)
    first, again, other = (metric("matthews_corrcoef", replace(answers, seed=seed)) for seed in (1, 1, 2))
    assert first.interval == again.interval != other.interval


def test_a_rare_class_that_counts_like_the_others_has_wider_bounds_in_place_of_those_of_resamples():
    answers = binary(20_000, prevalence=0.005)
    macro, weighted = metric("f1_macro", answers), metric("f1_weighted", answers)
    assert not macro.reason
    assert 0 < macro.lower(1e-5) < macro.lower(0.05) < macro.value < macro.upper(0.05) < macro.upper(1e-5) < 1
    assert weighted.lower(1e-5) > 0


def test_where_rows_share_units_or_weigh_differently_a_rare_class_withholds_bounds():
    answers = binary(20_000, prevalence=0.005)
    for beside, said in (
        ({"unit": np.arange(20_000) // 2}, "units of several rows"),
        ({"weight": 1.0 + np.arange(20_000) % 2}, "rows of different weights"),
    ):
        macro = metric("f1_macro", replace(answers, **beside))
        assert "units of the rarest class are too few" in macro.reason
        assert said in macro.reason
        assert (macro.lower(1e-5), macro.upper(1e-5)) == (0, 1)
    alone = metric("f1_macro", replace(answers, unit=np.arange(20_000), weight=np.full(20_000, 2.0)))
    assert 0 < alone.lower(1e-5) < alone.upper(1e-5) < 1


def test_a_loss_in_a_metric_of_counts_is_decided_with_few_rows():
    good = binary(400)
    flipped = replace(good, predicted=1 - good.predicted, probabilities=good.probabilities[:, ::-1])
    for name, proven in (("matthews_corrcoef", 0.5), ("f1_macro", 0.2), ("average_precision", -0.5)):
        lost = loss_to_baseline(name, flipped, good)
        assert proven < lost.lower(1e-5) < lost.value < lost.upper(1e-5), name
        assert loss_to_baseline(name, good, good).lower(1e-5) < 0


def test_balanced_accuracy_holds_its_level_where_positives_are_rare():
    # 20 positives among 400 rows. Errors at most twice nominal, but for three standard errors of 1,500 runs.
    runs, level, truth = 1500, 0.05, 0.85
    draw = np.random.default_rng(11)
    target = np.repeat([0, 1], [380, 20])
    errors = np.zeros(2)
    for _ in range(runs):
        right = draw.random(400) < np.repeat([0.9, 0.8], [380, 20])
        measured = metric("balanced_accuracy", labels(target, np.where(right, target, 1 - target)))
        errors += [measured.lower(level) > truth, measured.upper(level) < truth]
    assert (errors / runs <= 2 * level + 3 * np.sqrt(2 * level / runs)).all(), errors / runs
    assert errors.sum() > 0


def test_the_roc_curve_is_short_ends_in_the_corners_and_steps_over_ten_rows():
    answers = binary(3000)
    details = metric("roc_auc", answers).details
    DETAILS.validate_python(details)
    (series,) = details["series"]
    points = list(zip(series["x"], series["y"], strict=True))
    assert len(points) <= 50
    assert points[0] == (0, 0)
    assert points[-1] == (1, 1)
    classes = np.array([(~answers.positives).sum(), answers.positives.sum()])
    assert all(((np.array(b) - np.array(a)) * classes).sum() >= 10 - 1e-6 for a, b in pairwise(points))
    assert np.trapezoid(series["y"], series["x"]) == pytest.approx(metric("roc_auc", answers).value, abs=0.005)


def test_ties_are_one_step_of_the_roc_curve():
    answers = binary(200)
    coarse = replace(answers, probabilities=np.round(answers.probabilities * 2) / 2)
    (series,) = metric("roc_auc", coarse).details["series"]
    assert len(series["x"]) <= 4
    assert np.trapezoid(series["y"], series["x"]) == pytest.approx(metric("roc_auc", coarse).value)


def test_few_rows_have_no_roc_curve():
    assert metric("roc_auc", binary(9)).details is None


def test_details_fit_the_evidence():
    for task_answers in (binary(), Answers(np.arange(9.0), np.arange(9.0) + 1, task="regression")):
        DETAILS.validate_python(metric("gain_over_trivial", task_answers).details)
