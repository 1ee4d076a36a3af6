"""By how many standard errors some rows lose more than as many rows drawn by chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

# More than half of the rows are no slice: the others are one, in which the model does better.
MOST_SHARE = 0.5
# A one-sided bound at 5% lies so many standard errors from the value.
ERRORS = 1.645


@dataclass(frozen=True, slots=True, eq=False)
class Surplus:
    """The losses of rows, of which parts are to be compared with all.

    Parameters
    ----------
    rows
        How many there are.
    weight
        Their weight in all.
    variance
        Of their losses.
    added
        What is summed over the rows of a part besides their number: how far each loss is above the mean of all; of
        weighted rows that times their weight, the weight, and its square. Shape (1 or 3, n).
    least_rows
        Smaller parts have no surplus.
    """

    rows: int
    weight: float
    variance: float
    added: Floats
    least_rows: int

    @classmethod
    def of(cls, loss: Floats, weight: Floats | None, least_rows: int) -> Surplus:
        """Take losses and weights of rows, shape (n,); without weights all weigh the same."""
        weighed = np.ones(len(loss)) if weight is None else weight
        total = float(weighed.sum())
        above = loss - (loss * weighed).sum() / (total or 1.0)
        # Of losses that are all the same, rounding would leave some variance.
        variance = float((above**2 * weighed).sum() / (total or 1.0)) if np.ptp(loss) else 0.0
        added = above[None] if weight is None else np.array([above * weight, weight, weight**2])
        return cls(len(loss), total, variance, added, least_rows)

    def sums(self, part: Places, parts: int, among: Any = slice(None)) -> Floats:  # noqa: ANN401 - any index of rows
        """Return sums over the rows of each part: how many they are, and what is `added`.

        Parameters
        ----------
        part
            Of each row, from 0 to `parts` - 1, shape (rows,).
        among
            Which rows are summed, if not all.

        Returns
        -------
        Shape (2, parts); of weighted rows (4, parts).
        """
        summed = [np.bincount(part, one[among], minlength=parts) for one in self.added]
        return np.array([np.bincount(part, minlength=parts), *summed])

    def __call__(self, sums: Floats) -> Floats:
        """Return the surplus of parts whose sums are along the first axis; 0 where they are too small or too large.

        Parts drawn without replacement vary by a share of the variance less than 1, which is that of the other rows.
        """
        rows, total, *weighed = sums
        weight, squares = weighed or (rows, rows)
        spread = self.variance * squares * (1 - weight / (self.weight or 1.0))
        judged = (rows >= self.least_rows) & (rows <= MOST_SHARE * self.rows) & (spread > 0)
        found = np.zeros(judged.shape)
        found[judged] = self._of(total[judged], weight[judged], spread[judged])
        return found

    def _of(self, total: Floats, _weight: Floats, spread: Floats) -> Floats:
        """Return the surplus of parts from what they lose above the mean in total, their weight, and its variance."""
        return np.asarray(total / np.sqrt(spread))


class Reach(Surplus):
    """How far above the other rows' a part's loss may be, about: by what is seen and `ERRORS` standard errors."""

    __slots__ = ()

    @classmethod
    def of(cls, loss: Floats, weight: Floats | None, least_rows: int) -> Surplus:
        """Take losses as `Surplus` does; where all are the same, smaller parts reach further."""
        found = super().of(loss, weight, least_rows)
        return found if found.variance else replace(found, variance=1.0)

    def _of(self, total: Floats, weight: Floats, spread: Floats) -> Floats:
        return np.asarray((total + ERRORS * np.sqrt(spread)) / (weight * (1 - weight / self.weight)))
