"""A classifier that learns which of two sides a row is from (Ben-David et al. 2010; Lopez-Paz and Oquab 2017).

Boosted trees choose a column by what it tells alone, and so hardly ever begin with one whose values are as they were
and whose relation to others is not. What each number is beyond its regression on the other columns shows that at the
first split: trees are given it beside the columns.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.preprocessing import QuantileTransformer
from threadpoolctl import threadpool_limits

from pytest_mlquality.measures.joint_encoding import Encoded

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# More trees, or larger ones, find no more in 2 x 2,500 rows to learn from, in twice the time.
TREES, LEAVES, ROWS_A_LEAF = 50, 8, 50
COLUMNS_A_SPLIT = 0.5
QUANTILES = 1_000
# Of the variance of a number, so that numbers which determine each other have a regression too.
RIDGE = 0.01
# The most frequent levels of a category that numbers are regressed on, and how many of all categories together.
LEVELS, MOST_LEVELS = 10, 300


def one_thread() -> AbstractContextManager[object]:
    """Let libraries use one thread: on a busy machine those of a small fit wait for each other, five times as long."""
    limited: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limited


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Rows as a classifier sees them.

    Parameters
    ----------
    values
        The columns, shape (n, columns).
    scores
        What regressions are on, shape (n, scores): normal scores of numbers, missing ones in the middle, since a heavy
        tail would lead a regression; then 0 or 1 for frequent levels of categories.
    place
        Of each score its column, shape (scores,).
    """

    values: Floats
    scores: Floats
    place: NDArray[np.intp]

    def shuffled(self, column: int, draw: np.random.Generator) -> Seen:
        """Return the rows with the values of one column in an order of chance."""
        order = draw.permutation(len(self.values))
        values, scores = self.values.copy(), self.scores.copy()
        values[:, column] = values[order, column]
        own = self.place == column
        scores[:, own] = scores[order][:, own]
        return Seen(values, scores, self.place)


class DomainClassifier:
    """Trees on the columns and on the residuals of the numbers, fitted to some of the rows.

    Parameters
    ----------
    rows
        Both sides.
    learn
        The rows to learn from, of both sides, shape (n,).
    """

    def __init__(self, rows: Encoded, learn: Flags, *, seed: int) -> None:
        self._numbers, self._categories = np.flatnonzero(~rows.categorical), np.flatnonzero(rows.categorical)
        known, current = rows.values[learn], rows.is_current[learn]
        self._normal = QuantileTransformer(
            n_quantiles=min(QUANTILES, len(known)), output_distribution="normal", subsample=None
        )
        if len(self._numbers):
            self._normal.fit(known[:, self._numbers])
        seen = self.seen(known)
        self._residuals = [_residuals(seen.scores[side], len(self._numbers)) for side in (~current, current)]
        self._trees = HistGradientBoostingClassifier(
            max_iter=TREES,
            max_leaf_nodes=LEAVES,
            min_samples_leaf=ROWS_A_LEAF,
            max_features=COLUMNS_A_SPLIT,
            categorical_features=self._categories,
            early_stopping=False,
            random_state=seed,
        ).fit(self._widened(seen), current)

    def seen(self, values: Floats) -> Seen:
        """Return rows, their columns of shape (n, columns), as `score` takes them."""
        numbers, categories = self._numbers, self._categories
        parts = [self._normal.transform(values[:, numbers])] if len(numbers) else []
        levels = min(LEVELS, MOST_LEVELS // max(len(categories), 1)) if parts else 0
        parts += [values[:, categories] == level for level in range(levels)]
        place = np.concatenate([numbers, np.tile(categories, levels)])
        scores = np.concatenate(parts, axis=1) if parts else np.empty((len(values), 0))
        return Seen(values, np.nan_to_num(scores), place)

    def score(self, rows: Seen) -> Floats:
        """Return a score of each row, shape (n,), higher for what looks current."""
        return np.asarray(self._trees.decision_function(self._widened(rows)), dtype=np.float64)

    def _widened(self, rows: Seen) -> Floats:
        return np.concatenate([rows.values, *(rows.scores @ weights for weights in self._residuals)], axis=1)


def _residuals(scores: Floats, numbers: int) -> Floats:
    """Return by what to multiply scores for what each of the first ones is beyond its ridge regression on all others.

    Shape (scores, numbers).
    """
    if not numbers:
        return np.empty((scores.shape[1], 0))
    covariance = np.atleast_2d(np.cov(scores, rowvar=False))
    # Column j of the inverse holds the regression of j on the others (Whittaker 1990, section 5.7).
    precision = np.linalg.inv(covariance + RIDGE * np.eye(len(covariance)))[:, :numbers]
    return np.asarray(precision / np.diag(precision), dtype=np.float64)
