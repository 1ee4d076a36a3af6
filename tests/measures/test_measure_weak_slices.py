"""Slices that nobody named: what may be one, how they are called, and that the search finds what was hidden."""

import numpy as np
import pandas as pd
import pytest

from pytest_mlquality.measures.slice_conditions import Among, Interval, Missing, conditions
from pytest_mlquality.measures.weak_slices import Conjunction, search


def named(values, loss=None, least=1):
    column = pd.Series(values, name="x")
    return [str(one) for one in conditions(column, np.zeros(len(column)) if loss is None else np.asarray(loss), least)]


def test_numbers_are_cut_where_rows_are():
    found = named(np.arange(100.0))
    assert "x < 5" in found
    assert "x >= 94" in found
    assert "10 <= x < 20" in found
    assert len(found) == len(set(found)) == 74


def test_labels_are_tried_alone_and_with_others_that_are_as_bad():
    loss = [1.0] * 10 + [0.9] * 10 + [0.0] * 10 + [0.1] * 10
    assert named(list("a" * 10 + "c" * 10 + "b" * 10 + "d" * 10), loss) == [
        "x = a", "x = c", "x = b", "x = d", "x in {a, c}", "x in {a, c, d}",
    ]  # fmt: skip


def test_few_numbers_are_labels_too():
    assert {"x = 1", "x >= 2", "x in {1, 3}"} <= set(named([1, 2, 3] * 10, [1, 0, 1] * 10))


def test_missing_values_are_a_condition_and_in_no_other():
    values = pd.Series([1.5, None, 2.5, 3.5], name="x")
    assert "x is missing" in [str(one) for one in conditions(values, np.zeros(4), 1)]
    assert Missing("x").holds(values).tolist() == [False, True, False, False]
    assert Interval("x", None, 3.0).holds(values).tolist() == [True, False, True, False]
    assert Among("x", (2.5,)).holds(values).tolist() == [False, False, True, False]


def test_a_condition_leaves_enough_rows_in_and_out():
    assert named(["a"] * 95 + ["b"] * 5, least=10) == []
    assert named(["a"] * 90 + ["b"] * 10, least=10) == ["x = a", "x = b"]


@pytest.fixture
def rows():
    draw = np.random.default_rng(5)
    n = 6000
    return pd.DataFrame(
        {
            "age": draw.integers(17, 90, n),
            "school": draw.choice(list("abcdefgh"), n),
            "income": draw.normal(size=n),
            "sex": draw.choice([1, 2], n),
        }
    )


def test_what_was_hidden_is_found_first(rows):
    draw = np.random.default_rng(6)
    weak = (rows.age >= 70) & rows.school.isin(["c", "f"])
    loss = (draw.random(len(rows)) < np.where(weak, 0.5, 0.1)).astype(float)
    [first, *_] = search(rows, loss)
    held = first.holds(rows)
    assert {condition.column for condition in first.conditions} == {"age", "school"}
    assert (held & weak).sum() / (held | weak).sum() > 0.8
    assert held.sum() == sum(bool(one) for one in held)


def test_three_columns_deep_if_asked(rows):
    draw = np.random.default_rng(7)
    weak = (rows.age >= 50) & rows.school.isin(["a", "b", "c"]) & (rows.sex == 2)
    loss = (draw.random(len(rows)) < np.where(weak, 0.6, 0.1)).astype(float)
    assert len(search(rows, loss, depth=3)[0].conditions) == 3
    assert max(len(one.conditions) for one in search(rows, loss, depth=1)) == 1


def test_candidates_are_not_one_slice_in_many_words(rows):
    loss = (np.random.default_rng(8).random(len(rows)) < 0.2).astype(float)
    held = [one.holds(rows) for one in search(rows, loss, least_rows=200)]
    assert all(some.sum() >= 200 for some in held)
    for place, one in enumerate(held):
        for other in held[:place]:
            assert (one & other).sum() <= 0.5 * (one | other).sum()


def test_a_model_that_errs_nowhere_or_everywhere_alike_has_no_weak_slice(rows):
    assert search(rows, np.zeros(len(rows))) == []
    assert search(rows, np.ones(len(rows))) == []
    assert search(rows[[]], np.ones(len(rows))) == []


def test_a_slice_is_said_in_words():
    assert (
        str(Conjunction((Interval("age", 65.0, None), Among("school", (16, 17))))) == "age >= 65 and school in {16, 17}"
    )
