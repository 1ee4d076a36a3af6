"""Differences and ratios over groups: values, bounds that hold (summed exactly over all counts), and edges."""

from functools import cache

import numpy as np
import pytest
from scipy.stats import binom

from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.extremes import largest, smallest
from pytest_mlquality.statistics.independent import difference
from pytest_mlquality.statistics.pairwise import largest_difference, smallest_ratio
from pytest_mlquality.statistics.proportion import share

LEVELS = (0.5, 0.05, 0.025, 1e-2, 1e-5, 1e-8)


@cache
def counted(k, n):
    """Return a share whose bounds are computed once."""
    found = share(k, n)
    return Estimate(found.value, n, found.method, cache(found.lower), cache(found.upper), n)


def probability(sizes, shares, errs):
    """Return how likely counts are for which `errs`: summed over the counts of two groups that are likely at all."""
    total = 0.0
    kept = []
    for n, p in zip(sizes, shares, strict=True):
        weights = binom.pmf(np.arange(n + 1), n, p)
        kept.append([(k, weights[k]) for k in np.flatnonzero(weights > 1e-12).tolist()])
    for k, of_k in kept[0]:
        for other, of_other in kept[1]:
            if errs([[counted(k, sizes[0]), counted(other, sizes[1])]]):
                total += of_k * of_other
    return total


# Small, unequal and equal groups; alike, near the ends, and apart.
WORLDS = [
    ((100, 100), (0.5, 0.5)), ((100, 100), (0.02, 0.02)), ((20, 400), (0.3, 0.3)), ((20, 400), (0.98, 0.98)),
    ((400, 20), (0.5, 0.3)), ((100, 100), (0.95, 0.7)), ((150, 150), (0.1, 0.05)), ((20, 400), (0.999, 0.8)),
]  # fmt: skip


@pytest.mark.parametrize("level", [0.05, 1e-2, 1e-5])
@pytest.mark.parametrize(("sizes", "shares"), WORLDS)
def test_two_groups_fail_at_their_true_difference_no_more_often_than_the_level(sizes, shares, level):
    truth = abs(shares[0] - shares[1])
    error = probability(sizes, shares, lambda rates: largest_difference(rates).lower(level) > truth + 1e-12)
    assert error <= level


@pytest.mark.parametrize("level", [0.05, 1e-2, 1e-5])
@pytest.mark.parametrize(("sizes", "shares"), WORLDS)
def test_two_groups_fail_at_their_true_ratio_no_more_often_than_the_level(sizes, shares, level):
    truth = min(shares) / max(shares)
    error = probability(sizes, shares, lambda rates: smallest_ratio(rates).upper(level) < truth - 1e-12)
    assert error <= level


@pytest.mark.parametrize("level", [0.05, 1e-2, 1e-3])
@pytest.mark.parametrize(("sizes", "shares"), WORLDS)
def test_two_groups_pass_below_their_true_difference_no_more_often_than_the_level(sizes, shares, level):
    truth = abs(shares[0] - shares[1])
    error = probability(sizes, shares, lambda rates: largest_difference(rates).upper(level) < truth - 1e-12)
    assert error <= level


@pytest.mark.parametrize("level", [0.05, 1e-2, 1e-3])
@pytest.mark.parametrize(("sizes", "shares"), WORLDS)
def test_two_groups_pass_above_their_true_ratio_no_more_often_than_the_level(sizes, shares, level):
    truth = min(shares) / max(shares)
    error = probability(sizes, shares, lambda rates: smallest_ratio(rates).lower(level) > truth + 1e-12)
    assert error <= level


def test_the_values_are_those_of_the_groups_farthest_apart():
    groups = [share(30, 100), share(45, 90), share(80, 200)]
    assert largest_difference([groups]).value == 45 / 90 - 30 / 100
    assert smallest_ratio([groups]).value == (30 / 100) / (45 / 90)
    assert largest(groups).value == 45 / 90
    assert smallest(groups).value == 30 / 100


def test_of_several_rates_the_one_farthest_apart_counts():
    alike, apart = [share(50, 100), share(51, 100)], [share(20, 100), share(60, 100)]
    both = largest_difference([alike, apart])
    assert both.value == pytest.approx(0.4)
    # Twice as many pairs are looked at.
    assert both.lower(0.02) == largest_difference([apart]).lower(0.01)
    assert both.upper(0.05) == largest_difference([apart]).upper(0.05)
    assert smallest_ratio([alike, apart]).value == pytest.approx(1 / 3)


def test_a_pair_has_the_bounds_of_the_difference_of_two_estimates():
    one, other = share(70, 100), share(130, 300)
    pair = difference(one, other)
    both = largest_difference([[one, other]])
    assert both.lower(0.01) == pytest.approx(pair.lower(0.005))
    assert both.upper(0.05) == pytest.approx(pair.upper(0.05))


def test_a_pair_has_the_ratio_of_donner_and_zou():
    # Where the bounds of R are, those of the difference one - R other are 0.
    one, other = share(400, 1000), share(1500, 3000)
    for level in (0.5, 0.05, 0.025):
        bound = smallest_ratio([[one, other]]).upper(2 * level if level < 0.5 else 0.5)
        at = level if level < 0.5 else 0.25
        far = np.hypot(one.upper(at) - one.value, bound * (other.value - other.lower(at)))
        assert one.value - bound * other.value + far == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("function", [largest_difference, smallest_ratio])
@pytest.mark.parametrize("independent", [True, False])
def test_bounds_widen_as_the_level_falls_and_keep_the_value_inside(function, independent):
    groups = [share(0, 40), share(45, 90), share(80, 200), share(12, 12)]
    found = function([groups], independent=independent)
    lows = [found.lower(level) for level in LEVELS]
    highs = [found.upper(level) for level in LEVELS]
    assert lows == sorted(lows, reverse=True)
    assert highs == sorted(highs)
    assert all(0 <= low <= found.value <= high <= 1 for low, high in zip(lows, highs, strict=True))


def test_groups_that_share_units_have_wider_bounds():
    groups = [share(300, 1000), share(450, 900)]
    apart, shared = largest_difference([groups]), largest_difference([groups], independent=False)
    assert shared.lower(1e-3) < apart.lower(1e-3)
    assert shared.upper(0.05) > apart.upper(0.05)
    assert "half the level each" in shared.method


def test_all_there_is_has_no_uncertainty():
    groups = [Estimate.exact(0.25, 4), Estimate.exact(0.5, 4)]
    for found, value in ((largest_difference([groups]), 0.25), (smallest_ratio([groups]), 0.5)):
        assert found.method == "exact"
        assert found.lower(1e-5) == found.upper(0.05) == found.value == value


def test_one_group_has_nothing_to_be_compared_with():
    for function in (largest_difference, smallest_ratio):
        assert function([[share(3, 10)]]).value is None
        assert function([]).reason == "fewer than two groups are large enough to compare"
    assert largest([]).value is None
    assert smallest([]).reason == "no group is large enough to judge"


def test_a_rate_of_nobody_has_a_difference_and_no_ratio():
    groups = [share(0, 100), share(0, 200)]
    assert largest_difference([groups]).value == 0
    assert largest_difference([groups]).lower(1e-5) == 0
    assert smallest_ratio([groups]).reason == "it is 0 in every group, so there is no ratio"


def test_a_group_of_which_nobody_is_chosen_has_a_ratio_of_zero_with_an_upper_bound():
    found = smallest_ratio([[share(0, 200), share(300, 600)]])
    assert found.value == found.lower(0.05) == 0
    # (1 - u)^200 = level / 2 bounds the one group, and the other is hardly uncertain.
    assert 0.06 < found.upper(1e-5) < 0.2


def test_a_ratio_of_negative_numbers_is_refused():
    with pytest.raises(ValueError, match="negative"):
        smallest_ratio([[Estimate.exact(-1, 3), Estimate.exact(2, 3)]])


def test_bounds_without_end_decide_nothing():
    open_ended = Estimate(0.5, 9, "none", lambda _: -np.inf, lambda _: np.inf)
    found = largest_difference([[open_ended, share(20, 100)]])
    assert found.lower(0.01) == 0
    assert found.upper(0.05) == np.inf
    assert smallest_ratio([[open_ended, share(20, 100)]]).lower(0.05) == 0
    assert smallest_ratio([[open_ended, share(20, 100)]]).upper(0.01) == 1


def test_the_largest_of_many_alike_is_judged_more_strictly_than_one():
    groups = [share(k, 100) for k in (48, 50, 52)]
    assert largest(groups).lower(0.03) == groups[2].lower(0.01)
    assert largest(groups).upper(0.05) == groups[2].upper(0.05)
    assert smallest(groups).upper(0.03) == groups[0].upper(0.01)
    assert smallest(groups).lower(0.05) == groups[0].lower(0.05)
