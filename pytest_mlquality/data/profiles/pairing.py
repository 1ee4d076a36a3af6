"""Scores of columns are multiplied with each other and summed, streamed or by the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from pytest_mlquality.data.profiles.bins import narrowed
from pytest_mlquality.data.profiles.counting import can_stream
from pytest_mlquality.data.profiles.pairs import Pairs
from pytest_mlquality.data.profiles.profile import Profile
from pytest_mlquality.data.profiles.scores import scores_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mlquality.data.table import Table

Floats = NDArray[np.float64]

_ROWS = 120_000


def pairs(table: Table, like: Profile) -> Pairs:
    """Return how the columns of a table go together.

    Parameters
    ----------
    like
        The profile of the reference: it says what stands for the columns, by its pairs where it has some, else by its
        bins. Columns that the table lacks, or has in another kind, are 0 in all rows: constant.

    Raises
    ------
    DataError
        The table cannot be read.
    """
    scores, left_out = (like.pairs.scores, like.pairs.left_out) if like.pairs else scores_of(like.columns)
    schema = table.expression.schema()
    here = [score for score in scores if score.column in schema and score.suits(schema[score.column])]
    sums, products = np.zeros(len(scores)), np.zeros((4, len(scores), len(scores)))
    if here:
        some = narrowed(table, list(dict.fromkeys(score.column for score in here)))
        named = {
            f"mlq_score{place}": score.expression(some.expression[score.column]) for place, score in enumerate(here)
        }
        scored = some.with_values(named)
        summed = _streamed if can_stream(table) else _asked
        at = [place for place, score in enumerate(scores) if score in here]
        sums[at], products[np.ix_(range(4), at, at)] = summed(scored, list(named))
    return Pairs.of(table.rows, scores, left_out, sums, products)


def _streamed(table: Table, names: Sequence[str]) -> tuple[Floats, Floats]:
    sums, products = np.zeros(len(names)), np.zeros((4, len(names), len(names)))
    # Threads of a small product wait for each other where other work runs, many times as long as it takes.
    with threadpool_limits(limits=1):
        for batch in table.arrow_batches(names, _ROWS, ordered=False):
            x = np.stack([batch[name].to_numpy() for name in names])
            square = x * x
            sums += x.sum(axis=1)
            products += [x @ x.T, square @ x.T, (square * x) @ x.T, square @ square.T]
    return sums, products


def _asked(table: Table, names: Sequence[str]) -> tuple[Floats, Floats]:
    """Ask the engine for a score and all others, one query each: none of its rows has a way to go."""
    products = np.zeros((4, len(names), len(names)))
    values = [table.expression[name] for name in names]
    answer = table.aggregates({name: value.sum() for name, value in zip(names, values, strict=True)})
    for place, x in enumerate(values):
        square = x * x
        asked = {
            f"{power}-{at}": (left * right).sum()
            for at, y in enumerate(values)
            for power, (left, right) in enumerate([(x, y), (square, y), (square * x, y), (square, y * y)])
        }
        found = table.aggregates(asked)
        products[:, place] = np.array([float(found[one] or 0) for one in asked]).reshape(len(names), 4).T
    return np.array([float(answer[name] or 0) for name in names]), products
