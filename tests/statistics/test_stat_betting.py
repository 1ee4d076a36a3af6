import numpy as np
import pytest
from scipy.stats import binom

from pytest_mlquality.statistics.betting import Sample, log_wealth, lower_mean


@pytest.mark.parametrize("rate", [0.02, 0.3, 0.95])
def test_a_bettor_gains_nothing_on_average_at_the_true_mean(rate):
    # Exact: over all outcomes of 30 coins.
    heads = np.arange(31)
    wealth = [np.exp(log_wealth([Sample.of((np.arange(30) < k).astype(float))], rate)) for k in heads]
    assert (binom.pmf(heads, 30, rate) * wealth).sum() == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("level", [0.05, 1e-3, 1e-5])
@pytest.mark.parametrize("rate", [0.05, 0.5, 0.9])
def test_the_bound_of_coins_holds_its_level_exactly(rate, level):
    heads = np.arange(61)
    bounds = np.array([lower_mean([Sample.of((np.arange(60) < k).astype(float))], level) for k in heads])
    assert binom.pmf(heads, 60, rate)[bounds > rate].sum() <= level


def test_a_small_variance_makes_the_bound_tighter():
    random = np.random.default_rng(1)
    calm, wild = random.uniform(0.45, 0.55, 200), (random.random(200) < 0.5).astype(float)
    assert calm.mean() - lower_mean([Sample.of(calm)], 1e-5) < 0.5 * (wild.mean() - lower_mean([Sample.of(wild)], 1e-5))


def test_the_bound_needs_no_upper_end():
    values = np.random.default_rng(2).exponential(size=300)
    bound = lower_mean([Sample.of(values)], 1e-3)
    assert 0.5 < bound < values.mean()
    assert lower_mean([Sample.of(1000 * values)], 1e-3) == pytest.approx(1000 * bound, rel=1e-4)


def test_the_bound_of_unequal_weights_lies_below_that_of_equal_ones():
    values = (np.arange(100) % 5 > 0).astype(float)
    weight = np.where(np.arange(100) < 10, 10.0, 1.0)
    equal, unequal = Sample.of(values), Sample.of(values, weight)
    assert unequal.mean == pytest.approx(equal.mean)
    assert lower_mean([unequal], 1e-3) < lower_mean([equal], 1e-3) - 0.03


def test_no_evidence_rules_nothing_out():
    assert lower_mean([], 0.05) == 0
    assert lower_mean([Sample.of(np.zeros(20))], 0.05) == 0
    assert lower_mean([Sample.of(np.ones((2, 3)), np.zeros((2, 3)))], 0.05) == 0
