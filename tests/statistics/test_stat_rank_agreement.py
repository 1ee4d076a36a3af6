"""Agreement of two orders: what it is, and what bounds hold of it."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import ndcg_score

from pytest_mlquality.statistics.rank_agreement import Shares, agreement, ndcg, spearman

DECAY = 0.7 ** np.arange(10)
DECAY = DECAY / DECAY.sum()


def seen(share, n=500, seed=0, concentration=4.0):
    draw = np.random.default_rng(seed)
    return Shares.of(draw.dirichlet(np.asarray(share) * concentration, n), weight=draw.lognormal(0, 0.5, n))


def test_ndcg_is_that_of_scikit_learn():
    draw = np.random.default_rng(0)
    reference, current = draw.exponential(size=(50, 12)), draw.normal(size=(50, 12))
    found = ndcg(reference, current)
    assert found == pytest.approx([ndcg_score([a], [b]) for a, b in zip(reference, current, strict=True)])
    assert np.all(ndcg(reference, 3 * reference) == pytest.approx(1))


def test_gains_below_0_are_none():
    reference = np.array([0.5, -0.1, 0.3])
    assert ndcg(reference, np.array([1.0, 2.0, 3.0])) == ndcg(np.maximum(reference, 0), np.array([1.0, 2.0, 3.0]))
    assert ndcg(-np.ones(3), np.arange(3.0)) == 1


def test_what_counts_little_moves_ndcg_little():
    last, first = np.arange(10), np.arange(10)
    last[[8, 9]], first[[0, 1]] = [9, 8], [1, 0]
    assert ndcg(DECAY, DECAY[last]) > 0.999
    assert ndcg(DECAY, DECAY[first]) == pytest.approx(0.947, abs=0.001)


def test_spearman_is_that_of_scipy_with_ties():
    draw = np.random.default_rng(0)
    first, second = draw.integers(0, 6, (50, 12)), draw.integers(0, 6, (50, 12))
    found = spearman(first, second)
    assert found == pytest.approx([spearmanr(a, b).statistic for a, b in zip(first, second, strict=True)])
    assert spearman(np.ones(3), np.arange(3.0)) == 1


def test_shares_are_weighted_means_with_the_error_of_their_units():
    draw = np.random.default_rng(0)
    parts, weight = draw.dirichlet(np.ones(4), 300), draw.exponential(size=300)
    found = Shares.of(parts, weight=weight)
    assert found.value == pytest.approx(np.average(parts, axis=0, weights=weight))
    plain = Shares.of(parts)
    assert np.sqrt((plain.contributions**2).sum(axis=0)) == pytest.approx(parts.std(axis=0, ddof=1) / np.sqrt(300))
    twice = Shares.of(np.repeat(parts, 2, axis=0), unit=np.repeat(np.arange(300), 2))
    assert twice.contributions == pytest.approx(plain.contributions)


@pytest.mark.parametrize("name", ["ndcg", "spearman_correlation"])
@pytest.mark.parametrize("same_units", [False, True])
def test_bounds_are_on_both_sides_and_move_apart_as_the_level_falls(name, same_units):
    found = agreement(
        name, seen(DECAY), seen(DECAY[[1, 0, 2, 4, 3, *range(5, 10)]], seed=1), same_units=same_units, seed=0
    )
    levels = (0.5, 0.1, 0.05, 0.01, 1e-3, 1e-5)
    lower, upper = [found.lower(level) for level in levels], [found.upper(level) for level in levels]
    assert lower == sorted(lower, reverse=True)
    assert upper == sorted(upper)
    assert -1 <= lower[-1] <= lower[0] <= found.value <= upper[0] <= upper[-1] <= 1
    again = agreement(
        name, seen(DECAY), seen(DECAY[[1, 0, 2, 4, 3, *range(5, 10)]], seed=1), same_units=same_units, seed=0
    )
    assert [again.lower(level) for level in levels] == lower


def test_an_order_that_is_clearly_another_is_beyond_doubt():
    moved = DECAY[[4, 1, 2, 3, 0, *range(5, 10)]]
    found = agreement("ndcg", seen(DECAY), seen(moved, seed=1), same_units=False, seed=0)
    assert found.value == pytest.approx(0.776, abs=0.02)
    assert found.upper(1e-5) < 0.9


@pytest.mark.parametrize("name", ["ndcg", "spearman_correlation"])
def test_columns_that_all_count_the_same_have_no_order_to_disagree_on(name):
    found = agreement(name, seen(np.full(20, 0.05)), seen(np.full(20, 0.05), seed=1), same_units=False, seed=0)
    assert found.value < 0.97
    assert found.upper(0.05) == pytest.approx(1)


def test_a_column_that_may_well_have_changed_places_counts_in_full():
    # By two standard errors the first of three is still the first: at 5% it may be the last.
    contributions = np.outer(np.tile([1.0, -1.0], 100), [0.5, 0.0, -0.5]) / np.sqrt(200)
    reference = Shares(np.array([5.0, 3.0, 0.1]), np.zeros((200, 3)), 200)
    current = Shares(np.array([2.0, -9.0, 0.1]), contributions, 200)
    found = agreement("ndcg", reference, current, same_units=False, seed=0)
    swapped = float(ndcg(reference.value, np.array([0.1, -9.0, 2.0])))
    assert found.lower(0.05) == pytest.approx(swapped)
    assert found.lower(0.3) == pytest.approx(found.value)


def test_the_same_rows_are_paired():
    one = seen(DECAY, n=100, concentration=0.5)
    paired, apart = (agreement("ndcg", one, one, same_units=same, seed=0) for same in (True, False))
    assert paired.value == paired.lower(1e-5) == 1
    assert apart.lower(0.05) < 1
    assert (paired.n, apart.n) == (100, 200)


def test_one_column_agrees_with_itself():
    one = Shares.of(np.ones((50, 1)))
    for name in ("ndcg", "spearman_correlation"):
        found = agreement(name, one, one, same_units=False, seed=0)
        assert found.value == found.lower(0.05) == found.upper(0.05) == 1


def test_many_rows_are_drawn_from_no_more_often_than_few(work):
    share = np.full(50, 0.02)

    def agreed(n):
        first, second = seen(share, n=n), seen(share, n=n, seed=1)
        found = agreement("ndcg", first, second, same_units=False, seed=0)
        return found.lower(0.05), found.upper(1e-5)

    assert work.calls(lambda: agreed(20_000)) <= 1.5 * work.calls(lambda: agreed(200))
    # The rows themselves, several times over: draws of shares, not of rows.
    assert work.peak(lambda: agreed(20_000)) < 20 * 20_000 * 50 * 8
