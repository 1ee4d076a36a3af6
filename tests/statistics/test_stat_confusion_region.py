"""Bounds of a confusion matrix and of average precision that hold at any number of rows."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from pytest_mlquality.measures.confusion import Confusion, of_confusion
from pytest_mlquality.measures.metrics import find
from pytest_mlquality.statistics.confusion_region import (
    kappa,
    kappa_of_rates,
    likelihood_ratios,
    matthews,
    matthews_of_rates,
)
from pytest_mlquality.statistics.precision_bands import Band, average_precision
from pytest_mlquality.statistics.proportion import share
from pytest_mlquality.statistics.simplex import Shares, highest_shares, lowest_shares

RANDOM = np.random.default_rng(20260801)
LEVELS = (0.05, 1e-3, 1e-5)


def test_several_shares_have_the_bounds_of_one():
    counts, n = np.array([0.0, 3.0, 40.0]), np.array([40.0, 40.0, 40.0])
    for level in LEVELS:
        alone = [share(int(k), 40) for k in counts]
        assert lowest_shares(counts, n, level) == pytest.approx([one.lower(level) for one in alone])
        assert highest_shares(counts, n, level) == pytest.approx([one.upper(level) for one in alone])


def inside(shares, draws=4_000):
    """Points that add up to 1 and lie in the intervals."""
    points = RANDOM.uniform(shares.low, shares.high, size=(draws, len(shares.low)))
    points[:, -1] = 1 - points[:, :-1].sum(axis=1)
    kept = points[(points[:, -1] >= shares.low[-1]) & (points[:, -1] <= shares.high[-1])]
    assert len(kept) > 100
    return kept


def test_extremes_of_sums_over_shares_are_never_inside_of_what_shares_reach():
    one, other = (Shares.of(np.array(counts), 1e-3) for counts in ([60.0, 30.0, 10.0], [50.0, 20.0, 30.0]))
    first, second = inside(one), inside(other)
    worth = np.array([0.2, 0.9, -0.4])
    assert one.least(worth) <= (first @ worth).min() <= (first @ worth).max() <= one.most(worth)
    squares = (first**2).sum(axis=1)
    assert one.least_squares - 1e-9 <= squares.min() <= squares.max() <= one.most_squares + 1e-9
    together = first[:500] @ second[:500].T
    assert one.least_together(other) <= together.min() <= together.max() <= one.most_together(other)


@pytest.mark.parametrize(
    ("name", "of_rates"), [("matthews_corrcoef", matthews_of_rates), ("cohen_kappa_score", kappa_of_rates)]
)
def test_between_two_shares_of_positive_rows_no_value_lies_beyond_its_extremes(name, of_rates):
    value = of_confusion(find(name))
    for recall, specificity in RANDOM.uniform(0.02, 0.98, size=(40, 2)):
        least, most = np.sort(RANDOM.uniform(0.01, 0.99, size=2))
        rates = np.array([[specificity, 1 - specificity], [1 - recall, recall]])
        found = [value(Confusion(rates * [[1 - p], [p]], 2)) for p in np.linspace(least, most, 201)]
        low, high = of_rates(recall, specificity, least, most)
        assert low <= min(found) + 1e-9
        assert max(found) - 1e-9 <= high
        assert (low, high) == pytest.approx((min(found), max(found)), abs=1e-3)


@pytest.mark.parametrize("bounds", [matthews, kappa])
def test_bounds_hold_the_value_widen_with_the_level_and_close_with_the_rows(bounds):
    value = of_confusion(find("matthews_corrcoef" if bounds is matthews else "cohen_kappa_score"))
    for shares in (
        np.array([[0.5, 0.1], [0.1, 0.3]]),
        np.array([[0.2, 0.3], [0.4, 0.1]]),
        np.array([[0.3, 0.02, 0.03], [0.05, 0.3, 0.05], [0.05, 0.05, 0.15]]),
    ):
        widths = []
        for n in (100, 10_000, 1_000_000):
            lower, upper = bounds(shares * n)
            ends = [(lower(level), upper(level)) for level in LEVELS]
            truth = value(Confusion(shares, len(shares)))
            assert all(-1 <= low < truth < high <= 1 for low, high in ends)
            assert ends == sorted(ends, key=lambda end: end[1] - end[0])
            widths.append(ends[0][1] - ends[0][0])
        assert widths[2] < 0.02 < widths[1] < widths[0]


def test_of_perfect_decisions_the_bound_is_below_one_and_of_none_above():
    lower, upper = matthews(np.array([[30.0, 0.0], [0.0, 20.0]]))
    assert 0.3 < lower(0.05) < 1 == upper(0.05)
    lower, upper = matthews(np.array([[0.0, 30.0], [20.0, 0.0]]))
    assert lower(0.05) == -1 < upper(0.05) < -0.3


def test_likelihood_ratios_without_an_alarm_have_no_upper_bound():
    (lower, upper), (low, high) = likelihood_ratios(np.array([[50.0, 0.0], [10.0, 40.0]]))
    assert 1 < lower(0.05) < upper(0.05) == np.inf
    assert -1 < low(0.05) < -0.2 < high(0.05) < 0


def test_bands_hold_the_share_at_every_score_with_ties_too():
    missed = 0
    for _ in range(300):
        scores = np.round(RANDOM.normal(size=60), 1)
        thresholds = np.linspace(3, -3, 601)
        # A rounded score reaches a threshold where the number does half a step below it.
        truth = 1 - np.vectorize(_normal)(np.ceil(thresholds * 10 - 1e-9) / 10 - 0.05)
        band = Band(scores, thresholds)
        missed += (band.low(0.1) > truth + 1e-9).any() or (band.high(0.1) < truth - 1e-9).any()
    assert missed <= 0.2 * 300


def _normal(x):
    from scipy.special import ndtr

    return float(ndtr(x))


@pytest.mark.parametrize(("positives", "distance"), [(0.3, 1.5), (0.1, 0.0), (0.5, -1.0)])
def test_average_precision_lies_between_bounds_that_close(positives, distance):
    widths = []
    for n in (100, 2_000, 100_000):
        positive = np.arange(n) < positives * n
        score = RANDOM.normal(size=n) + distance * positive
        lower, upper = average_precision(positive, score)
        value = average_precision_score(positive, score)
        for level in LEVELS:
            assert 0 <= lower(level) < value < upper(level) <= 1
        assert lower(1e-5) < lower(1e-3) < lower(0.05)
        assert upper(1e-5) > upper(1e-3) > upper(0.05)
        widths.append(upper(0.05) - lower(0.05))
    assert widths[0] > widths[1] > widths[2]
    # Where precision rises with recall the best of what follows is counted, which costs width without end.
    assert widths[2] < (0.1 if distance >= 0 else 0.2)
