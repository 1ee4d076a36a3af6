"""Days that are like the days before them are told from independent ones."""

import numpy as np
import pytest

from pytest_mlquality.statistics.serial_dependence import serial_dependence


def series(seed, autocorrelation, length):
    draw = np.random.default_rng(seed)
    found = draw.normal(size=length)
    for place in range(1, length):
        found[place] = autocorrelation * found[place - 1] + np.sqrt(1 - autocorrelation**2) * found[place]
    return found


def test_independent_days_are_not_said_to_be_alike():
    # 1,000 series at 1%: 1% and three standard errors.
    said = [serial_dependence(series(run, 0.0, 100), 0.01) for run in range(1_000)]
    assert sum(one is not None for one in said) <= 20


def test_so_many_days_tell_as_much_as_one_as_the_autocorrelation_says():
    found = [serial_dependence(series(run, 0.7, 365), 1e-3) for run in range(50)]
    assert np.median([one.autocorrelation for one in found]) == pytest.approx(0.7, abs=0.05)
    assert np.median([one.inflation for one in found]) == pytest.approx(1.7 / 0.3, rel=0.25)


@pytest.mark.parametrize("values", [np.zeros(100), np.arange(19.0), np.array([])])
def test_what_does_not_vary_or_is_short_says_nothing(values):
    assert serial_dependence(values, 1e-3) is None
