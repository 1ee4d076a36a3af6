from math import inf

import numpy as np
import pytest
from scipy.stats import kurtosis, skew

from pytest_mlquality.statistics.shifts import Moments, mean_difference, missing_share_difference


def moments(values):
    return Moments(len(values), values.mean(), values.std(), skew(values), kurtosis(values, fisher=False))


def test_ten_times_as_many_missing_are_beyond_doubt():
    found = missing_share_difference((50, 5000), (500, 5000))
    assert found.value == pytest.approx(0.09, abs=1e-6)
    assert found.lower(1e-5) > 0.06
    assert found.upper(0.05) < 0.1


def test_fewer_missing_are_a_difference_too():
    assert missing_share_difference((500, 5000), (50, 5000)).value == pytest.approx(0.09, abs=1e-6)


def test_none_missing_on_either_side_leaves_room_above_0_alone():
    found = missing_share_difference((0, 5000), (0, 500))
    assert found.value == found.lower(0.05) == 0
    assert 0.001 < found.upper(0.05) < 0.02


def test_bounds_of_missing_shares_are_those_they_say():
    # 4,000 samples at 5%: at most 5% plus three standard errors, 6.1%. Rare: 10 expected rows.
    draw = np.random.default_rng(1)
    for p, q in ((0.02, 0.02), (0.01, 0.05)):
        found = [
            missing_share_difference((a, 5000), (b, 500))
            for a, b in zip(draw.binomial(5000, p, 2000), draw.binomial(500, q, 2000), strict=True)
        ]
        truth = abs(q - p)
        assert np.mean([one.lower(0.05) > truth + 1e-12 for one in found]) <= 0.065
        assert np.mean([one.upper(0.05) < truth for one in found]) <= 0.065


@pytest.mark.parametrize("pair", [((3, 2), (1, 5)), ((-1, 2), (1, 5))])
def test_more_missing_than_rows_are_refused(pair):
    with pytest.raises(ValueError, match="rows without a value among"):
        missing_share_difference(*pair)


def test_no_rows_are_named():
    assert missing_share_difference((0, 0), (1, 5)).reason == "no rows in the reference"


def test_a_shift_of_half_a_standard_deviation_is_found():
    draw = np.random.default_rng(2)
    found = mean_difference(moments(draw.normal(3, 2, 20_000)), moments(draw.normal(4, 2, 5000)))
    assert found.lower(1e-5) < 0.5 < found.upper(1e-5)
    assert found.lower(1e-5) > 0.4


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_bounds_of_a_mean_difference_are_those_they_say(shift):
    # Skewed numbers, 2,000 samples: at most 5% plus three standard errors, 6.5%.
    draw = np.random.default_rng(3)
    found = [
        mean_difference(moments(draw.exponential(size=2000)), moments(draw.exponential(size=500) + shift))
        for _ in range(2000)
    ]
    assert np.mean([one.lower(0.05) > shift for one in found]) <= 0.065
    assert np.mean([one.upper(0.05) < shift for one in found]) <= 0.065


def test_few_rows_decide_nothing_at_small_levels():
    draw = np.random.default_rng(4)
    found = mean_difference(moments(draw.normal(size=12)), moments(draw.normal(2, 1, size=12)))
    assert found.lower(1e-5) == 0
    assert found.upper(1e-5) == inf


def test_a_reference_that_does_not_vary_is_no_scale():
    constant = Moments(100, 5.0, 0.0, 0.0, 3.0)
    assert mean_difference(constant, Moments(100, 6.0, 1.0, 0.0, 3.0)).reason == "the reference does not vary"
    assert mean_difference(Moments(1, 5.0, 0.0, 0.0, 3.0), constant).value is None


@pytest.mark.parametrize(("of_reference", "of_current"), [(20_000, 200), (200, 20_000)])
def test_a_rare_sentinel_that_few_rows_have_not_drawn_is_no_shift(of_reference, of_current):
    # Without the tail of the larger side, lower bounds at 1e-3 were above 0 in four of five runs.
    for run in range(100):
        draw = np.random.default_rng([5, run])
        sides = [np.where(draw.random(n) < 1e-3, -999, draw.normal(size=n)) for n in (of_reference, of_current)]
        found = mean_difference(*map(moments, sides))
        assert not found.lower(1e-3) > 0


def test_the_tail_of_the_larger_side_costs_a_shift_of_plain_numbers_nothing():
    draw = np.random.default_rng(6)
    found = mean_difference(moments(draw.normal(size=20_000)), moments(draw.normal(0.6, 1, size=200)))
    assert found.lower(1e-3) > 0.2
