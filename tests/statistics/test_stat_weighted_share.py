import numpy as np
import pytest

from pytest_mlquality.statistics.paired import share_difference
from pytest_mlquality.statistics.proportion import share, share_of
from pytest_mlquality.statistics.weighted_share import clopper_pearson, difference_of_shares, weighted_share_of

LEVELS = (0.05, 1e-3)
RUNS = 250


def a_few_dominate(draw):
    """500 rows, of which 100 carry nearly all of the weight; they err less often than the others."""
    heavy = np.arange(500) < 100
    weight = np.where(heavy, 100.0, 1.0)
    right = np.where(heavy, 0.97, 0.8)
    return draw.random(500) < right, weight, None, np.average(right, weights=weight)


def some_weigh_a_hundred(draw):
    """A rate of 0.05, and weights that have nothing to do with it: 2% of the rows weigh 100."""
    return draw.random(1000) < 0.05, np.where(draw.random(1000) < 0.02, 100.0, 1.0), None, 0.05


def units_of_which_some_are_heavy(draw):
    unit = np.arange(500) // 5
    right = draw.beta(0.95 * 9, 0.05 * 9, 100)[unit]
    return draw.random(500) < right, np.where(np.arange(500) < 50, 50.0, 1.0), unit, 0.95


def errors(estimator, situation):
    draw = np.random.default_rng(2026)
    missed = np.zeros((2, len(LEVELS)))
    for _ in range(RUNS):
        success, weight, unit, truth = situation(draw)
        found = estimator(success, weight=weight, unit=unit)
        missed[0] += [found.lower(level) > truth for level in LEVELS]
        missed[1] += [found.upper(level) < truth for level in LEVELS]
    return missed / RUNS


@pytest.mark.parametrize("situation", [a_few_dominate, some_weigh_a_hundred, units_of_which_some_are_heavy])
def test_bounds_hold_where_a_few_rows_weigh_most(situation):
    # Of the variance alone they do not: at 1e-3 they err in more than one run of a hundred.
    assert errors(share_of, situation)[:, 1].max() > 0.01
    held = errors(weighted_share_of, situation)
    assert (held[:, 0] <= 0.07).all()
    assert (held[:, 1] == 0).all()


def test_bounds_are_those_of_a_share_where_all_units_weigh_the_same():
    success = np.arange(300) % 10 > 0
    unit = np.arange(300) // 3
    for beside in ({}, {"unit": unit}, {"weight": np.full(300, 2.0)}):
        plain, wide = share_of(success, **beside), weighted_share_of(success, **beside)
        assert (wide.value, wide.lower(0.05), wide.upper(1e-5)) == (plain.value, plain.lower(0.05), plain.upper(1e-5))


def test_no_bound_is_narrower_than_that_of_the_effective_number_of_rows():
    weight = np.ones(200)
    weight[:50] = 30.0
    effective = weight.sum() ** 2 / (weight**2).sum()
    found = weighted_share_of(np.zeros(200, dtype=bool), weight=weight)
    assert found.value == 0
    assert found.upper(0.05) >= 1 - 0.05 ** (1 / effective)


def test_whole_numbers_of_rows_have_the_bounds_of_clopper_and_pearson():
    lower, upper = clopper_pearson(0.3, 50.0)
    exact = share(15, 50)
    assert lower(1e-3) == pytest.approx(exact.lower(1e-3), rel=1e-12)
    assert upper(1e-3) == pytest.approx(exact.upper(1e-3), rel=1e-12)
    assert (clopper_pearson(0.0, 9.5)[0](0.05), clopper_pearson(1.0, 9.5)[1](0.05)) == (0.0, 1.0)


def test_a_difference_is_no_surer_than_the_two_shares_that_it_is_made_of():
    weight = np.where(np.arange(500) < 100, 100.0, 1.0)
    better = np.ones(500, dtype=bool)
    worse = np.arange(500) % 10 > 0
    worse[:100] = True
    plain = share_difference(better, worse, weight=weight)
    wide = difference_of_shares(plain, better, worse, weight=weight)
    assert wide.value == plain.value
    # That no heavy row differs yet does not say that none ever will.
    assert wide.upper(0.05) > 0.02 > plain.upper(0.05)
    assert wide.lower(0.05) <= plain.lower(0.05)
    assert difference_of_shares(plain, better, worse, weight=np.full(500, 3.0)) is plain
