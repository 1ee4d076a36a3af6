from itertools import pairwise

import numpy as np
import pytest
from scipy.special import expit, logit, stdtrit
from sklearn.metrics import roc_auc_score

from pytest_mlquality.statistics.auc import roc_auc, roc_auc_difference
from pytest_mlquality.statistics.concordance import pairs_by_group, placements

LEVELS = (0.5, 0.2, 0.05, 1e-2, 1e-3, 1e-4, 1e-5, 1e-9)


def binormal(n, positives, seed, distance=1.8):
    random = np.random.default_rng(seed)
    positive = np.zeros(n, dtype=bool)
    positive[random.permutation(n)[:positives]] = True
    score = random.normal(size=n) + distance * positive
    return positive, score, score + 0.3 * random.normal(size=n)


def order(positive, score):
    """Every pair of a positive and a negative row, compared: 1 in order, 0.5 tied, 0 out of order."""
    above, below = score[positive][:, None], score[~positive][None, :]
    return (above > below) + 0.5 * (above == below)


def delong_variance(*kernels):
    """DeLong, DeLong and Clarke-Pearson 1988, from the definition: of the first kernel less the second."""
    kernel = kernels[0] if len(kernels) == 1 else kernels[0] - kernels[1]
    by_positive, by_negative = kernel.mean(axis=1), kernel.mean(axis=0)
    return by_positive.var(ddof=1) / len(by_positive) + by_negative.var(ddof=1) / len(by_negative)


@pytest.mark.parametrize("decimals", [1, 8])
def test_the_value_is_that_of_scikit_learn_with_and_without_ties_and_weights(decimals):
    positive, score, _ = binormal(500, 60, seed=1)
    score = score.round(decimals)
    weight = np.random.default_rng(2).random(500) + 0.1
    assert roc_auc(positive, score).value == pytest.approx(roc_auc_score(positive, score), abs=1e-12)
    weighted = roc_auc_score(positive, score, sample_weight=weight)
    assert roc_auc(positive, score, weight=weight).value == pytest.approx(weighted, abs=1e-12)


@pytest.mark.parametrize("decimals", [1, 8])
def test_placements_are_those_of_all_pairs_compared(decimals):
    positive, score, _ = binormal(200, 40, seed=3)
    score = score.round(decimals)
    pairs = order(positive, score)
    placed = placements(positive, score, np.ones(200))
    np.testing.assert_allclose(placed[positive], pairs.mean(axis=1), atol=1e-12)
    np.testing.assert_allclose(placed[~positive], pairs.mean(axis=0), atol=1e-12)


def test_pairs_by_group_are_those_of_each_group_compared():
    positive, score, _ = binormal(300, 100, seed=4)
    score = score.round(1)
    group = np.random.default_rng(5).integers(7, size=300)
    ordered, pairs = pairs_by_group(group, 7, positive, score, np.ones(300))
    for name in range(7):
        kernel = order(positive[group == name], score[group == name])
        assert ordered[name] == pytest.approx(kernel.sum())
        assert pairs[name] == kernel.size


def test_the_difference_has_the_variance_of_delong():
    positive, a, b = binormal(3000, 1500, seed=6)
    estimate = roc_auc_difference(positive, a, b)
    spread = np.sqrt(delong_variance(order(positive, a), order(positive, b)))
    assert estimate.value == pytest.approx(roc_auc_score(positive, a) - roc_auc_score(positive, b), abs=1e-12)
    half_width = (estimate.upper(0.025) - estimate.lower(0.025)) / 2
    assert half_width == pytest.approx(1.96 * spread, rel=0.03)


def test_the_bounds_are_those_of_delong_on_the_logit_scale_where_there_is_much_data():
    positive, score, _ = binormal(20_000, 10_000, seed=7)
    estimate = roc_auc(positive, score)
    value = estimate.value
    spread = np.sqrt(delong_variance(order(positive, score))) / (value * (1 - value))
    for level in (0.05, 1e-5):
        t = -stdtrit(5000, level)
        assert estimate.lower(level) == pytest.approx(expit(logit(value) - t * spread), abs=2e-4)
        assert estimate.upper(level) == pytest.approx(expit(logit(value) + t * spread), abs=6e-4)


@pytest.mark.parametrize(("n", "positives"), [(200, 4), (200, 100), (500, 25), (3000, 60)])
@pytest.mark.parametrize("clustered", [False, True])
def test_bounds_are_monotone_in_the_level_and_on_their_side_of_the_value(n, positives, clustered):
    positive, a, b = binormal(n, positives, seed=8)
    unit = np.arange(n) // 20 if clustered else None
    for estimate in (roc_auc(positive, a, unit=unit), roc_auc_difference(positive, a, b, unit=unit)):
        lower, upper = [estimate.lower(x) for x in LEVELS], [estimate.upper(x) for x in LEVELS]
        assert all(later <= earlier for earlier, later in pairwise(lower))
        assert all(later >= earlier for earlier, later in pairwise(upper))
        assert lower[0] <= estimate.value <= upper[0]


def test_units_of_one_row_change_nothing():
    positive, a, b = binormal(400, 80, seed=9)
    unit = np.array([f"customer {row}" for row in range(400)])
    for level in (0.05, 1e-5):
        assert roc_auc(positive, a, unit=unit).lower(level) == roc_auc(positive, a).lower(level)
        separate, plain = roc_auc_difference(positive, a, b, unit=unit), roc_auc_difference(positive, a, b)
        assert separate.upper(level) == plain.upper(level)


def test_repeating_each_row_within_its_unit_adds_no_evidence():
    positive, score, _ = binormal(2000, 1000, seed=10)
    once = roc_auc(positive, score)
    unit = np.repeat(np.arange(2000), 5)
    five_times = roc_auc(np.repeat(positive, 5), np.repeat(score, 5), unit=unit)
    assert five_times.value == pytest.approx(once.value)
    assert five_times.lower(1e-3) == pytest.approx(once.lower(1e-3), abs=1e-3)


@pytest.mark.parametrize("unit", [None, np.arange(100) // 5])
def test_a_perfect_ranking_has_an_honest_lower_bound(unit):
    positive = np.arange(100) % 2 == 0
    estimate = roc_auc(positive, positive.astype(float), unit=unit)
    assert estimate.value == 1.0
    assert estimate.upper(1e-5) == 1.0
    assert 0.05 < estimate.lower(1e-5) < estimate.lower(0.05) < 0.95


def test_equal_scores_differ_by_nothing_and_less_than_something():
    positive, a, _ = binormal(400, 200, seed=11)
    estimate = roc_auc_difference(positive, a, a)
    assert estimate.value == 0.0
    assert -0.1 < estimate.lower(1e-5) < 0 < estimate.upper(1e-5) < 0.1


def test_one_unit_of_everything_decides_nothing():
    positive, score, _ = binormal(100, 50, seed=12)
    estimate = roc_auc(positive, score, unit=np.zeros(100))
    assert (estimate.lower(0.05), estimate.upper(0.05)) == (0.0, 1.0)


def test_an_absent_class_or_a_missing_score_leaves_it_undefined():
    assert "no negative row among 10" in roc_auc(np.ones(10, dtype=bool), np.arange(10.0)).reason
    broken = roc_auc(np.arange(10) < 5, np.where(np.arange(10) == 3, np.nan, 1.0))
    assert broken.value is None
    assert "1 of 10 scores" in broken.reason


def test_seventy_thousand_rows_are_judged_without_looking_at_every_pair(work):
    def judged(n):
        positive, score, _ = binormal(n, 2 * n // 7, seed=13)
        estimate = roc_auc(positive, score)
        return estimate.lower(1e-5), estimate.upper(0.05)

    # Pairs would be a thousand million; the rows and what is made of them are a few hundred bytes each.
    assert work.peak(lambda: judged(70_000)) < 500 * 70_000
    assert work.calls(lambda: judged(70_000)) <= 1.5 * work.calls(lambda: judged(7_000))


SIMULATED = (0.05, 1e-3)


def errors(estimate, truth):
    """Whether each bound errs: lower and upper, at each simulated level."""
    return np.array([[estimate.lower(x) > truth, estimate.upper(x) < truth] for x in SIMULATED])


def assert_at_most_twice_nominal(count, draws):
    for level, sides in zip(SIMULATED, count / draws, strict=True):
        assert (sides <= 2 * level + 3 * np.sqrt(2 * level / draws)).all()


@pytest.mark.parametrize(("positives", "clustered"), [(250, False), (25, False), (250, True)])
def test_errors_are_at_most_twice_nominal(positives, clustered):
    # Scores whose units correlate by 0.1; three standard errors of the draws stand beside the limit.
    random = np.random.default_rng(14)
    draws, distance, count = 400, 1.8124, 0
    positive = np.arange(500) % (500 // positives) == 0
    unit = np.arange(500) // 20 if clustered else None
    for _ in range(draws):
        effect = np.repeat(random.normal(size=25), 20) if clustered else random.normal(size=500)
        score = distance * positive + np.sqrt(0.1) * effect + np.sqrt(0.9) * random.normal(size=500)
        count = count + errors(roc_auc(positive, score, unit=unit), truth=0.9)
    assert_at_most_twice_nominal(count, draws)


def test_errors_of_the_difference_are_at_most_twice_nominal():
    random = np.random.default_rng(15)
    draws, count = 400, 0
    positive = np.arange(600) % 2 == 0
    for _ in range(draws):
        signal = 1.8 * positive + random.normal(size=600)
        # Both scores see the signal with noise of one size: the true difference is 0.
        a, b = signal + 0.4 * random.normal(size=600), signal + 0.4 * random.normal(size=600)
        count = count + errors(roc_auc_difference(positive, a, b), truth=0.0)
    assert_at_most_twice_nominal(count, draws)
