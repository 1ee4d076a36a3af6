import numpy as np
import pytest

from pytest_mlquality.statistics.mean import mean
from pytest_mlquality.statistics.paired import mean_difference, share_difference


def models(n, agreement, seed):
    random = np.random.default_rng(seed)
    a = random.random(n) < 0.85
    return a, np.where(random.random(n) < agreement, a, random.random(n) < 0.85)


def test_the_value_is_the_difference_of_the_shares():
    a, b = models(1000, 0.9, seed=1)
    assert share_difference(a, b).value == pytest.approx(a.mean() - b.mean())


def test_models_that_agree_are_told_apart_far_better_than_by_two_separate_shares():
    a, b = models(5000, 0.98, seed=2)
    estimate = share_difference(a, b)
    separate = 1.645 * np.sqrt(2 * 0.85 * 0.15 / 5000)
    assert estimate.upper(0.05) - estimate.value < 0.4 * separate


def test_no_discordant_row_is_not_certainty():
    a, _ = models(500, 1.0, seed=3)
    estimate = share_difference(a, a)
    assert estimate.value == 0
    # Nothing in 500 rows excludes a share of discordant rows below 1 - level ** (1 / 500).
    assert estimate.upper(1e-5) >= 1 - 1e-5 ** (1 / 500)
    assert estimate.upper(1e-5) < 0.04
    assert estimate.lower(1e-5) == pytest.approx(-estimate.upper(1e-5))


def test_swapping_the_models_swaps_the_bounds():
    a, b = models(300, 0.9, seed=4)
    there, back = share_difference(a, b), share_difference(b, a)
    for level in (0.05, 1e-3, 1e-5):
        assert there.lower(level) == pytest.approx(-back.upper(level), abs=1e-6)


def test_units_of_one_row_change_nothing():
    a, b = models(300, 0.9, seed=5)
    assert share_difference(a, b, unit=np.arange(300)).lower(1e-5) == share_difference(a, b).lower(1e-5)


def test_a_mean_difference_is_the_mean_of_the_differences():
    random = np.random.default_rng(6)
    a, b = random.random(200), random.random(200)
    direct = mean(a - b, support=(-1, 1))
    assert mean_difference(a, b, support=(0, 1)).lower(1e-5) == direct.lower(1e-5)


def test_models_on_different_rows_are_refused():
    with pytest.raises(ValueError, match="the same rows"):
        share_difference(np.ones(3, dtype=bool), np.ones(4, dtype=bool))


@pytest.mark.parametrize("discordant", [0.3, 0.02])
@pytest.mark.parametrize(("level", "allowed"), [(0.05, 0.1 + 0.013), (1e-3, 0.002 + 0.0019)])
def test_errors_are_at_most_twice_nominal(discordant, level, allowed):
    # The counts decide, so each draw is one multinomial, expanded to its rows; 3 standard errors beside the limit.
    random = np.random.default_rng(7)
    n, draws = 250, 2500
    errors = np.zeros(2)
    truth = discordant / 3
    for worse, better in random.multinomial(n, [discordant / 3, 2 * discordant / 3, 1 - discordant], draws)[:, :2]:
        row = np.arange(n)
        a, b = row < better, (row >= better) & (row < better + worse)
        estimate = share_difference(a, b)
        errors += estimate.lower(level) > truth, estimate.upper(level) < truth
    assert (errors / draws < allowed).all()
