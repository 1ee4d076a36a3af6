"""How columns go together: sums over the rows from which correlations, and their errors, are computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.data.faults import failure
from pytest_mlquality.data.profiles.scores import Score
from pytest_mlquality.statistics.correlations import Correlations, correlations

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Matrix = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Pairs:
    """Sums of products of the scores of columns.

    Parameters
    ----------
    rows
        Number of rows.
    scores
        What stands for the columns, k in all.
    left_out
        Columns without scores since there are too many.
    sums
        Of each score, shape (k,).
    products
        Of ``x y``, ``x^2 y``, ``x^3 y`` and ``x^2 y^2``, where x is the score of the row of the matrix and y that of
        its column, each of shape (k, k).
    """

    rows: int
    scores: tuple[Score, ...]
    left_out: tuple[str, ...]
    sums: tuple[float, ...]
    products: tuple[Matrix, Matrix, Matrix, Matrix]

    @classmethod
    def of(
        cls, rows: int, scores: tuple[Score, ...], left_out: tuple[str, ...], sums: Floats, products: Floats
    ) -> Pairs:
        """Return pairs of arrays, those of the products of shape (4, k, k)."""
        one, two, three, four = (tuple(map(tuple, each.tolist())) for each in products)
        return cls(rows, scores, left_out, tuple(sums.tolist()), (one, two, three, four))

    def merge(self, other: Pairs) -> Pairs:
        """Return the sums over the rows of both, which have the same scores.

        Raises
        ------
        DataError
            They have others.
        """
        if self.scores != other.scores:
            raise failure("profiles have other scores of their columns", "take both from the same reference")
        sums = np.add(self.sums, other.sums)
        return Pairs.of(self.rows + other.rows, self.scores, self.left_out, sums, np.add(self.products, other.products))

    def of_many(self, least: int) -> Pairs | None:
        """Return the pairs without what fewer than `least` rows share: NaN for two labels; None of so few rows."""
        if self.rows < least:
            return None
        products = np.array(self.products, dtype=np.float64).reshape(4, len(self.scores), -1)
        is_label = np.array([score.label is not None for score in self.scores], dtype=np.bool_)
        both, of_one = products[0], np.asarray(self.sums)
        cells = (both, of_one[:, None] - both, of_one[None, :] - both, self.rows - of_one[:, None] - of_one + both)
        few = np.any([(cell > 0) & (cell < least) for cell in cells], axis=0) & np.outer(is_label, is_label)
        products[:, few & ~np.eye(len(few), dtype=np.bool_)] = np.nan
        return Pairs.of(self.rows, self.scores, self.left_out, of_one, products)

    def correlations(self, worth: float = 1.0) -> Correlations:
        """Return the correlations of all scores, shape (k, k); `worth` is how many independent rows a row is worth."""
        xy, xxy, xxxy, xxyy = np.asarray(self.products, dtype=np.float64).reshape(4, len(self.scores), -1)
        return correlations(np.asarray(self.sums), (xy, xxy, xxxy, xxyy), self.rows, worth)

    def matrix(self) -> pd.DataFrame:
        """Return the rank correlations of numbers and frequent labels, named by column, or by column and label."""
        import pandas as pd

        names = [score.name for score in self.scores]
        return pd.DataFrame(self.correlations().value, index=names, columns=names)
