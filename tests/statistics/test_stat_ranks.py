"""The rank of a mean among several: proven by what surely is larger or smaller."""

import numpy as np
import pytest

from pytest_mlquality.statistics.ranks import rank


def columns(*means, n=400, spread=0.1, seed=0):
    return np.array(means) + spread * np.random.default_rng(seed).normal(size=(n, len(means)))


def test_means_far_apart_have_their_ranks_beyond_doubt():
    values = columns(0.2, 0.9, 0.5)
    for place, expected in enumerate((3, 1, 2)):
        found = rank(values, place)
        assert found.value == found.lower(1e-5) == found.upper(1e-5) == expected


def test_those_that_cannot_be_told_apart_could_each_be_first_or_last_of_them():
    found = rank(columns(0.9, 0.5, 0.5, 0.5, 0.1), 2)
    assert (found.lower(0.01), found.upper(0.01)) == (2, 4)


def test_exact_ties_share_the_best_of_their_ranks():
    values = np.tile(columns(0.5), (1, 3))
    found = [rank(values, place) for place in range(3)]
    assert [one.value for one in found] == [1, 1, 1]
    assert [(one.lower(0.05), one.upper(0.05)) for one in found] == [(1, 3)] * 3


def test_one_column_is_the_first():
    found = rank(columns(0.5, n=3), 0)
    assert (found.value, found.lower(1e-5), found.upper(1e-5), found.method) == (1, 1, 1, "exact")


def test_bounds_move_apart_as_the_level_falls():
    values = columns(0.50, 0.49, 0.48, 0.47, n=300)
    found = rank(values, 1)
    levels = (0.5, 0.1, 0.01, 1e-3, 1e-5)
    lower, upper = [found.lower(level) for level in levels], [found.upper(level) for level in levels]
    assert lower == sorted(lower, reverse=True)
    assert upper == sorted(upper)
    assert (lower[-1], upper[-1]) == (1, 4)


def test_rows_of_one_unit_are_worth_one():
    few = columns(0.52, 0.48, n=30, seed=2)
    repeated, unit = np.repeat(few, 40, axis=0), np.repeat(np.arange(30), 40)
    assert rank(repeated, 1).lower(1e-3) == 2
    assert rank(repeated, 1, unit=unit).lower(1e-3) == rank(few, 1).lower(1e-3) == 1
    assert "30 units" in rank(repeated, 1, unit=unit).method


def test_weights_decide_which_is_larger():
    values = np.concatenate([columns(0.9, 0.1, n=200), columns(0.1, 0.9, n=200, seed=1)])
    weight = np.repeat([1.0, 9.0], 200)
    assert rank(values, 0, weight=weight).value == rank(values, 0, weight=weight).lower(0.01) == 2
    assert rank(values, 0, weight=weight[::-1]).upper(0.01) == 1


def test_few_rows_prove_nothing_without_a_support():
    values = columns(0.9, 0.1, n=4)
    assert (rank(values, 0).lower(1e-3), rank(values, 0).upper(1e-3)) == (1, 2)
    assert rank(np.clip(columns(0.9, 0.1, n=60), 0, 1), 0, support=(0.0, 1.0)).upper(1e-3) == 1


@pytest.mark.parametrize("level", [0.0, 0.6])
def test_a_level_that_is_none_is_an_error(level):
    with pytest.raises(ValueError, match="level"):
        rank(columns(0.5, 0.4), 0).lower(level)
