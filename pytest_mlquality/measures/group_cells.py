"""Groups of rows, within each stratum of a control column if there is one, with what was estimated of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.estimates import estimate
from pytest_mlquality.measures.group_rates import Rate
from pytest_mlquality.measures.labels import ROWS_TO_BE_NAMED
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.rate_estimates import NO_ROW_OF_CLASS, rate_estimates
from pytest_mlquality.measures.slicing import OTHERS, Slice
from pytest_mlquality.statistics.estimate import Estimate

Flags = NDArray[np.bool_]
# Of what an estimate is: the rate's or metric's name; of multiclass, the class; of a control column, the stratum.
Key = tuple[str, str, str]
ALONE = "no other group is large enough to compare it with"


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Which groups are compared.

    Parameters
    ----------
    by
        What makes them, in a word: ``SEX+RAC1P``.
    groups
        They share no row.
    strata
        Groups are compared within each of these; none: among all rows.
    min_rows
        Smaller groups are not judged.
    least_judged
        Share of rows that must be in groups that were judged.
    """

    by: str
    groups: Sequence[Slice]
    strata: Sequence[Slice] = ()
    min_rows: int = 100
    least_judged: float = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A group, within a stratum if there are any.

    Parameters
    ----------
    stratum
        Its name; empty where there are none.
    rows
        How many rows it has.
    reason
        Why it is not judged; empty where it is.
    """

    group: str
    stratum: str
    rows: int
    estimates: dict[Key, Estimate] = field(default_factory=dict)
    reason: str = ""

    @property
    def name(self) -> str:
        """In words: ``SEX = 2``, ``SEX = 2 within SCHL = 3``."""
        return f"{self.group} within {self.stratum}" if self.stratum else self.group

    def value(self, key: Key) -> float | None:
        """Return what was estimated; None where it was not, or has no value."""
        found = self.estimates.get(key)
        return found.value if found is not None else None


def why_no_group(name: str, rows: int, min_rows: int) -> str:
    """Return why rows are not judged as a group; empty where they are."""
    if name == OTHERS:
        return "labels that are put together make no group"
    return f"{rows:,} rows, fewer than min_rows = {min_rows:,}" if rows < min_rows else ""


def cells(asked: Sequence[Rate | Metric], answers: Answers, grouping: Grouping, *, exact: bool) -> list[Cell]:
    """Estimate what is asked of every group; one that is too small, or of rare labels put together, has a reason.

    A class of which no group has a row is not asked for: no group lacks it more than another.
    """
    found = [_cell(asked, answers, one, grouping.min_rows, exact) for one in _members(grouping, len(answers))]
    nowhere = _of_no_row(found)
    asked_for = [replace(cell, estimates=_without(nowhere, cell.estimates)) for cell in found]
    return [replace(cell, reason=cell.reason or _what_lacks(cell.estimates)) for cell in asked_for]


def compared(some: Sequence[Cell]) -> list[Cell]:
    """Return cells that can be compared with another of their stratum; of others the reason says that they cannot."""
    companions: dict[Key, int] = {}
    for cell in some:
        for key in cell.estimates:
            companions[key] = companions.get(key, 0) + (cell.value(key) is not None)
    return [
        replace(cell, reason=cell.reason or (ALONE if any(companions[key] < 2 for key in cell.estimates) else ""))
        for cell in some
    ]


def _members(grouping: Grouping, n: int) -> Iterator[tuple[str, str, Flags]]:
    """Yield name, stratum and rows of every group that has any; those of too few rows to be named as one."""
    nameless = np.zeros(n, dtype=np.bool_)
    everywhere = [Slice("", np.ones(n, dtype=np.bool_))]
    for stratum in grouping.strata or everywhere:
        for group in grouping.groups:
            rows = group.rows & stratum.rows
            if np.count_nonzero(rows) >= ROWS_TO_BE_NAMED:
                yield group.name, stratum.name, rows
            else:
                nameless |= rows
    if nameless.any():
        yield OTHERS, "", nameless


def _cell(
    asked: Sequence[Rate | Metric],
    answers: Answers,
    member: tuple[str, str, Flags],
    min_rows: int,
    exact: bool,
) -> Cell:
    group, stratum, rows = member
    n = int(np.count_nonzero(rows))
    reason = why_no_group(OTHERS if stratum == OTHERS else group, n, min_rows)
    if reason:
        return Cell(group, stratum, n, reason=reason)
    inside = answers.of_rows(rows)
    found: dict[Key, Estimate] = {}
    for one in asked:
        by_class = (
            rate_estimates(one, inside, exact=exact)
            if isinstance(one, Rate)
            else {"": estimate(one, inside, exact=exact, tail_of=answers)}
        )
        found |= {(one.name, label, stratum): each for label, each in by_class.items()}
    return Cell(group, stratum, n, found)


def _of_no_row(some: Sequence[Cell]) -> set[Key]:
    """Return what has no value because no group that is large enough has a row of the class."""
    reasons: dict[Key, set[str]] = {}
    for cell in some:
        for key, found in cell.estimates.items():
            reasons.setdefault(key, set()).add(found.reason)
    return {key for key, told in reasons.items() if told == {NO_ROW_OF_CLASS}}


def _without(left_out: set[Key], estimates: dict[Key, Estimate]) -> dict[Key, Estimate]:
    return {key: found for key, found in estimates.items() if key not in left_out}


def _what_lacks(estimates: dict[Key, Estimate]) -> str:
    """Return why a group cannot be judged by all that is asked; empty where it can."""
    lacking = [f"{of_class(key)}: {found.reason}" for key, found in estimates.items() if found.value is None]
    return "; ".join(dict.fromkeys(lacking))


def of_class(key: Key) -> str:
    """Return the rate or metric in words, with the class of several that it is of."""
    rate, label, _ = key
    return f"{rate} of class {label}" if label else rate
