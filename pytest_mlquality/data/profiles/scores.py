"""What stands for a column where it is correlated with others: a number by its rank, a frequent label by 0 or 1.

A rank is that in the reference: the mean rank of its group of adjacent bins, between -1 and 1. So every score is
bounded, and a heavy tail leads no correlation; a value that is missing, or a label that is another one, is 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlquality.data import nan
from pytest_mlquality.data.profiles.column import Column
from pytest_mlquality.data.profiles.edges import LEAST_ROWS
from pytest_mlquality.data.profiles.kinds import kind_of, label_of, number_of
from pytest_mlquality.data.profiles.numbers import INFINITE, NumberLayout

if TYPE_CHECKING:
    import ibis
    from ibis.expr.datatypes import DataType

GROUPS = 20
# Scores of a table; columns beyond are left out.
MOST = 100
# Labels of a column that have scores, and the least share of the reference that each has.
LABELS, LABEL_SHARE = 5, 0.05


@dataclass(frozen=True)
class Score:
    """How a column, or one of its labels, becomes a number.

    Parameters
    ----------
    column
        Its name.
    label
        The label whose rows are 1; None of numbers.
    starts
        Where groups of numbers begin, ascending, shape (k,).
    ranks
        What a number of each group is, shape (k + 1,).
    """

    column: str
    label: str | None = None
    starts: tuple[float, ...] = ()
    ranks: tuple[float, ...] = ()

    @property
    def name(self) -> str:
        """What it is called."""
        return self.column if self.label is None else f"{self.column}={self.label}"

    def suits(self, type_: DataType) -> bool:
        """Return whether a column of a type has the score."""
        return kind_of(type_) == ("number" if self.label is None else "label")

    def expression(self, value: ibis.Value) -> ibis.Value:
        """Return the engine's expression of the score, a float64 that is never missing."""
        import ibis

        if self.label is not None:
            return ibis.coalesce((label_of(value) == self.label).cast("float64"), 0.0)
        number = number_of(value, "number")
        known = number.notnull() & ~number.isnan() if nan.may_be_nan(number) else number.notnull()
        return known.ifelse(_ranked(number, self.starts, self.ranks), 0.0)


def scores_of(columns: Mapping[str, Column]) -> tuple[tuple[Score, ...], tuple[str, ...]]:
    """Return the scores of a reference's columns, and the names of those left out as too many.

    Times and texts have none, nor have columns of one value.
    """
    found: list[Score] = []
    left_out: list[str] = []
    for name, column in columns.items():
        some = _of_numbers(name, column) if column.kind == "number" else _of_labels(name, column)
        if len(found) + len(some) > MOST:
            left_out.append(name)
        else:
            found += some
    return tuple(found), tuple(left_out)


def _of_numbers(name: str, column: Column) -> list[Score]:
    layout = column.layout
    if not isinstance(layout, NumberLayout) or not layout.starts or column.rows - column.missing < LEAST_ROWS:
        return []
    counts = np.asarray(column.counts, dtype=np.float64)
    ordered = counts[: len(layout.centres)]
    minus, plus = counts[-len(INFINITE) :]
    ordered[0] += minus
    ordered[-1] += plus
    groups = layout.groups(GROUPS)
    rows = np.array([ordered[group].sum() for group in groups])
    ranks = (2 * np.cumsum(rows) - rows) / rows.sum() - 1
    if np.count_nonzero(rows) < 2:
        return []
    starts = [layout.starts[group.start - 1] for group in groups[1:]]
    return [Score(name, None, tuple(starts), tuple(ranks.round(6).tolist()))]


def _of_labels(name: str, column: Column) -> list[Score]:
    rows = column.rows
    frequent = [label for label, n in column.labels.items() if LABEL_SHARE * rows <= n <= (1 - LABEL_SHARE) * rows]
    # The last of labels that together are all rows says nothing new.
    is_all = sum(column.labels[label] for label in frequent) == rows
    kept = frequent[: min(LABELS, len(frequent) - is_all)]
    return [Score(name, label) for label in kept if column.labels[label] >= LEAST_ROWS]


def _ranked(number: ibis.Value, starts: Sequence[float], ranks: Sequence[float]) -> ibis.Value:
    """Return the rank of a number as a balanced tree of comparisons."""
    import ibis

    if not starts:
        return ibis.literal(ranks[0], type="float64")
    half = len(starts) // 2
    lower = _ranked(number, starts[:half], ranks[: half + 1])
    upper = _ranked(number, starts[half + 1 :], ranks[half + 1 :])
    return (number < starts[half]).ifelse(lower, upper)
