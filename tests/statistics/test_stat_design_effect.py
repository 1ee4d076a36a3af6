"""Bounds of rows that are alike within units: drift does not pass for chance, nor chance fail for drift."""

import numpy as np
import pytest

from pytest_mlquality.statistics.design_effect import over_design_effects
from pytest_mlquality.statistics.distances import jensen_shannon_distance
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.shifts import missing_share_difference

LIMIT, INTRACLASS = 0.08, 0.1


def in_units(draw, units, rows, shift=0.0):
    """Return normal numbers of an intraclass correlation, moved by some standard deviations."""
    of_unit, own = draw.standard_normal((units, 1)), draw.standard_normal((units, rows))
    return (np.sqrt(INTRACLASS) * of_unit + np.sqrt(1 - INTRACLASS) * own).ravel() + shift


def distance(seed, units, rows, shift):
    draw = np.random.default_rng(seed)
    before, after = in_units(draw, units, rows), in_units(draw, units, rows, shift)
    edges = np.quantile(before, np.linspace(0, 1, 21)[1:-1])
    counts = [np.bincount(np.searchsorted(edges, side), minlength=20).astype(float) for side in (before, after)]
    n = units * rows
    return over_design_effects(
        lambda worths: jensen_shannon_distance(*counts, effective_n=(n * worths[0], n * worths[1])), (1 / rows,) * 2
    )


def test_a_moved_column_of_rows_in_units_never_passes():
    # The true distance is 0.125; with the effective rows of units alone the upper bound was 0.0 in every run.
    found = [distance([1, run], 100, 50, 0.3) for run in range(150)]
    assert not [one for one in found if one.upper(0.05) <= LIMIT]
    assert all(one.lower(3.3e-5) <= one.value <= one.upper(0.05) for one in found)


def test_bounds_end_where_the_measure_ends_and_squares_are_widened_by_their_roots():
    def measure(worths):
        return Estimate(0.36, 100, "assumed", lambda _level: 0.2, lambda _level: 0.49, 100)

    assert over_design_effects(measure, (0.25, 1.0)).upper(0.05) == pytest.approx(0.36 + 2 * 0.13)
    assert over_design_effects(measure, (0.25, 1.0), most=0.5).upper(0.05) == 0.5
    assert over_design_effects(measure, (0.25, 1.0), is_squared=True).upper(0.05) == pytest.approx(0.8**2)


@pytest.mark.parametrize(("units", "rows"), [(1_000, 50), (2_000, 10)])
def test_a_column_that_has_not_moved_never_fails_and_passes_where_units_suffice(units, rows):
    found = [distance([2, run], units, rows, 0.0) for run in range(75)]
    assert not [one for one in found if one.lower(3.3e-5) > LIMIT]
    assert sum(one.upper(0.05) <= LIMIT for one in found) == 75


def test_the_difference_of_shares_is_not_taken_for_chance_because_rows_are_in_units():
    found = over_design_effects(
        lambda worths: missing_share_difference(
            (100 * worths[0], 5000 * worths[0]), (300 * worths[1], 5000 * worths[1])
        ),
        (0.02, 0.02),
    )
    assert found.lower(1e-3) < 0.02 < 0.04 < found.upper(0.05)


def test_rows_that_are_units_of_their_own_are_asked_once_and_too_few_units_decide_nothing():
    asked = []

    def measure(worths):
        asked.append(worths)
        return Estimate.undefined(10, "too few") if worths[0] < 1 else Estimate.exact(0.5, 10)

    assert over_design_effects(measure, (1.0, 1.0)).value == 0.5
    assert over_design_effects(measure, (0.5, 1.0)).reason == "too few"
    assert asked == [(1.0, 1.0), (0.5, 1.0)]
