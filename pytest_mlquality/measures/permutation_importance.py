"""By how much each row is served worse when a column is shuffled: permutation importance.

Breiman 2001, Machine Learning 45, 5-32; as `sklearn.inspection.permutation_importance` and ELI5 have it, but row by
row, so that it has bounds: log loss where there are probabilities, else wrong decisions; of numbers the squared error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlquality.data.other_values import with_other_values
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.column_importance import Floats, Importance
from pytest_mlquality.measures.metrics import find
from pytest_mlquality.measures.row_losses import row_losses

if TYPE_CHECKING:
    import pandas as pd

METHOD = "permutation importance"
MOST_REPEATS = 10


def permutation_importance(
    rows: pd.DataFrame,
    columns: tuple[str, ...],
    ask: Callable[[pd.DataFrame], Answers],
    *,
    budget: int,
    seed: int,
) -> Importance:
    """Shuffle one column after the other among rows, and see by how much each row's loss grows.

    Parameters
    ----------
    rows
        With labels; at most as many are taken as the budget allows each column to be shuffled once.
    columns
        Those that the model sees.
    ask
        Returns labels and answers of such rows.
    budget
        How many answers may be asked for.
    """
    rows = rows.iloc[: max(2, budget // (len(columns) + 1))]
    repeats = max(1, min(MOST_REPEATS, budget // (len(rows) * len(columns)) if len(columns) else 1))
    random = np.random.default_rng(seed)
    plain = ask(rows)
    name, before = _losses(plain)
    increases = np.zeros((len(rows), len(columns)))
    for place, column in enumerate(columns):
        for _ in range(repeats):
            shuffled = with_other_values(rows, {column: rows[column].array.take(random.permutation(len(rows)))})
            increases[:, place] += (_losses(ask(shuffled))[1] - before) / repeats
    method = f"{METHOD} by {name}, {repeats} shuffles a column"
    return Importance.of_increases(columns, increases, unit=plain.unit, weight=plain.weight, method=method)


def _losses(answers: Answers) -> tuple[str, Floats]:
    """Return the loss of each row, and what it is called."""
    if answers.task == "regression":
        name = "mean_squared_error"
    elif answers.probabilities is not None:
        name = "log_loss"
        # A probability of single precision is clipped sooner: all are clipped alike.
        answers = replace(answers, probabilities=answers.probabilities.astype(np.float64))
    else:
        return "wrong decisions", np.asarray(answers.decision != answers.truth, dtype=np.float64)
    found = row_losses(find(name), answers)
    if found is None:
        raise ValueError(f"{name} is no mean of losses")
    return name, found.values
