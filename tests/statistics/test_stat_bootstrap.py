from math import inf, nan

import numpy as np
import pytest

from pytest_mlquality.statistics.bootstrap import bootstrap, units_needed
from pytest_mlquality.statistics.mean import mean


def test_the_standard_error_of_a_mean_is_found_again():
    values = np.random.default_rng(1).normal(size=2000)
    resampled = bootstrap(lambda rows: values[rows].mean(), 2000, seed=2, resamples=2000)
    assert resampled.value == pytest.approx(values.mean())
    closed = mean(values)
    assert resampled.upper(0.05) - resampled.value == pytest.approx(closed.upper(0.05) - closed.value, rel=0.08)


def test_one_seed_gives_one_answer_and_another_one_another():
    values = np.random.default_rng(3).random(1000)

    def bound(seed):
        return bootstrap(lambda rows: values[rows].mean(), 1000, seed=seed).lower(0.05)

    assert bound(1) == bound(1) != bound(2)


def test_whole_units_are_resampled():
    unit = np.repeat(np.arange(300), 7)[np.random.default_rng(4).permutation(2100)]
    seen = []

    def complete(rows):
        counts = np.bincount(rows, minlength=2100)
        seen.append(all(len(set(counts[unit == name])) == 1 for name in range(0, 300, 50)))
        return float(counts[0])

    bootstrap(complete, 2100, unit=unit, seed=5)
    assert all(seen)
    assert len(seen) == 201


@pytest.mark.parametrize("support", [(0.0, 1.0), (-1.0, 1.0), (0.0, inf), (-inf, 1.0)])
def test_bounds_stay_within_the_support(support):
    values = np.random.default_rng(6).random(2500)
    estimate = bootstrap(lambda rows: values[rows].mean() ** 8, 2500, seed=7, support=support)
    assert support[0] <= estimate.lower(1e-5) < estimate.value < estimate.upper(1e-5) <= support[1]


def test_too_few_units_for_a_level_decide_nothing_there_and_say_how_many_it_takes():
    values = np.random.default_rng(8).random(500)
    estimate = bootstrap(lambda rows: values[rows].mean(), 500, seed=9, support=(0, 1))
    assert 0 < estimate.lower(0.05) < estimate.upper(0.05) < 1
    assert (estimate.lower(1e-5), estimate.upper(1e-5)) == (0, 1)
    assert f"{units_needed(1e-5):,} at 1e-05" in estimate.reason


def test_failing_resamples_are_counted():
    values = np.arange(400.0)

    def fails_without_the_first_row(rows):
        if 0 not in rows:
            raise ZeroDivisionError
        return float(values[rows].mean())

    estimate = bootstrap(fails_without_the_first_row, 400, seed=10)
    assert estimate.value is None
    assert "of 200 resamples" in estimate.reason


def test_a_number_that_does_not_vary_decides_nothing():
    estimate = bootstrap(lambda rows: 0.3, 1000, seed=11, support=(0, 1))
    assert estimate.value == 0.3
    assert (estimate.lower(0.05), estimate.upper(0.05)) == (0, 1)
    assert estimate.reason == "all 200 resamples give the same number"


def test_a_number_at_the_end_of_its_range_decides_nothing():
    estimate = bootstrap(lambda rows: 1.0, 1000, seed=12, support=(0, 1))
    assert (estimate.lower(0.05), estimate.upper(0.05)) == (0, 1)
    assert "end of the range" in estimate.reason


def test_a_function_without_a_value_is_undefined():
    assert bootstrap(lambda rows: nan, 100, seed=13).value is None


def test_an_error_that_is_no_numeric_one_is_not_swallowed():
    def broken(rows):
        raise KeyError("no such column")

    with pytest.raises(KeyError):
        bootstrap(broken, 100, seed=14)


def test_fewer_resamples_than_a_standard_error_needs_are_refused():
    with pytest.raises(ValueError, match="at least 200"):
        bootstrap(lambda rows: 0.0, 100, seed=15, resamples=100)


@pytest.mark.parametrize("level", [0.05, 1e-3])
def test_errors_of_f1_are_at_most_twice_nominal(level):
    random = np.random.default_rng(16)
    n, draws = 900, 400
    errors = np.zeros(2)
    # Of positives 0.7 are called so, of negatives 0.1; three standard errors beside the limit.
    truth = 2 * 0.2 * 0.7 / (0.2 + 0.2 * 0.7 + 0.8 * 0.1)
    for draw in range(draws):
        positive = random.random(n) < 0.2
        called = random.random(n) < np.where(positive, 0.7, 0.1)
        hit, both = (positive & called).astype(float), positive.astype(float) + called

        def f1(rows, hit=hit, both=both):
            return 2 * hit[rows].sum() / both[rows].sum()

        estimate = bootstrap(f1, n, seed=draw, support=(0, 1))
        errors += estimate.lower(level) > truth, estimate.upper(level) < truth
    assert (errors / draws < 2 * level + 3 * np.sqrt(2 * level / draws)).all()
