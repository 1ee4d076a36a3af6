"""What columns have to do with each other in every row: orders, zeros and gaps that go together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.data.kinds import NUMBERS, TIMES
from pytest_mlquality.data.moments import seconds
from pytest_mlquality.proposal.looking.seen import Column

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.data import Table

Floats = NDArray[np.float64]

MOST_RULES = 20
# A rule that chance alone would break in fewer rows says nothing, and neither does one that few rows could break.
LEAST_BROKEN_BY_CHANCE = 0.02
LEAST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Relation:
    """A condition that every row keeps.

    Parameters
    ----------
    name
        As people read it.
    condition
        In SQL.
    broken_by_chance
        Share of rows that would break it if the columns had nothing to do with each other.
    """

    name: str
    condition: str
    broken_by_chance: float


def candidates(columns: Iterable[Column], codes: Iterable[str], frame: pd.DataFrame) -> list[Relation]:
    """Return the relations that all of some rows keep, the most telling first.

    Parameters
    ----------
    columns
        Those that may be in a rule.
    codes
        Names of columns whose numbers are names of something: they have no order.
    """
    named = [column for column in columns if column.name in frame.columns]
    values = {column.name: _floats(frame[column.name], column.kind) for column in named}
    unordered = set(codes)
    found: list[Relation] = []
    # Times with a zone and without one compare by the clock of the session.
    comparable = {column.name: "number" if column.kind in NUMBERS else column.type for column in named}
    for alike in dict.fromkeys(comparable[column.name] for column in named if column.kind in (*NUMBERS, *TIMES)):
        names = [name for name, type_ in comparable.items() if type_ == alike and name not in unordered]
        found += _orders(names, values)
    found += _together([c.name for c in named if c.kind in NUMBERS], {n: v == 0 for n, v in values.items()}, _ZERO)
    missing = {str(name): frame[name].isna().to_numpy() for name in frame.columns}
    found += _together([column.name for column in named], missing, _NULL)
    return sorted(found, key=lambda relation: -relation.broken_by_chance)[: 3 * MOST_RULES]


def kept_by_all(relations: Iterable[Relation], tables: Iterable[Table]) -> list[Relation]:
    """Return the relations that every row of every table keeps, as the gate will ask for them."""
    from pytest_mlquality.rules.conditions import with_rules
    from pytest_mlquality.rules.counting import findings

    kept = {relation.name: relation for relation in relations}
    for table in tables:
        widened, rules = with_rules(table, {name: relation.condition for name, relation in kept.items()})
        for finding in findings(rules, widened):
            if finding.count or finding.message:
                kept.pop(finding.rule.name)
    return list(kept.values())[:MOST_RULES]


def monotone(columns: Iterable[Column], frame: pd.DataFrame) -> list[str]:
    """Return the columns whose values never fall from row to row."""
    ordered = [column.name for column in columns if column.kind in (*NUMBERS, *TIMES) and column.name in frame.columns]
    return [name for name in ordered if frame[name].is_monotonic_increasing and frame[name].nunique() > 2]


def quoted(name: str) -> str:
    """Return a column's name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _floats(values: pd.Series[Any], kind: str) -> Floats:
    if kind in TIMES:
        return seconds(values)
    if kind in NUMBERS:
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.full(len(values), np.nan)


def _orders(names: list[str], values: Mapping[str, Floats]) -> list[Relation]:
    found: dict[tuple[str, str], Relation] = {}
    for one, other in combinations(names, 2):
        both = ~(np.isnan(values[one]) | np.isnan(values[other]))
        left, right = values[one][both], values[other][both]
        if len(left) < LEAST_ROWS:
            continue
        if (left == right).all():
            relation = _order(one, other, "=", "equals", float((left != np.roll(right, 1)).mean()))
        elif (left <= right).all():
            relation = _order(one, other, "<=", "is at most", _above(left, right))
        elif (left >= right).all():
            one, other = other, one
            relation = _order(one, other, "<=", "is at most", _above(right, left))
        else:
            continue
        if relation.broken_by_chance >= LEAST_BROKEN_BY_CHANCE:
            found[one, other] = relation
    # a <= c goes without saying where a <= b and b <= c.
    between = {(a, c) for a, b in found for other, c in found if b == other}
    return [relation for pair, relation in found.items() if pair not in between]


def _order(one: str, other: str, sign: str, words: str, chance: float) -> Relation:
    return Relation(f"{one} {words} {other}", f"{quoted(one)} {sign} {quoted(other)}", chance)


def _above(left: Floats, right: Floats) -> float:
    """Return how often a value on the left is above one on the right of any row."""
    return float(np.searchsorted(np.sort(right), left, side="left").mean() / len(right))


_ZERO = ("is 0", "{} = 0", "{} <> 0")
_NULL = ("is missing", "{} IS NULL", "{} IS NOT NULL")


def _together(names: list[str], holds: Mapping[str, NDArray[np.bool_]], words: tuple[str, str, str]) -> list[Relation]:
    return list(_implied([name for name in names if holds[name].sum() >= LEAST_ROWS], holds, words))


def _implied(
    names: list[str], holds: Mapping[str, NDArray[np.bool_]], words: tuple[str, str, str]
) -> Iterator[Relation]:
    said, is_so, is_not = words
    for then, when in permutations(names, 2):
        chance = float(holds[when].mean() * (1 - holds[then].mean()))
        if chance < LEAST_BROKEN_BY_CHANCE or not holds[then][holds[when]].all():
            continue
        if (holds[then] == holds[when]).all():
            if names.index(then) < names.index(when):
                both = f"({is_so.format(quoted(then))}) = ({is_so.format(quoted(when))})"
                yield Relation(f"{then} {said} exactly where {when} is", both, 2 * chance)
            continue
        condition = f"{is_not.format(quoted(when))} OR {is_so.format(quoted(then))}"
        yield Relation(f"{then} {said} wherever {when} is", condition, chance)
