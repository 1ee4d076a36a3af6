"""Columns as they come: empty, constant, infinite, of other types, of too many labels, or not there at all."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from profiled import in_duckdb, rows

from pytest_mlquality.data.memory import register
from pytest_mlquality.data.profiles import profile
from pytest_mlquality.data.table import Origin, Table
from pytest_mlquality.errors import DataError


def arrow(**columns):
    expression, registered = register(pa.table(columns), "test")
    return Table("test", Origin("rows", expression, in_order=True, registered=registered))


def test_columns_of_nothing_but_nulls():
    p = profile(arrow(x=pa.array([None] * 30, pa.float64()), t=pa.array([None] * 30, pa.string())))
    for column in p.columns.values():
        assert (column.missing, sum(column.counts)) == (30, 0)
    assert np.isnan(p.columns["x"].mean)
    assert np.isnan(p.columns["x"].quantile(0.5))
    assert p.columns["t"].distinct == 0


@pytest.mark.parametrize("value", [0.0, 5.0, -1e300, 5e-324])
def test_a_constant_is_one_atom_with_a_bin_on_either_side(value):
    p = profile(arrow(x=[value] * 50))
    column = p.columns["x"]
    assert column.counts == (0, 50, 0, 0, 0)
    assert column.mean == value
    assert (column.sd, column.quantile(0.5)) == (0, value)
    assert np.isnan(column.kurtosis)
    beside = [np.nextafter(value, -np.inf), np.nextafter(value, np.inf)]
    assert profile(arrow(x=beside), like=p).columns["x"].counts == (1, 0, 1, 0, 0)


def test_a_constant_of_whole_numbers():
    column = profile(arrow(x=[7] * 50)).columns["x"]
    assert column.bins == ("below 7", "7", "above 7", "minus infinite", "infinite")
    assert column.counts == (0, 50, 0, 0, 0)


def test_nothing_but_what_is_infinite_or_no_number():
    column = profile(arrow(x=[np.inf] * 20 + [-np.inf] * 11 + [np.nan] * 3)).columns["x"]
    assert (column.counts, column.infinite, column.nan, column.missing) == ((0, 11, 20), 31, 3, 3)
    assert np.isnan(column.mean)


def test_zero_rows():
    full = profile(in_duckdb(rows(500)))
    for p in (profile(in_duckdb(rows(500)[:0])), profile(in_duckdb(rows(500)[:0]), like=full)):
        assert (p.rows, p.effective_rows) == (0, 0)
        assert all(sum(column.counts) == column.rows == 0 for column in p.columns.values())
    merged = full.merge(p)
    assert merged.columns["normal"].counts == full.columns["normal"].counts
    assert profile(in_duckdb(rows(500)[:0]), unit="age").effective_rows == 0


def test_another_kind_is_told_and_the_other_columns_go_on():
    reference = profile(arrow(a=list(range(100)), b=["x", "y"] * 50, c=[1.0, None] * 50))
    found = profile(arrow(a=["1", "2", None], b=["x", "x", "z"], c=[True, None, None]), like=reference)
    assert found.columns["a"].mismatch == "a number in the reference, a label here"
    assert found.columns["c"].mismatch == "a number in the reference, a label here"
    assert (found.columns["a"].rows, found.columns["a"].missing, found.columns["a"].counts) == (3, 1, ())
    assert found.columns["b"].labels == {"x": 2, "y": 0}
    for text in (found.columns["a"].bins, found.columns["a"].centres, found.columns["a"].coarse()):
        assert text == ()


def test_columns_that_are_missing_on_one_side_are_told():
    reference = profile(arrow(a=[1] * 20, b=[2] * 20))
    found = profile(arrow(a=[1], c=[3]), like=reference)
    assert list(found.columns) == ["a"]
    assert found.unprofiled == {"b": "the table has no such column", "c": "the reference has no profile of it"}
    with pytest.raises(DataError, match="there is no column 'agee'"):
        profile(arrow(age=[1]), ["agee"])
    with pytest.raises(DataError, match="there is no column 'id'"):
        profile(arrow(age=[1]), unit="id")


def test_types_without_a_profile_are_listed_with_the_reason():
    found = profile(arrow(l=[[1], [2]], b=[b"x", b"y"], s=[{"k": 1}, {"k": 2}], x=[1, 2]))
    assert list(found.columns) == ["x"]
    assert found.unprofiled["l"] == "a column of array<int64> has no profile"
    assert set(found.unprofiled) == {"l", "b", "s"}


def test_integers_become_floats_without_a_mismatch():
    reference = profile(arrow(a=list(range(20)) * 10))
    found = profile(arrow(a=[float(n) for n in range(20)] * 10), like=reference).columns["a"]
    assert (found.mismatch, found.type, found.counts) == (None, "float64", reference.columns["a"].counts)


def test_a_column_of_very_many_labels():
    labels = [f"level {n}" for n in range(10_000)]
    column = profile(arrow(t=labels * 12)).columns["t"]
    assert (column.kind, len(column.labels), column.distinct) == ("label", 1_000, 10_000)
    assert (len(column.new_labels), column.more_labels, column.counts[-1]) == (9_000, 0, 108_000)
    assert profile(arrow(t=[*labels, "one more"] * 12)).columns["t"].kind == "text"


def test_new_labels_are_capped_and_say_so():
    reference = profile(arrow(t=["a", "b"] * 20))
    new = [f"new {n:05}" for n in range(25_000)]
    column = profile(arrow(t=["a", *new, *new[-5:]]), like=reference).columns["t"]
    assert column.labels == {"a": 1, "b": 0}
    assert len(column.new_labels) == 10_000
    assert (column.more_labels, column.more_rows) == (15_000, 15_000)
    assert list(column.new_labels)[:5] == new[-5:]
    assert (column.counts[-1], column.distinct) == (25_005, 25_001)


def test_rare_labels_make_a_text():
    rare = [f"name {n}" for n in range(60)]
    assert profile(arrow(t=rare + ["a"] * 59)).columns["t"].kind == "text"
    assert profile(arrow(t=rare + ["a"] * 61)).columns["t"].kind == "label"


def test_a_label_that_is_empty_or_named_like_the_others():
    column = profile(arrow(t=[""] * 30 + ["other labels"] * 20 + [None])).columns["t"]
    assert column.labels == {"": 30, "other labels": 20}
    assert column.counts == (30, 20, 0)


def test_a_column_of_another_sides_decimals_and_small_floats():
    from decimal import Decimal

    found = profile(
        arrow(d=pa.array([Decimal(n) / 4 for n in range(200)]), f=pa.array(np.linspace(0, 1, 200), pa.float32()))
    )
    assert {column.kind for column in found.columns.values()} == {"number"}
    assert found.columns["d"].mean == pytest.approx(24.875)


def test_dates_are_times():
    days = pd.date_range("1950-01-01", periods=400).date
    column = profile(arrow(d=days)).columns["d"]
    assert column.kind == "time"
    assert column.mean == pytest.approx(np.mean([pd.Timestamp(day).timestamp() for day in days]))
    assert column.bins[1].startswith("19")


@pytest.mark.parametrize(
    "values", [[1e308, -1e308], [1.6e308, 1.7976931348623157e308], [5e-324, 0.0], [1e17, 1e17 + 16], [1e-300, 1e-299]]
)
def test_numbers_at_the_ends_of_floats(values):
    share = np.linspace(0, 1, 500)
    x = values[0] * share + values[1] * (1 - share)
    column = profile(arrow(x=x)).columns["x"]
    starts = np.asarray(column.layout.starts)
    assert (np.diff(starts) > 0).all()
    assert (np.diff(column.centres) > 0).all()
    assert np.isfinite(column.centres).all()
    assert sum(column.counts) == 500
    assert min(column.counts[1 : len(column.centres) - 1]) >= 10


@pytest.mark.parametrize("ask", [lambda column: column.quantile(1.5), lambda column: column.coarse(0)])
def test_what_cannot_be_asked_is_refused(ask):
    with pytest.raises(ValueError, match="not"):
        ask(profile(arrow(x=list(range(50)))).columns["x"])
