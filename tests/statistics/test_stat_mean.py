from itertools import pairwise
from math import inf

import numpy as np
import pytest
from scipy.stats import t as student

from pytest_mlquality.statistics.mean import mean

LEVELS = (0.5, 0.05, 1e-3, 1e-5, 1e-9)


def test_the_bounds_of_many_normal_values_are_those_of_student():
    values = np.random.default_rng(1).normal(3, 2, size=4000)
    estimate = mean(values)
    error = values.std(ddof=1) / np.sqrt(4000)
    for level in (0.05, 1e-3, 1e-5):
        half = -student(3999).ppf(level) * error
        assert estimate.lower(level) == pytest.approx(values.mean() - half, abs=0.06 * half)
        assert estimate.upper(level) == pytest.approx(values.mean() + half, abs=0.06 * half)


def test_a_skewed_mean_reaches_further_on_the_side_of_its_tail():
    estimate = mean(np.random.default_rng(2).exponential(size=500), support=(0, inf))
    assert estimate.upper(1e-3) - estimate.value > 1.1 * (estimate.value - estimate.lower(1e-3))


@pytest.mark.parametrize("support", [(-inf, inf), (0.0, inf), (0.0, 1.0)])
@pytest.mark.parametrize("n", [1, 5, 40, 400])
def test_bounds_are_monotone_in_the_level_and_on_their_side_of_the_value(n, support):
    estimate = mean(np.random.default_rng(n).beta(0.3, 2, size=n), support=support)
    lower, upper = [estimate.lower(x) for x in LEVELS], [estimate.upper(x) for x in LEVELS]
    assert all(later <= earlier for earlier, later in pairwise(lower))
    assert all(later >= earlier for earlier, later in pairwise(upper))
    assert support[0] <= lower[0] <= estimate.value <= upper[0] <= support[1]


def test_few_values_without_a_bounded_support_are_too_small_to_judge_and_say_what_it_takes():
    estimate = mean(np.random.default_rng(3).normal(size=12))
    assert (estimate.lower(1e-5), estimate.upper(1e-5)) == (-inf, inf)
    assert "too small" in estimate.reason
    assert "37 at 1e-05" in estimate.reason


def test_values_that_cannot_be_negative_have_a_lower_bound_at_any_n():
    estimate = mean(np.array([0.4, 0.5, 0.6, 0.5]), support=(0, inf))
    assert 0 < estimate.lower(1e-3) < 0.2
    assert estimate.upper(1e-3) == inf


def test_equal_values_of_a_bounded_support_are_not_certain():
    estimate = mean(np.ones(50), support=(0, 1))
    assert estimate.lower(1e-5) == pytest.approx(1e-5 ** (1 / 50), abs=0.04)


def test_equal_values_that_round_are_not_certain_either():
    estimate = mean(np.full(500, 0.3), weight=np.random.default_rng(7).random(500))
    assert (estimate.lower(0.05), estimate.upper(0.05)) == (-inf, inf)


def test_units_of_one_row_change_nothing():
    values = np.random.default_rng(4).random(60)
    for level in LEVELS:
        assert mean(values, unit=np.arange(60), support=(0, 1)).lower(level) == mean(values, support=(0, 1)).lower(
            level
        )


def test_a_row_of_weight_three_is_worth_less_than_three_rows():
    values = np.random.default_rng(5).normal(size=900)
    weight = np.where(np.arange(900) % 3 == 0, 3.0, 1.0)
    estimate = mean(values, weight=weight)
    assert estimate.value == pytest.approx(np.average(values, weights=weight))
    assert "effective n 682" in estimate.method


def test_values_outside_of_their_support_are_refused():
    with pytest.raises(ValueError, match="outside of their support"):
        mean(np.array([0.5, 1.5]), support=(0, 1))


def test_values_that_are_not_finite_leave_it_undefined():
    estimate = mean(np.array([1.0, np.nan, inf]))
    assert estimate.value is None
    assert estimate.reason == "2 of 3 values are not finite"
    assert mean(np.array([])).reason == "no rows"


@pytest.mark.parametrize("level", [0.0, 0.6, -1.0])
def test_a_level_beyond_a_half_is_refused(level):
    with pytest.raises(ValueError, match="level"):
        mean(np.arange(100.0)).lower(level)


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize(("level", "allowed"), [(0.05, 0.1 + 0.015), (1e-3, 0.002 + 0.0021)])
def test_errors_of_a_skewed_mean_are_at_most_twice_nominal(level, allowed, clustered):
    # Log-normal unit effects; three standard errors of 2,000 draws stand beside the limit.
    random = np.random.default_rng(6)
    draws, n = 2000, 400
    unit = np.arange(n) // 20 if clustered else None
    errors = np.zeros(2)
    for _ in range(draws):
        effect = np.repeat(random.normal(size=n // 20), 20) if clustered else random.normal(size=n)
        values = np.exp(0.5 * (np.sqrt(0.1) * effect + np.sqrt(0.9) * random.normal(size=n)))
        estimate = mean(values, unit=unit, support=(0, inf))
        truth = np.exp(0.125)
        errors += estimate.lower(level) > truth, estimate.upper(level) < truth
    assert (errors / draws < allowed).all()
