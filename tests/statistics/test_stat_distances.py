from itertools import pairwise

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp
from scipy.stats import wasserstein_distance as scipy_wasserstein

from pytest_mlquality.statistics.distances import (
    hellinger_distance,
    jensen_shannon_distance,
    jensen_shannon_divergence,
    kolmogorov_smirnov,
    l_infinity,
    population_stability_index,
    total_variation,
    wasserstein_distance,
)

LEVELS = (0.5, 0.05, 1e-3, 1e-5, 1e-9, 1e-12)
BINS = 12
P = np.arange(1, BINS + 1) / np.arange(1, BINS + 1).sum()
Q = np.sqrt(P) / np.sqrt(P).sum()


def area(reference, current, **options):
    return wasserstein_distance(reference, current, np.arange(len(reference)), **options)


OF_COUNTS = {
    "jensen_shannon_divergence": jensen_shannon_divergence,
    "jensen_shannon_distance": jensen_shannon_distance,
    "hellinger_distance": hellinger_distance,
    "population_stability_index": population_stability_index,
    "total_variation": total_variation,
    "l_infinity": l_infinity,
    "kolmogorov_smirnov": kolmogorov_smirnov,
    "wasserstein_distance": area,
}
EVERY = pytest.mark.parametrize("distance", OF_COUNTS.values(), ids=OF_COUNTS)

DEGENERATE = {
    "all in the same bin": ([500, 0, 0], [80, 0, 0]),
    "all in other bins": ([500, 0, 0], [0, 0, 400]),
    "current constant": ([100, 300, 100], [0, 400, 0]),
    "a bin new to the reference": ([100, 300, 0], [100, 250, 40]),
    "one row each": ([1, 0], [0, 1]),
    "one row each, alike": ([1, 0], [1, 0]),
    "every row a bin of its own": ([1] * 50 + [0] * 50, [0] * 50 + [1] * 50),
    "empty bins on both sides": ([0, 50, 0, 50, 0], [0, 60, 0, 40, 0]),
    "identical": ([10, 20, 30], [10, 20, 30]),
    "very unequal sizes": ([10**9, 10**9], [3, 1]),
    "a single bin": ([7], [9]),
    "weights": ([0.25, 10.5, 3.75], [1.5, 2.25, 0.125]),
}


def spread(p, q):
    places = np.arange(BINS)
    return np.sqrt(p @ (places - p @ places) ** 2)


@pytest.mark.parametrize(
    ("distance", "truth"),
    [
        (jensen_shannon_distance, jensenshannon(P, Q, base=2)),
        (jensen_shannon_divergence, jensenshannon(P, Q, base=2) ** 2),
        (hellinger_distance, np.sqrt(1 - np.sqrt(P * Q).sum())),
        (population_stability_index, ((Q - P) * np.log(Q / P)).sum()),
        (total_variation, np.abs(P - Q).sum() / 2),
        (l_infinity, np.abs(P - Q).max()),
        (kolmogorov_smirnov, np.abs(np.cumsum(P - Q)).max()),
        (area, scipy_wasserstein(range(BINS), range(BINS), P, Q) / spread(P, Q)),
    ],
)
def test_of_many_rows_a_distance_is_what_its_definition_says(distance, truth):
    estimate = distance(P * 1e9, Q * 1e9)
    assert estimate.value == pytest.approx(truth, rel=1e-3)
    assert estimate.lower(1e-5) == pytest.approx(truth, rel=0.01)
    assert estimate.upper(1e-5) == pytest.approx(truth, rel=0.01)


def test_the_observed_kolmogorov_smirnov_distance_is_that_of_scipy_and_the_value_corrects_it_downwards():
    draw = np.random.default_rng(1)
    a, b = draw.integers(0, 12, 4000), draw.integers(1, 13, 3000)
    found = kolmogorov_smirnov(np.bincount(a, minlength=13), np.bincount(b, minlength=13))
    observed = ks_2samp(a, b).statistic
    assert found.lower(0.05) < found.value <= observed < found.upper(0.05)
    assert found.value > 0.8 * observed


@EVERY
@pytest.mark.parametrize("counts", DEGENERATE.values(), ids=DEGENERATE)
def test_degenerate_counts_give_a_number_or_a_reason(distance, counts):
    estimate = distance(*counts)
    if estimate.value is None:
        assert estimate.reason
        return
    bounds = [estimate.lower(level) for level in LEVELS], [estimate.upper(level) for level in LEVELS]
    assert not np.isnan([estimate.value, *bounds[0], *bounds[1]]).any()
    assert np.isfinite([estimate.value, *bounds[0]]).all()
    assert all(lower <= estimate.value <= upper for lower, upper in zip(*bounds, strict=True))
    assert min(bounds[0]) >= 0


@EVERY
@pytest.mark.parametrize("counts", DEGENERATE.values(), ids=DEGENERATE)
def test_bounds_are_monotone_in_the_level(distance, counts):
    estimate = distance(*counts)
    lower, upper = [estimate.lower(level) for level in LEVELS], [estimate.upper(level) for level in LEVELS]
    tolerance = 1e-6
    assert all(later <= earlier + tolerance for earlier, later in pairwise(lower))
    assert all(later >= earlier - tolerance for earlier, later in pairwise(upper))


@EVERY
@pytest.mark.parametrize("level", [0.0, 0.6, -1.0])
def test_a_level_out_of_range_is_refused(distance, level):
    with pytest.raises(ValueError, match="a level of a one-sided bound"):
        distance([50, 30, 20], [20, 30, 50]).lower(level)


@EVERY
def test_a_side_without_rows_is_named(distance):
    assert distance([0, 0], [3, 4]).reason == "no rows in the reference"
    assert distance([3, 4], [0, 0]).reason == "no rows in the current"
    assert distance([3, 4], [0, 0]).value is None


@EVERY
@pytest.mark.parametrize("broken", [([1, 2], [1, 2, 3]), ([1, -2], [1, 2]), ([1, np.nan], [1, 2])])
def test_counts_that_are_none_are_refused(distance, broken):
    with pytest.raises(ValueError, match="counts"):
        distance(*broken)


def test_bins_too_rare_to_compare_are_one_and_the_method_says_so():
    reference, current = [900, 900] + [1] * 200, [450, 450] + [0] * 100 + [1] * 100
    assert "200 rare bins" in jensen_shannon_distance(reference, current).method
    assert "rare" not in jensen_shannon_distance([900, 900, 3, 0], [450, 450, 0, 30]).method


def test_labels_that_are_all_rare_are_too_rare_to_compare():
    found = jensen_shannon_distance(np.full(1000, 5), np.arange(1000) % 2)
    assert found.value is None
    assert "too few rows are expected in every bin on the smaller side" in found.reason


def test_a_constant_column_that_stays_so_has_distance_0_and_an_upper_bound():
    found = total_variation([5000, 0], [300, 0])
    assert found.value == found.lower(0.05) == 0
    assert found.upper(0.05) == pytest.approx(1 - 0.05 ** (1 / 300))


@EVERY
def test_fewer_independent_rows_widen_the_bounds(distance):
    reference, current = P * 20_000, Q * 10_000
    rows, units = distance(reference, current), distance(reference, current, effective_n=(2_000, 1_000))
    assert units.n == rows.n == 30_000
    assert units.units == 3_000
    assert units.lower(1e-3) < rows.lower(1e-3)
    assert units.upper(1e-3) > rows.upper(1e-3)


@EVERY
def test_the_order_of_the_sides_matters_little(distance):
    # Wasserstein is in standard deviations of the reference.
    there, back = distance(P * 5000, Q * 5000), distance(Q * 5000, P * 5000)
    scale = spread(Q, Q) / spread(P, P) if distance is area else 1.0
    assert there.value == pytest.approx(back.value * scale, rel=0.02)


@EVERY
@pytest.mark.parametrize(("bins", "rows"), [(2, (500, 5000)), (20, (500, 5000)), (100, (500, 5000))])
def test_two_samples_of_one_distribution_are_seldom_told_apart(distance, bins, rows):
    # 120 samples: 6 are expected at 5%, three standard errors more are 13; at 0.1% three have a probability of 0.0003.
    draw = np.random.default_rng([bins, *rows])
    shares = np.append(0.6, np.full(bins - 1, 0.4 / (bins - 1)))
    estimates = [distance(draw.multinomial(rows[1], shares), draw.multinomial(rows[0], shares)) for _ in range(120)]
    assert sum(one.lower(0.05) > 0 for one in estimates) <= 13
    assert sum(one.lower(1e-3) > 0 for one in estimates) <= 2


@EVERY
def test_bounds_exclude_the_true_distance_no_more_often_than_they_say(distance):
    # 120 samples at a level of 5% a side: 6 are expected, three standard errors more are 13.
    draw = np.random.default_rng(5)
    truth = distance(P * 1e12, Q * 1e12).value
    estimates = [distance(draw.multinomial(5000, P), draw.multinomial(1000, Q)) for _ in range(120)]
    assert sum(one.lower(0.05) > truth for one in estimates) <= 13
    assert sum(one.upper(0.05) < truth for one in estimates) <= 13


@pytest.mark.parametrize("measured", [jensen_shannon_distance, total_variation])
def test_a_flag_of_few_rows_has_a_distance_of_0_and_a_bound(measured):
    found = measured([4_995, 5], [500, 0])
    assert (found.value, found.lower(1e-5)) == (0, 0)
    # More rows of it in 500 than 1% would be rarer than 1%.
    assert found.upper(0.01) == pytest.approx(measured([99_000_000], [500]).upper(0.01), rel=1e-6)
    assert found.upper(0.05) > measured([5_000_000], [5_000]).upper(0.05)
    many = measured([1] * 1_000, [1, 0] * 500)
    assert many.value is None
    assert "too few rows" in many.reason
