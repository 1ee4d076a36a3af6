"""A profile says what numpy, pandas and scipy say of the same rows, and profiles of parts add up."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from profiled import assert_alike, in_duckdb, rows

from pytest_mlquality.data.profiles import profile
from pytest_mlquality.errors import DataError


@pytest.fixture(scope="module")
def frame():
    return rows(6_000)


@pytest.fixture(scope="module")
def reference(frame):
    return profile(in_duckdb(frame))


@pytest.mark.parametrize("name", ["normal", "skewed", "small", "age"])
def test_moments_are_those_of_scipy(frame, reference, name):
    column, values = reference.columns[name], frame[name]
    assert column.mean == pytest.approx(values.mean(), rel=1e-9)
    assert column.sd == pytest.approx(values.std(), rel=1e-9)
    assert column.skewness == pytest.approx(scipy.stats.skew(values), rel=1e-7)
    assert column.kurtosis == pytest.approx(scipy.stats.kurtosis(values), rel=1e-7)


@pytest.mark.parametrize("name", ["normal", "age", "small"])
@pytest.mark.parametrize("p", [0.05, 0.25, 0.5, 0.9])
def test_quantiles_lie_within_a_bin_of_the_rows_own(frame, reference, name, p):
    column = reference.columns[name]
    below = (frame[name] < column.quantile(p)).mean(), (frame[name] <= column.quantile(p) + 1e-9).mean()
    widest = max(column.counts) / len(frame)
    assert below[0] - widest <= p <= below[1] + widest


def test_counts_are_those_of_numpy(frame, reference):
    for name in ("normal", "skewed", "age"):
        column = reference.columns[name]
        edges = [-np.inf, *column.layout.starts, np.inf]
        assert sum(column.counts) == len(frame)
        for at, (low, high) in enumerate(pairwise(edges)):
            assert column.counts[at] == ((frame[name] >= low) & (frame[name] < high)).sum()


def test_kinds_and_what_is_missing(reference):
    kinds = {name: column.kind for name, column in reference.columns.items()}
    assert kinds == {
        **dict.fromkeys(["normal", "skewed", "spiked", "small", "age"], "number"),
        "at": "time", "colour": "label", "flag": "label", "note": "text",
    }  # fmt: skip
    spiked = reference.columns["spiked"]
    assert (spiked.missing, spiked.nan, spiked.infinite, spiked.counts[-2:]) == (2, 2, 2, (1, 1))
    assert (reference.columns["colour"].missing, reference.columns["note"].missing) == (1, 2)


def test_every_inner_bin_holds_ten_rows_and_frequent_values_have_their_own(frame, reference):
    for name, column in reference.columns.items():
        if column.centres:
            assert min(column.counts[1 : len(column.centres) - 1]) >= 10, name
    assert len(reference.columns["normal"].counts) > 90
    spiked, small = reference.columns["spiked"], reference.columns["small"]
    assert spiked.counts[spiked.bins.index("0")] == spiked.zeros == (frame["spiked"] == 0).sum()
    assert [n for n in small.counts if n] == frame["small"].value_counts().sort_index().tolist()


def test_centres_ascend_and_lie_in_their_bins(reference):
    for column in reference.columns.values():
        if column.centres:
            assert (np.diff(column.centres) > 0).all()
            for low, centre, high in zip(
                column.layout.starts, column.centres[1:], column.layout.starts[1:], strict=False
            ):
                assert low <= centre < high


def test_a_slip_of_units_lands_in_the_outer_bins(frame, reference):
    slipped = profile(in_duckdb(frame.assign(normal=frame["normal"] * 100)), like=reference).columns["normal"]
    assert slipped.counts[len(slipped.centres) - 1] > 0.99 * len(frame)


def test_texts_are_counted_by_their_lengths_in_characters(frame, reference):
    lengths = reference.columns["note"].lengths
    assert lengths.kind == "number"
    assert lengths.mean == pytest.approx(frame["note"].str.len().mean(), rel=1e-9)


def test_times_are_seconds_in_utc(frame, reference):
    at = reference.columns["at"]
    assert at.mean == pytest.approx(frame["at"].dropna().mean().timestamp(), rel=1e-9)
    assert 0.9e8 < at.span < 1.5e8
    assert at.longest_gap == 0
    gap = frame[(frame["at"] < "2021-01-01") | (frame["at"] > "2021-06-01")]
    days = profile(in_duckdb(gap), ["at"], like=reference).columns["at"].longest_gap / 86400
    assert 120 < days <= 151


def test_time_zones_do_not_move_a_time_and_are_told_by_type(frame, reference):
    aware = frame[["at"]].assign(at=frame["at"].dt.tz_localize("UTC").dt.tz_convert("America/New_York"))
    import pyarrow as pa

    from pytest_mlquality.data.memory import register
    from pytest_mlquality.data.table import Origin, Table

    expression, registered = register(pa.table({"at": pa.array(aware["at"])}), "test")
    found = profile(Table("test", Origin("rows", expression, registered=registered)), like=reference).columns["at"]
    assert found.counts == reference.columns["at"].counts
    assert found.type != reference.columns["at"].type


def test_labels_have_bins_by_their_frequency(frame, reference):
    colour = reference.columns["colour"]
    wanted = frame["colour"].value_counts()
    assert colour.labels == wanted.to_dict()
    assert colour.bins == (*wanted.index, "other labels")
    assert reference.columns["flag"].labels == {"false": (~frame["flag"]).sum(), "true": frame["flag"].sum()}


def test_new_labels_are_named_and_counted_as_others(frame, reference):
    changed = frame.assign(colour=["green"] * 20 + ["pink"] * 3 + frame["colour"].tolist()[23:])
    colour = profile(in_duckdb(changed), ["colour"], like=reference).columns["colour"]
    assert colour.new_labels == {"green": 20, "pink": 3}
    assert colour.counts[-1] == 23
    assert colour.distinct == 6


def test_coarse_groups_are_those_of_the_layout_alone(frame, reference):
    other = profile(in_duckdb(frame[frame["age"] > 50]), like=reference)
    for name, column in reference.columns.items():
        for bins in (1, 5, 20):
            grouped, others = column.coarse(bins), other.columns[name].coarse(bins)
            assert len(grouped) == len(others) <= bins
            assert sum(grouped) == sum(column.counts)


def test_effective_rows_are_those_of_the_design_effect():
    frame = pd.DataFrame({"who": ["a"] * 6 + ["b"] * 2 + [None] * 2, "x": range(10)})
    assert profile(in_duckdb(frame), unit="who").effective_rows == pytest.approx(100 / (36 + 4 + 1 + 1))
    assert profile(in_duckdb(frame)).effective_rows == 10
    parts = [profile(in_duckdb(part), ["x"], unit="who") for part in (frame[:6], frame[6:])]
    assert parts[0].merge(parts[1]).effective_rows == pytest.approx(100 / 42)


cells = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True, width=64), st.sampled_from([0.0, 1.0, 2.5]))
words = st.one_of(st.none(), st.text("ab", max_size=2))
parts = st.lists(st.tuples(cells, words, st.one_of(st.none(), st.booleans())), max_size=60)


def table_of(some):
    import pyarrow as pa

    from pytest_mlquality.data.memory import register
    from pytest_mlquality.data.table import Origin, Table

    x, t, b = zip(*some, strict=True) if some else ((), (), ())
    data = pa.table({"x": pa.array(x, pa.float64()), "t": pa.array(t, pa.string()), "b": pa.array(b, pa.bool_())})
    expression, registered = register(data, "test")
    return Table("test", Origin("rows", expression, in_order=True, registered=registered))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(parts, parts)
def test_the_profile_of_a_whole_is_that_of_its_parts_merged(some, more):
    whole = profile(table_of(some + more))
    merged = profile(table_of(some), like=whole).merge(profile(table_of(more), like=whole))
    assert_alike(merged, whole)
    assert merged.effective_rows == whole.effective_rows


def test_profiles_with_other_bins_do_not_merge(frame, reference):
    other = profile(in_duckdb(frame.assign(age=frame["age"] * 2)))
    with pytest.raises(DataError, match=r"other bins: 'age'[\s\S]*like=reference"):
        reference.merge(other)
    with pytest.raises(DataError, match="other columns: 'age'"):
        reference.merge(profile(in_duckdb(frame.drop(columns="age")), like=reference))
