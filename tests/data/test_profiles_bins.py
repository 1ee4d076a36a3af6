"""Bins of numbers, whatever the numbers are: enough rows in each, round edges, the same bin by every way to find it."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlquality.data.profiles.edges import LEAST_ROWS, number_layout
from pytest_mlquality.data.profiles.numbers import NumberLayout, places
from pytest_mlquality.data.profiles.rounding import after
from pytest_mlquality.data.profiles.streaming import Counter


def shapes(draw, n):
    """Return numbers of many shapes by name."""
    return {
        "normal": draw.normal(size=n),
        "offset": 1.6e9 + draw.normal(size=n),
        "tiny": draw.normal(size=n) * 1e-200,
        "cauchy": draw.standard_cauchy(n),
        "lognormal": np.exp(draw.normal(0, 3, n)),
        "two clusters": np.where(draw.random(n) < 0.5, draw.normal(size=n), 1e6 + draw.normal(size=n)),
        "mostly zero": np.where(draw.random(n) < 0.97, 0.0, draw.exponential(size=n)),
        "counts": draw.poisson(3, n).astype(float),
        "ages": draw.integers(0, 95, n).astype(float),
        "two values": draw.integers(0, 2, n).astype(float),
        "rare value": (draw.random(n) < 0.002).astype(float),
        "cents": draw.lognormal(10, 0.5, n).round(2),
    }


@pytest.mark.parametrize("n", [10, 25, 100, 1_000, 30_000])
@pytest.mark.parametrize("name", sorted(shapes(np.random.default_rng(0), 1)))
def test_bins_hold_enough_rows_and_words_tell_them_apart(name, n):
    values = shapes(np.random.default_rng(n), n)[name]
    layout = number_layout(values, whole=name in ("counts", "ages", "two values", "rare value"))
    counts = np.bincount(places(values, np.asarray(layout.starts)), minlength=len(layout.starts) + 1)
    assert counts[1:-1].min(initial=n) >= LEAST_ROWS
    assert counts[0] + counts[-1] <= max(2 * LEAST_ROWS, 0.05 * n)
    assert len(counts) <= 130
    assert len(set(layout.bins)) == len(layout.bins)


def test_a_normal_column_has_about_a_hundred_bins_of_equal_frequency():
    values = np.random.default_rng(1).normal(40, 12, 100_000)
    layout = number_layout(values)
    counts = np.bincount(places(values, np.asarray(layout.starts)))
    assert 98 <= len(layout.starts) <= 102
    assert counts[1:-1].max() < 1.6 * counts[1:-1].min()
    assert max(len(f"{start:.15g}") for start in layout.starts) <= 5


@pytest.mark.parametrize("share", [0.02, 0.4])
def test_a_frequent_value_is_alone_in_its_bin(share):
    draw = np.random.default_rng(2)
    values = np.where(draw.random(20_000) < share, 0.1, draw.normal(size=20_000))
    layout = number_layout(values)
    at = layout.starts.index(0.1)
    assert layout.starts[at + 1] == after(0.1)
    assert layout.bins[at + 1] == "0.1"


def test_outer_edges_are_no_values_and_are_moved_by_no_extreme():
    values = np.random.default_rng(3).normal(size=5_000)
    layout = number_layout(values)
    assert not set(layout.starts) & set(values)
    moved = number_layout(np.append(values[5:], [1e6, 2e6, -1e6, 3e6, -2e6]))
    assert max(map(abs, moved.starts)) < 10
    assert -7 < layout.starts[0] < -3.5
    assert 3.5 < layout.starts[-1] < 7


anything = st.lists(st.one_of(st.floats(-1e308, 1e308), st.just(np.inf), st.integers(-5, 5).map(float)), max_size=200)


@settings(max_examples=150, deadline=None)
@given(anything, st.booleans())
def test_any_numbers_have_bins(values, time):
    some = np.asarray(values, dtype=np.float64)
    layout = number_layout(some, time=time)  # a layout refuses edges that do not ascend
    assert len(layout.bins) == layout.size
    finite = some[np.isfinite(some)]
    counts = np.bincount(places(finite, np.asarray(layout.starts)), minlength=len(layout.starts) + 1)
    assert counts[1:-1].min(initial=99) >= LEAST_ROWS


edges = st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=30, unique=True).map(sorted)


@settings(max_examples=150, deadline=None)
@given(edges, st.lists(st.floats(), max_size=100))
def test_streamed_counts_are_those_of_a_search_for_every_value(starts, values):
    starts = sorted({0.0 if start == 0 else start for start in starts})
    layout = NumberLayout(tuple(starts), tuple(map(float, range(len(starts) + 1))))
    near = [np.nextafter(start, side) for start in starts for side in (-np.inf, np.inf)]
    some = np.asarray([*values, *starts, *near], dtype=np.float64)
    tally = Counter(layout).count(pa.chunked_array([pa.array(some, from_pandas=False)]))
    finite = some[np.isfinite(some)]
    wanted = np.bincount(places(finite, np.asarray(layout.starts)), minlength=len(starts) + 1)
    assert tally.counts[:-2] == tuple(wanted.tolist())
    assert tally.counts[-2:] == ((some == -np.inf).sum(), (some == np.inf).sum())
    assert (tally.nan, tally.zeros) == (np.isnan(some).sum(), (finite == 0).sum())
