"""Copies of rows are told from rows that are equal by chance."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from pytest_mlquality.measures.equal_rows import equal_rows, hashed
from pytest_mlquality.measures.repeats import repeat


def seen(frame):
    numbers = [partial(frame[name].to_numpy, float) for name in frame.select_dtypes("number").columns]
    return repeat(hashed(frame), numbers)


def fine(n, draw):
    return pd.DataFrame({"x": draw.normal(size=n), "t": draw.choice(list("abc"), n), "y": draw.integers(0, 2, n)})


def whole(n, draw):
    """Numbers that are whole, as incomes are, and hit each other."""
    return pd.DataFrame({"x": np.exp(draw.normal(10, 1, n)).round(), "y": draw.integers(0, 2, n)})


def many_zeros(n, draw):
    return fine(n, draw).assign(x=lambda rows: rows.x.where(draw.random(n) < 0.5, 0))


def few_values(n, draw):
    return pd.DataFrame(
        {f"t{levels}": draw.choice(levels, n, p=draw.dirichlet(np.ones(levels))) for levels in (5, 9, 20, 30)}
    )


def one_spender_in_two(n, draw):
    return pd.DataFrame({"x": np.where(draw.random(n) < 0.5, 0, draw.normal(size=n))})


def one_hot(n, draw):
    return pd.get_dummies(few_values(n, draw).astype(str), dtype=int)


WORLDS = [fine, whole, many_zeros, few_values, one_spender_in_two, one_hot]
MANY = pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.__name__)


@MANY
@pytest.mark.parametrize("n", [300, 3000])
def test_independent_rows_are_no_copies(world, n):
    assert not any(seen(world(n, np.random.default_rng([1, run]))) for run in range(20))


@MANY
@pytest.mark.parametrize("times", [2, 5, (2, 5)], ids=["twice", "five times", "two to five times"])
def test_copies_are_seen(world, times):
    for run in range(10):
        draw = np.random.default_rng([2, run])
        rows = world(1000, draw)
        often = draw.integers(times[0], times[1] + 1, len(rows)) if isinstance(times, tuple) else times
        assert seen(rows.loc[np.repeat(rows.index, often)])


def test_equal_rows_share_a_number_whatever_is_missing():
    rows = pd.DataFrame({"x": [1.0, np.nan, 1.0, np.nan], "t": ["a", None, "a", "b"]})
    one, two, three, four = equal_rows(rows).tolist()
    assert one == three
    assert len({one, two, four}) == 3


def test_where_none_or_nearly_all_are_equal_none_is_held_together():
    assert equal_rows(pd.DataFrame({"x": range(10)})) is None
    assert equal_rows(pd.DataFrame({"x": [1, 2] * 10})) is None
    assert equal_rows(pd.DataFrame(index=range(8))) is None
