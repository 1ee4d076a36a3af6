"""SHAP values of any model, sampled: columns are exchanged for those of a background row one after the other.

Strumbelj and Kononenko 2014, Knowledge and Information Systems 41, 647-665; every second order is the one before,
reversed, which halves the noise (Mitchell et al. 2022, Journal of Machine Learning Research 23, 43). All rows are asked
about in one go: a model costs by the call as well as by the row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.adapters.explainers.face import Attributions, Floats, Question

if TYPE_CHECKING:
    import pandas as pd

METHOD = "SHAP, permutation"
# Background rows that each row is compared with.
FEWEST, MOST = 10, 50
# Rows that the model is asked about at once.
AT_ONCE = 50_000
Places = NDArray[np.intp]


def explain(question: Question) -> Attributions:
    """Return attributions of the columns in terms of the answers, for as many rows as the budget allows."""
    columns = len(question.columns)
    steps = max(columns - 1, 1)
    question = question.first(max(1, question.budget // (FEWEST * steps)))
    n = len(question.rows)
    compared = min(len(question.background), MOST, max(FEWEST, question.budget // (n * steps)))
    background = question.background.iloc[:compared]
    mixer = Mixer(question, background)
    answers, empty = question.answers(question.rows), question.answers(background)
    random = np.random.default_rng(question.seed)
    values = np.zeros((n, columns, answers.shape[1]))
    order = np.empty((n, columns), dtype=np.intp)
    for other in range(compared):
        is_new = other % 2 == 0
        order = random.permuted(np.tile(np.arange(columns), (n, 1)), axis=1) if is_new else order[:, ::-1]
        along = mixer.along(order, other)
        path = np.concatenate([np.broadcast_to(empty[other], (n, 1, along.shape[2])), along, answers[:, None]], axis=1)
        np.add.at(values, (np.arange(n)[:, None], order), np.diff(path, axis=1))
    base = np.broadcast_to(empty.mean(axis=0), answers.shape)
    method = f"{METHOD} with {compared} background rows"
    return Attributions(question.columns, values / compared, base, answers, question.unit, method)


class Mixer:
    """Rows that are made of an explained row and a background row, column by column, of the same types as both."""

    def __init__(self, question: Question, background: pd.DataFrame) -> None:
        self._question = question
        self._rows = len(question.rows)
        self._both = together(question.rows, background)

    def along(self, order: Places, other: int) -> Floats:
        """Return the answers while the columns become those of the row, in an order of its own for each row.

        Parameters
        ----------
        order
            Shape (n, columns).
        other
            The background row that is started from.

        Returns
        -------
        Floats
            Shape (n, columns - 1, outputs): both ends, where nothing is mixed, are left out.
        """
        n, columns = order.shape
        turn = np.empty_like(order)
        np.put_along_axis(turn, order, np.broadcast_to(np.arange(columns), order.shape), axis=1)
        # After step k those columns are the row's own whose turn has come by then.
        own = turn[:, None, :] <= np.arange(columns - 1)[None, :, None]
        source = np.where(own, np.arange(n)[:, None, None], self._rows + other).reshape(-1, columns)
        parts = [self._asked(source[start : start + AT_ONCE]) for start in range(0, len(source), AT_ONCE)]
        if not parts:
            return np.zeros((n, 0, self._question.answers(self._question.rows.iloc[:1]).shape[1]))
        return np.concatenate(parts).reshape(n, columns - 1, -1)

    def _asked(self, source: Places) -> Floats:
        mixed = {name: self._both[name].array.take(source[:, place]) for place, name in enumerate(self._both.columns)}
        return self._question.answers(type(self._both)(mixed))


def together(rows: pd.DataFrame, background: pd.DataFrame) -> pd.DataFrame:
    """Return both, one below the other, categories kept as such."""
    import pandas as pd
    from pandas.api.types import union_categoricals

    joined = {}
    for name in rows.columns:
        parts = [rows[name].array, background[name].array]
        if all(isinstance(part, pd.Categorical) for part in parts):
            joined[name] = pd.Series(union_categoricals(parts, ignore_order=True))
        else:
            joined[name] = pd.concat([rows[name], background[name]], ignore_index=True)
    return pd.DataFrame(joined)
