import numpy as np
import pytest
from scipy.stats import binomtest

from pytest_mlquality.statistics.proportion import share, share_of

LEVELS = (0.5, 0.05, 1e-3, 1e-5, 1e-9)


@pytest.mark.parametrize(("successes", "n"), [(0, 30), (1, 30), (17, 30), (29, 30), (30, 30), (4990, 5000)])
@pytest.mark.parametrize("level", [0.05, 1e-3, 1e-5])
def test_bounds_of_a_share_are_those_of_scipy(successes, n, level):
    estimate = share(successes, n)
    lower = binomtest(successes, n, alternative="greater").proportion_ci(1 - level, method="exact").low
    upper = binomtest(successes, n, alternative="less").proportion_ci(1 - level, method="exact").high
    assert estimate.lower(level) == pytest.approx(lower, abs=1e-9)
    assert estimate.upper(level) == pytest.approx(upper, abs=1e-9)


def test_all_successes_have_a_lower_bound_below_one():
    assert share(100, 100).lower(1e-5) == pytest.approx(1e-5 ** (1 / 100))
    assert share(100, 100).upper(1e-5) == 1.0


def test_a_share_of_no_rows_is_undefined():
    assert share(0, 0).value is None
    assert share(0, 0).reason == "no rows"


def test_more_successes_than_rows_are_refused():
    with pytest.raises(ValueError, match="4 successes among 3 rows"):
        share(4, 3)


def test_units_of_one_row_and_equal_weights_change_nothing():
    success = np.random.default_rng(1).random(300) < 0.8
    plain = share_of(success)
    other = share_of(success, unit=np.arange(300) * 7, weight=np.full(300, 2.5))
    assert plain.method == other.method == "Clopper-Pearson"
    assert [plain.lower(level) for level in LEVELS] == [other.lower(level) for level in LEVELS]


def test_repeating_each_row_within_its_unit_adds_no_evidence():
    success = np.random.default_rng(2).random(400) < 0.7
    repeated = share_of(np.repeat(success, 10), unit=np.repeat(np.arange(400), 10))
    naive = share(int(success.sum()) * 10, 4000)
    honest = share(int(success.sum()), 400)
    width = repeated.upper(1e-3) - repeated.lower(1e-3)
    assert width > 2.5 * (naive.upper(1e-3) - naive.lower(1e-3))
    assert width == pytest.approx(honest.upper(1e-3) - honest.lower(1e-3), rel=0.15)


def test_a_weight_of_two_moves_the_share_as_two_rows_do():
    success = np.array([True, False, False, True, True])
    assert share_of(success, weight=np.array([2.0, 1, 1, 1, 1])).value == pytest.approx(4 / 6)


def test_unequal_weights_are_worth_fewer_rows_and_say_so():
    random = np.random.default_rng(3)
    success = random.random(1000) < 0.6
    weight = random.pareto(2.5, 1000) + 0.1
    weighted, plain = share_of(success, weight=weight), share_of(success)
    assert weighted.upper(0.05) - weighted.lower(0.05) > 1.2 * (plain.upper(0.05) - plain.lower(0.05))
    assert "effective n" in weighted.method


def test_units_may_be_objects_that_cannot_be_ordered():
    unit = np.array([None, "a", 3, "a"], dtype=object)
    assert share_of(np.array([True, False, True, True]), unit=unit).units == 3


@pytest.mark.parametrize("weight", [[-1.0, 1, 1], [0.0, 0, 0], [np.nan, 1, 1]])
def test_weights_that_mean_nothing_are_refused(weight):
    with pytest.raises(ValueError, match="weights must be finite"):
        share_of(np.array([True, False, True]), weight=np.array(weight))


def test_a_unit_column_of_another_length_is_refused():
    with pytest.raises(ValueError, match="unit has 2 entries for 3 rows"):
        share_of(np.array([True, False, True]), unit=np.array([1, 2]))


@pytest.mark.parametrize("rate", [0.5, 0.9])
def test_errors_of_a_share_over_units_are_at_most_twice_nominal(rate):
    # 60 units of 20 rows whose successes correlate by 0.1 (beta-binomial); 3 standard errors beside the limit.
    random = np.random.default_rng(4)
    draws, unit = 1000, np.arange(1200) // 20
    count = {0.05: np.zeros(2), 1e-3: np.zeros(2)}
    for _ in range(draws):
        rates = np.repeat(random.beta(9 * rate, 9 * (1 - rate), size=60), 20)
        estimate = share_of(random.random(1200) < rates, unit=unit)
        for level, sides in count.items():
            sides += estimate.lower(level) > rate, estimate.upper(level) < rate
    for level, sides in count.items():
        assert (sides / draws <= 2 * level + 3 * np.sqrt(2 * level / draws)).all()
