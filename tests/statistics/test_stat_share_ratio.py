"""Ratios of shares: what bounds hold, by exact probabilities and not by chance."""

from bisect import bisect_left

import numpy as np
import pytest
from scipy.stats import binom

from pytest_mlquality.statistics.share_ratio import Events, largest_share_ratio, ratio_bound


def error(n, m, p, ratio, base, level):
    """Return how often the lower bound is above the true ratio, over all pairs of counts that are not next to never."""
    q = ratio * (p + base) - base
    found = 0.0
    for x in np.arange(binom.ppf(1e-6, n, p), binom.isf(1e-6, n, p) + 1):
        least = bisect_left(range(m), True, key=lambda y: ratio_bound([x], n, [y], m, base, level)[0] > ratio)
        found += binom.pmf(x, n, p) * binom.sf(least - 1, m, q)
    return found


@pytest.mark.parametrize("sizes", [(500, 500), (2_000, 500), (500, 2_000)])
@pytest.mark.parametrize(("base", "ratio"), [(0.0025, 1.75), (0.01, 1.4), (0.06, 1.2)])
@pytest.mark.parametrize("level", [0.025, 1e-5])
def test_the_bound_holds_its_level(base, ratio, sizes, level):
    worst = max(error(*sizes, p, ratio, base, level) for p in (0.0, 0.002, 0.02, 0.1))
    assert worst <= 1.1 * level


def test_the_largest_ratio_is_that_of_the_value_that_moved_either_way():
    reference, grown = Events([0, 500], 5_000), Events([60, 500], 5_000)
    found = largest_share_ratio(reference, grown, 0.0025)
    assert 4 < found.value < 0.0145 / 0.0025
    assert found.lower(1e-4) < found.value < found.upper(0.05)
    back = largest_share_ratio(grown, reference, 0.0025)
    assert (back.value, back.lower(1e-4), back.upper(0.05)) == (found.value, found.lower(1e-4), found.upper(0.05))


def test_no_value_is_a_ratio_of_one_as_sure_as_the_rows_are_many():
    few, many = (largest_share_ratio(Events([], n), Events([], n), 0.0025, [2, 2]) for n in (500, 50_000))
    assert (few.value, few.lower(0.05)) == (1, 1)
    assert few.upper(0.05) > 4
    assert many.upper(0.05) < 1.1


def test_what_is_not_known_of_the_reference_widens_both_bounds():
    known = largest_share_ratio(Events([20], 5_000), Events([60], 5_000), 0.0025)
    unknown = largest_share_ratio(Events([0], 5_000, [20]), Events([60], 5_000), 0.0025)
    assert unknown.lower(0.01) == known.lower(0.01)
    assert unknown.upper(0.05) > known.upper(0.05)


def test_without_rows_there_is_no_ratio():
    assert largest_share_ratio(Events([0], 0), Events([1], 5), 0.01).reason == "no rows in the reference"
    with pytest.raises(ValueError, match="level"):
        largest_share_ratio(Events([0], 5), Events([1], 5), 0.01).upper(0.7)
