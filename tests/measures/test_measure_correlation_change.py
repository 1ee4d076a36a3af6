"""Columns that go together as before, no longer, or in another way; and what has no correlation to lose."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pytest_mlquality.data import in_memory
from pytest_mlquality.data.profiles import pairs, profile
from pytest_mlquality.evidence_details import acceptable
from pytest_mlquality.measures.correlation_change import LEAST_ROWS, Sides, correlation_changes

NAMES = ("a", "b", "c", "label", "alone")


def drawn(seed, n=3_000):
    draw = np.random.default_rng(seed)
    cause = draw.normal(size=n)
    return pd.DataFrame(
        {
            "a": np.exp(3 * cause),
            "b": cause + draw.normal(size=n),
            "c": np.where(draw.random(n) < 0.1, np.nan, cause + draw.normal(size=n)),
            "label": np.where(cause + draw.normal(size=n) > 0.5, "yes", "no"),
            "alone": draw.normal(size=n),
            "at": pd.Timestamp("2026-01-01") + pd.to_timedelta(draw.integers(0, 10**6, n), unit="s"),
        }
    )


def changes(reference, current, names=NAMES, worths=(1.0, 1.0), **settings):
    before = in_memory("train", reference, "drawn")
    like = profile(before)
    sides = Sides(pairs(before, like), pairs(in_memory("test", current, "drawn"), like), worths)
    return {one.name.partition("[")[2][:-1]: one for one in correlation_changes(names, sides, **settings)}


def test_rows_alike_have_not_changed():
    found = changes(drawn(1), drawn(2))
    assert set(found) == set(NAMES)
    for one in found.values():
        assert one.lower(0.001) == 0
        assert one.value < 0.05
        assert one.upper(0.05) < 0.15
        assert one.n == 3_000
        assert acceptable(one.details) is one.details


@pytest.mark.parametrize(("column", "partner"), [("a", "b"), ("label", "a"), ("c", "a")])
def test_a_shuffled_column_has_lost_its_correlations(column, partner):
    current = drawn(2)
    current[column] = np.random.default_rng(0).permutation(current[column].to_numpy())
    found = changes(drawn(1), current)
    assert found[column].lower(1e-5) > 0.2
    assert partner in found[column].reason
    assert found[partner].lower(1e-5) > 0.2
    assert found["alone"].lower(0.001) == 0
    assert found["alone"].reason == ""
    [first, *_] = found[column].details["items"]
    assert abs(first["value"]) > 0.3
    assert first["interval"][0] < first["value"] < first["interval"][1]


def test_the_change_is_that_of_rank_correlations():
    reference, current = drawn(1, 30_000), drawn(2, 30_000).assign(b=lambda some: -some["b"])
    wanted = [side[["a", "b"]].corr("spearman").iloc[0, 1] for side in (reference, current)]
    found = changes(reference, current, names=("a", "b"))["a"]
    assert found.lower(0.01) <= wanted[0] - wanted[1] <= found.upper(0.01)
    before, after = map(float, re.fullmatch(r"a with b: (.+) to (.+)", found.reason).groups())
    assert (before, after) == pytest.approx(wanted, abs=0.01)


def test_rows_of_units_make_bounds_wider():
    current = drawn(2).assign(b=lambda some: -some["b"])
    alone, in_units = (changes(drawn(1), current, worths=(worth, worth))["b"] for worth in (1.0, 0.25))
    assert in_units.lower(1e-5) < alone.lower(1e-5)
    assert in_units.upper(0.05) > alone.upper(0.05)


def test_a_column_that_is_constant_on_one_side_has_no_value_and_spares_the_others():
    found = changes(drawn(1), drawn(2).assign(a=1.0))
    assert found["a"].value is None
    assert "constant" in found["a"].reason
    assert found["b"].value is not None


def test_columns_that_are_one_another_stay_so():
    reference, current = (drawn(seed).assign(b=lambda some: some["a"]) for seed in (1, 2))
    found = changes(reference, current, names=("a", "b"))["a"]
    assert (found.value, found.lower(0.001)) == (0, 0)
    assert found.upper(0.05) < 0.01
    assert changes(reference, drawn(2), names=("a", "b"))["a"].lower(1e-5) > 0.2


def test_few_rows_and_columns_left_out_have_a_reason():
    few = changes(drawn(1, LEAST_ROWS - 1), drawn(2))
    assert {one.value for one in few.values()} == {None}
    assert "49 independent rows" in few["a"].reason
    before = in_memory("train", drawn(1), "drawn")
    made = replace(pairs(before, profile(before)), left_out=("more",))
    left = correlation_changes(["a", "b", "more"], Sides(made, made))[-1]
    assert (left.name, left.value) == ("correlation_change[more]", None)
    assert "the first are looked at" in left.reason


def test_a_window_is_named():
    assert "a, May" in changes(drawn(1), drawn(2), window="May")
