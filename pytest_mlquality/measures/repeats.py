"""Whether rows repeat more than independent draws do: copies of one another, and not people with equal answers.

Columns of few values make equal rows by themselves, so that equality alone tells nothing. Two things do:

- Numbers of times. Of independent draws the number of rows that occur k times is a mixture of Poisson counts, and
  ``k! f(k)`` is log-convex in k (by Cauchy and Schwarz): where hardly any row occurs once, as many cannot occur twice.
- Fine numbers. A column in which nearly all different rows differ, and which hardly ever comes near to a value that it
  already has, does not hit one exactly by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Floats = NDArray[np.float64]

# Fewer rows than so that are equal to another one change no bound that people see.
LEAST_REPEATS, LEAST_SHARE = 10, 0.005
# How many standard errors a number of rows may be off, and is still one of chance.
ERRORS = 3.0
MOST_TIMES = 50
# Numbers of times of so many different rows have no divisor in common by chance.
SURE = 20
# Share of the different rows that a column tells apart, and how many near misses there are for a hit by chance.
FINE, HITS = 0.9, 5


def repeat(rows: Hashes, numbers: Iterable[Callable[[], Floats]]) -> bool:
    """Return whether rows are copies of each other.

    Parameters
    ----------
    rows
        A number of each row that equal ones share, shape (n,).
    numbers
        Give the values of the columns of numbers, shape (n,) each, NaN where one is missing; asked only where there
        are equal rows.
    """
    _, first, times = np.unique(rows, return_index=True, return_counts=True)
    if len(rows) - len(first) < max(LEAST_REPEATS, LEAST_SHARE * len(rows)):
        return False
    return too_regular(times) or any(too_fine(column()[first], times) for column in numbers)


def too_regular(times: NDArray[np.intp]) -> bool:
    """Return whether rows occur in numbers of times that independent draws do not have.

    Parameters
    ----------
    times
        How often each of the different rows occurs, shape (different rows,).
    """
    if len(times) >= SURE and np.gcd.reduce(times) > 1:
        return True
    rows = np.bincount(times[times <= MOST_TIMES], minlength=MOST_TIMES + 2).astype(np.float64)
    k = np.arange(2, MOST_TIMES + 1)
    most = rows + ERRORS * np.sqrt(rows + 1) + ERRORS
    least = np.maximum(rows - ERRORS * np.sqrt(rows), 0.0)
    return bool((least[k] ** 2 > (k + 1) / k * most[k - 1] * most[k + 1]).any())


def too_fine(different: Floats, times: NDArray[np.intp]) -> bool:
    """Return whether many values of a column occur again exactly, in the same row alone, and hardly any nearly.

    Near is a difference of the smallest step between two values. Where values have a grid, whose step that is, as many
    come near as hit; where they have none, two at most come so near.

    Parameters
    ----------
    different, times
        The values of the different rows, and how often each occurs, shape (different rows,).
    """
    known, first, rows = np.unique(different[np.isfinite(different)], return_index=True, return_counts=True)
    if len(known) < 2 or len(known) < FINE * len(different):
        return False
    steps = np.diff(known)
    # Steps are not written exactly.
    near = np.count_nonzero(steps <= 1.5 * steps.min()) + np.count_nonzero(rows > 1)
    # A value such as 0 may be that of many rows, and is but one.
    again = np.count_nonzero(times[np.isfinite(different)][first][rows == 1] > 1)
    return bool(again > HITS * (near + 1))
