"""How large a gap of a slice may be that no search has found.

The upper bound of the largest gap among many slices is the largest of their upper bounds, each at the level itself: the
worst slice is one of them, whichever it is, and its own bound lies below its gap with no more than that probability
(intersection-union test, Berger 1982). So nothing is paid for looking at thousands of slices, and all rows are used.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.slice_search import search
from pytest_mlquality.measures.slices import gap
from pytest_mlquality.measures.slicing import Slice
from pytest_mlquality.measures.surplus import Reach
from pytest_mlquality.statistics.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

# Slices of so large a share of the rows are answered for. The bound of smaller ones is wide at any number of rows that
# a test split has, and would keep every limit undecided.
SHARE = 0.2


def unseen_gap(metric: Metric, answers: Answers, rows: pd.DataFrame, loss: Floats, *, depth: int) -> Estimate:
    """Return 0, and how much worse than all other rows a slice of at least `SHARE` of the rows may yet be.

    Parameters
    ----------
    rows
        The columns that slices are made of, in the order of the answers.
    loss
        Of each row, shape (n,); a higher one is worse.
    depth
        The most columns that a slice names.
    """
    n, least = len(answers), ceil(SHARE * len(answers))
    widest = search(rows, loss, answers.weight, depth=depth, least_rows=least, by=Reach)
    gaps = [gap(metric, answers, Slice(str(one), one.holds(rows))) for one in widest]
    known = [one for one in gaps if one.value is not None]
    if not known:
        why = gaps[0].reason if gaps else f"no condition holds for {SHARE:.0%} to 50% of the rows"
        return Estimate.undefined(n, why)

    @lru_cache
    def upper(level: float) -> float:
        return max(0.0, *(one.upper(level) for one in known))

    how = f"largest upper bound of slices of {SHARE:.0%} of the rows or more; {known[0].method}"
    return Estimate(0.0, n, how, lambda _level: 0.0, upper)
