from math import atanh, inf, isnan, log

import pytest

from pytest_mlquality.statistics.scale import Scale

SUPPORTS = [(0.0, 1.0), (-1.0, 1.0), (0.0, inf), (-inf, 2.0), (-inf, inf)]


@pytest.mark.parametrize("support", SUPPORTS)
@pytest.mark.parametrize("value", [0.001, 0.3, 0.99])
def test_a_value_comes_back_from_the_line(support, value):
    scale = Scale(support)
    assert scale.from_line(scale.to_line(value)) == pytest.approx(value)


@pytest.mark.parametrize("support", SUPPORTS)
def test_the_slope_is_that_of_the_map(support):
    scale, step = Scale(support), 1e-6
    numeric = (scale.to_line(0.3 + step) - scale.to_line(0.3 - step)) / (2 * step)
    assert scale.slope(0.3) == pytest.approx(numeric, rel=1e-6)


def test_the_scales_are_the_fields_own():
    assert Scale((-1, 1)).to_line(0.4) == pytest.approx(2 * atanh(0.4))
    assert Scale((0, inf)).to_line(5) == pytest.approx(log(5))


def test_the_ends_are_infinite_and_beyond_them_is_nothing():
    scale = Scale((0, 1))
    assert (scale.to_line(0), scale.to_line(1)) == (-inf, inf)
    assert isnan(scale.to_line(1.2))
    assert scale.within(1.2) == 1
