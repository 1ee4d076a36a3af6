"""Which values a column may have, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pytest_mlquality.proposal import human
from pytest_mlquality.proposal.looking.seen import LEAST_ROWS, Column, Seen

MOST_VALUES = {"text": 50, "whole": 30, "number": 30, "decimal": 30}
# Where more rows than this have rare values, a list of the frequent ones is no domain.
MOST_RARE = 0.01
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Domain:
    """The values that at least `LEAST_ROWS` rows of some split have.

    Parameters
    ----------
    values
        In order.
    unseen
        Upper 95% bound of the share of rows with any other value, from the largest split, rows taken as independent
        (Clopper and Pearson 1934; 3/n where no row has one).
    rare
        Greatest share of a split's rows with a value that is not listed.
    """

    values: tuple[Any, ...]
    unseen: float
    rare: float

    @property
    def tolerated(self) -> float:
        """The share of rows that may have another value, with room; 0 where none has."""
        return human.up(2 * self.rare, 1)


def domain_of(column: Column) -> Domain | None:
    """Return a column's domain; None where a list of values says nothing about it."""
    most = MOST_VALUES.get(column.kind)
    if most is None or column.any("fractions") or column.any("infinite") or column.lacks("fractions"):
        return None
    if any(seen.counts is None for seen in column.seen.values()):
        return None
    values = frequent(column)
    if not 1 < len(values) <= most:
        return None
    rare = max((_others(seen, values) / seen.rows for seen in column.seen.values()), default=0.0)
    return Domain(values, _unseen(column, values), rare) if rare <= MOST_RARE else None


def frequent(column: Column) -> tuple[Any, ...]:
    """Return the values that enough rows of some split have."""
    found = {
        value for seen in column.seen.values() for value, rows in (seen.counts or {}).items() if rows >= LEAST_ROWS
    }
    return tuple(sorted(found))


def _others(seen: Seen, values: tuple[Any, ...]) -> int:
    return sum(rows for value, rows in (seen.counts or {}).items() if value not in values)


def _unseen(column: Column, values: tuple[Any, ...]) -> float:
    from pytest_mlquality.statistics.proportion import share

    largest = max(column.seen.values(), key=lambda seen: seen.present)
    return share(_others(largest, values), largest.present).upper(LEVEL)
