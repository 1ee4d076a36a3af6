"""A mean of numbers that depend on each other keeps its level."""

import numpy as np
import pytest

from pytest_mlquality.statistics.averaged import average
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.mean import mean


@pytest.mark.parametrize("correlation", [-0.9, 0.0, 1.0])
def test_the_bounds_err_no_more_often_than_they_say(correlation):
    draw = np.random.default_rng(5)
    wrong = 0
    for _ in range(1_000):
        one, noise = draw.normal(size=(2, 60))
        other = correlation * one + np.sqrt(1 - correlation**2) * noise
        wrong += average([mean(one), mean(other)]).lower(0.05) > 0
    # Three standard errors above 5%.
    assert wrong <= 71


def test_of_one_number_it_is_that_number():
    one = mean(np.random.default_rng(0).normal(size=100))
    same = average([one])
    assert (same.value, same.lower(0.01), same.upper(0.01)) == (one.value, one.lower(0.01), one.upper(0.01))


def test_what_has_no_value_leaves_none():
    undefined = average([Estimate.exact(1.0, 3), Estimate.undefined(4, "one class absent")])
    assert (undefined.value, undefined.n, undefined.reason) == (None, 7, "one class absent")
    assert average([]).value is None
