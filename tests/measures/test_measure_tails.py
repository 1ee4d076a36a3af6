"""What a few large errors decide is left undecided; the median beside it is not."""

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.metrics import median_absolute_error

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.fairness import among_groups
from pytest_mlquality.measures.group_cells import Grouping
from pytest_mlquality.measures.performance import loss_to_baseline, metric
from pytest_mlquality.measures.slicing import Slice

LEVELS = (0.05, 1e-3)


def regression(error, seed=1):
    predicted = 3 * np.random.default_rng(seed).normal(size=len(error))
    return Answers(predicted + error, predicted, task="regression")


def with_large_errors(draw, n, share=0.005, times=100.0):
    return draw.normal(size=n) * np.where(draw.random(n) < share, times, 1.0)


@pytest.mark.parametrize("name", ["mean_absolute_error", "root_mean_squared_error", "neg_mean_squared_error", "r2"])
def test_a_few_errors_that_are_a_hundred_times_as_large_leave_a_mean_without_a_bound(name):
    found = metric(name, regression(with_large_errors(np.random.default_rng(3), 1_500)))
    bound = found.lower if found.value < 0 or name == "r2" else found.upper
    assert all(np.isinf(bound(level)) for level in LEVELS)
    assert "tail" in found.reason or "few rows decide" in found.reason


@pytest.mark.parametrize("name", ["mean_absolute_error", "r2"])
def test_errors_without_a_tail_keep_their_bounds(name):
    found = metric(name, regression(np.random.default_rng(3).normal(size=1_000)))
    assert np.isfinite([found.lower(1e-3), found.upper(1e-3)]).all()
    assert not found.reason or "tail" not in found.reason


def test_the_mean_absolute_error_passes_wrongly_no_more_often_than_large_errors_are_not_drawn():
    draw = np.random.default_rng(2026)
    truth = np.sqrt(2 / np.pi) * (0.995 + 0.5)
    wrong = unseen = 0
    for _ in range(150):
        error = with_large_errors(draw, 500)
        unseen += np.abs(error).max() < 6
        wrong += metric("mean_absolute_error", regression(error)).upper(0.05) < truth
    assert wrong <= unseen + 3


def test_a_loss_to_another_model_has_no_bound_where_few_rows_decide_it():
    draw = np.random.default_rng(4)
    baseline = regression(draw.normal(size=2_000))
    errors = np.where(np.arange(2_000) % 200 == 0, 300.0, 1.0) * (baseline.truth - baseline.predicted)
    challenger = Answers(baseline.truth, baseline.truth - errors, task="regression")
    assert loss_to_baseline("mean_absolute_error", challenger, baseline).lower(1e-5) == -np.inf


def test_a_tail_that_one_group_shows_counts_in_all_groups():
    draw = np.random.default_rng(5)
    error = draw.normal(size=4_000)
    first = np.arange(4_000) < 2_000
    error[:2_000:150] *= 300
    grouping = Grouping("side", [Slice("a", first), Slice("b", ~first)])
    ratio = among_groups("mean_absolute_error_ratio", regression(error), grouping)[0]
    # The truth of both may be the same: 0.3% of the errors are 300 times as large, and none of b's was drawn.
    assert ratio.value < 0.5
    assert ratio.upper(1e-5) >= 0.8


@pytest.mark.parametrize(("n", "level"), [(40, 0.05), (200, 1e-3), (201, 1e-5)])
def test_bounds_of_the_median_absolute_error_are_order_statistics(n, level):
    answers = regression(np.random.default_rng(n).standard_t(1.5, size=n))
    size = np.sort(np.abs(answers.truth - answers.decision))
    found = metric("median_absolute_error", answers)
    assert found.value == median_absolute_error(answers.truth, answers.decision)
    # The k-th is below the median with the probability of at least k heads in n throws.
    place = next(k for k in range(1, n + 1) if binom.sf(k - 1, n, 0.5) <= level)
    assert found.upper(level) == size[place - 1]
    assert found.lower(level) == size[n - place]
    assert metric("neg_median_absolute_error", answers).lower(level) == -found.upper(level)


def test_few_rows_leave_the_median_without_an_upper_bound():
    assert metric("median_absolute_error", regression(np.ones(4))).upper(0.05) == np.inf


def test_units_of_alike_rows_count_once_in_the_median():
    error = np.random.default_rng(8).normal(size=100)
    alone, repeated = (metric("median_absolute_error", one) for one in (regression(error), _repeated(error)))
    assert repeated.upper(0.05) >= alone.upper(0.05) * 0.99


def _repeated(error):
    many = regression(np.repeat(error, 10))
    return Answers(many.truth, many.decision, task="regression", unit=np.repeat(np.arange(len(error)), 10))
