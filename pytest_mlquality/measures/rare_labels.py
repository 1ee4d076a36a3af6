"""Labels of few rows in the reference: who had few, or enough for a bin, had so by chance too.

Labels are chosen by the same rows that are counted. Those that a sample has in a number below some cut have more rows
in the next sample, those above have fewer, though nothing has moved. Two answers: labels are compared one by one only
where both sides together say that the reference's number could hardly have been below its cut; and the next sample's
rows of the labels below a cut are expected to be, for numbers of rows as Poisson has them, those of all labels at or
below it (Robbins 1956; of labels without a row, Good 1953).
"""

from __future__ import annotations

from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.data.profiles.edges import LEAST_ROWS
from pytest_mlquality.data.profiles.labels import MOST_LABELS

if TYPE_CHECKING:
    from pytest_mlquality.data.profiles import Column

# Standard deviations between the expected number of rows of a label and the cut that it is never below.
CLEAR = 5
# A share of nearly all rows varies little by itself, and its labels as ever: no less than this is left of it.
LEAST_REST = 0.1
# Labels of a smaller share of the reference are rare.
RARE = 0.01


def told_apart(reference: Column, current: Column, worths: tuple[float, float]) -> NDArray[np.bool_]:
    """Return which labels of the reference are compared one by one, shape (labels,); all others go together.

    Parameters
    ----------
    worths
        How many independent rows a row is worth, of the reference and of the current rows.
    """
    before, after = _own(reference), _own(current)
    n, m = (column.rows - column.missing for column in (reference, current))
    expected = (before + after) * (n / max(n + m, 1))
    cut = _cut(reference)
    # Rows of both sides tell of the number expected; the fewer they are worth, the more it varies.
    return np.asarray(expected >= cut + CLEAR * sqrt(cut / min(worths)), dtype=np.bool_)


def below(cut: float, reference: Column, current: Column, worth: float) -> tuple[float, float, float]:
    """Return rows of labels with fewer than `cut` in the reference: those expected of it, and those that are here.

    Parameters
    ----------
    cut
        Number of rows; at least that which gave labels their bins is taken. Where it is 0 and the reference names all
        of its labels, those without a row there are counted.
    worth
        How many independent rows a row of the reference is worth: rows of a unit come and go together.

    Returns
    -------
    expected, current, variance
        The expected rows vary by so many times what a share of independent rows would.
    """
    if not cut and worth == 1 and not reference.more_labels:
        return _without_a_row(reference, current)
    before, after = _own(reference), _own(current)
    cut = max(cut, _cut(reference))
    rare = before < cut
    at_cut = ~rare & (before < cut + ceil(1 / worth))
    rows = float(reference.counts[-1] + before[rare | at_cut].sum())
    # A label below the cut strays from its mean as rows do, one at the cut is counted whole or not at all.
    squares = rows + float((before[at_cut] ** 2).sum())
    alone = max(1 - rows / max(reference.rows, 1), LEAST_REST)
    variance = max(squares / (rows * alone), 1.0) if rows and at_cut.any() else 1.0
    return rows, float(current.counts[-1] + after[rare].sum()), variance


def _without_a_row(reference: Column, current: Column) -> tuple[float, float, float]:
    """Return what `below` does of labels that the reference has not at all: as many rows as labels of one row have.

    The expected rows miss those of the labels without a row by what labels of one and of two rows say (Good 1953).
    """
    numbers = list(reference.new_labels.values())
    once, twice = numbers.count(1), numbers.count(2)
    known = sum(rows for label, rows in current.new_labels.items() if label in reference.new_labels)
    # One label more of each, for a few rows of one may be a whole label that the reference has missed.
    variance = (once + 1 + 2 * (twice + 1)) / (once + 1)
    return float(once), float(current.counts[-1] - known), variance


def rare_cut(reference: Column) -> float:
    """Return the number of rows below which a label of the reference is rare."""
    return RARE * (reference.rows - reference.missing)


def _own(column: Column) -> NDArray[np.float64]:
    return np.asarray(column.counts[:-1], dtype=np.float64)


def _cut(reference: Column) -> float:
    """Return the number of rows that gave labels a bin of their own."""
    own = _own(reference)
    # Of more labels than there are bins the most frequent have one; the next one has no more than the last of them.
    return float(own.min() + 1) if len(own) == MOST_LABELS else float(LEAST_ROWS)
