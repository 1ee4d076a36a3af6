"""A schema of pandera read as rules about one table.

The rules are pandera's, as a property test over random tables and schemas holds, but for what a gate on tables of
engines needs otherwise:

- Rows are judged as they are: parsers, defaults and the dropping or adding of rows and columns change nothing.
- Whole numbers and truths stay such where values are missing; pandas shows floats and objects.
- ``object`` and ``category`` accept any type; a category is its value. The unit of times does not count.
- ``coerce`` asks that every value can be read as the type, and no number is cut short; pandas reads 1.5 as 1.
- A check that compares with a value of another kind is broken; pandas finds 1 and "a" unequal.
- Patterns mean what Python's ``re`` means by them; pandas 3 asks Arrow, to which a digit is 0 to 9 alone.
- Checks in Python see batches of rows. One that answers for all rows at once is only judged where one batch holds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.faults import told
from pytest_mlquality.data.nan import without_nan
from pytest_mlquality.errors import nearest
from pytest_mlquality.rules import checks, coercion
from pytest_mlquality.rules.rule import ColumnRule, CustomRule, RowRule, Rule, Settled, UniqueRule

if TYPE_CHECKING:
    import ibis
    import pandera.pandas as pandera

NOT_NULL = "not null"
UNIQUE = "unique"


@dataclass(frozen=True, slots=True)
class Part:
    """What a schema asks of the columns of one name or pattern, and what of it could not be understood.

    Parameters
    ----------
    name
        As the schema writes it.
    column
        None where nothing of it could be understood.
    problems
        What could not, each a sentence.
    """

    name: str
    column: pandera.Column | None
    problems: tuple[str, ...] = ()


def part_of(name: str, column: pandera.Column | None, problems: tuple[str, ...] = ()) -> Part:
    """Return what a schema asks of columns; a name that should be a pattern and is none is a problem of it."""
    if column is not None and column.regex:
        try:
            re.compile(name)
        except re.error as error:
            return Part(name, None, (*problems, f"the name is no regular expression: {error}"))
    return Part(name, column, problems)


@dataclass(frozen=True, slots=True)
class Agreement:
    """A whole schema.

    Parameters
    ----------
    frame
        What it asks of the table as a whole; its columns stand in `parts`.
    problems
        What of the frame could not be understood.
    """

    frame: pandera.DataFrameSchema
    parts: tuple[Part, ...]
    problems: tuple[str, ...] = ()

    @property
    def asks_nothing(self) -> bool:
        """Whether every table would keep to it."""
        frame = self.frame
        asked = (self.parts, self.problems, frame.checks, frame.unique, frame.strict is True, frame.ordered)
        return not any(map(bool, asked))


def rules_of(
    agreement: Agreement, table: ibis.Table, columns: Sequence[str], absent: Iterable[str] = ()
) -> Iterator[Rule]:
    """Yield every rule of a schema about `table`.

    Parameters
    ----------
    columns
        Those that the split has; `table` may have been given more.
    absent
        Columns that may be missing in this environment; where they are there, their rules hold.
    """
    named: list[str] = []
    coerced: dict[str, ibis.Value] = {}
    for part in agreement.parts:
        yield from (Settled(f"{part.name}: readable", part.name, message=problem) for problem in part.problems)
        if part.column is None:
            named += [part.name] if part.name in columns else []
            continue
        found = _columns_of(part, columns)
        named += found
        if not found and part.column.required and part.name not in set(absent):
            yield Settled(f"{part.name}: present", part.name, message=_missing(part.name, columns))
        for name in found:
            yield Settled(f"{name}: present", name)
            value, typed = coercion.typed(part.column, name, table[name], agreement.frame)
            if isinstance(typed, RowRule):
                coerced[name] = value
            yield from _of_column(part.column, name, value, typed)
    yield from _of_frame(agreement, table, columns, named, coerced)


def _columns_of(part: Part, columns: Sequence[str]) -> list[str]:
    if part.column is not None and part.column.regex:
        return [name for name in columns if re.match(part.name, name)]
    return [part.name] if part.name in columns else []


def _missing(name: str, columns: Iterable[str]) -> str:
    same = [column for column in columns if column.lower() == name.lower()]
    if same:
        return f"there is no column {name!r}, only {same[0]!r}: upper and lower case count"
    return f"there is no column {name!r}{nearest(name, columns)}"


def _of_column(asked: pandera.Column, name: str, value: ibis.Value, typed: Rule | None) -> Iterator[Rule]:
    if typed is not None:
        yield typed
    if not asked.nullable:
        yield RowRule(f"{name}: {NOT_NULL}", name, breaks=coercion.missing(value, typed))
    if asked.unique:
        alike = {name: without_nan(value)}
        yield UniqueRule(f"{name}: {UNIQUE}", name, columns=alike, spared=_spared(asked.report_duplicates))
    mistyped = isinstance(typed, Settled) and bool(typed.message)
    coerced = {name: value} if isinstance(typed, RowRule) else {}
    for check in asked.checks:
        yield _of_check(check, name, value, coerced, judged=not mistyped)


def _spared(report_duplicates: object) -> int:
    return 0 if report_duplicates in (None, "all") else 1


def _of_check(
    check: Any,  # noqa: ANN401 - a check of pandera
    name: str,
    value: ibis.Value,
    coerced: Mapping[str, ibis.Value],
    *,
    judged: bool,
) -> Rule:
    """Return a check as a rule; one that cannot be asked of the column is broken, unless its type already is."""
    rule = f"{name}: {described(check)}"
    warns = bool(check.raise_warning)
    try:
        whole = checks.of_whole_column(check, value)
        if whole is not None:
            return ColumnRule(rule, name, warns, asks=whole[0], count=whole[1])
        label = value if checks.built_in(check) == "isin" else None
        return RowRule(rule, name, warns, breaks=checks.breaks(check, value), label=label)
    except checks.NotPushed:
        return CustomRule(rule, name, warns, check=check, columns=(name,), coerced=coerced)
    except Exception as error:
        return Settled(rule, name, warns, message=told(error), judged=judged)


def described(check: Any) -> str:  # noqa: ANN401 - a check of pandera
    """Return what people call a check: what it says itself, else its name."""
    said = str(check.error or check.name or "a check of one's own")
    return said if len(said) <= 120 else said[:110] + " ...)"


def _of_frame(
    agreement: Agreement,
    table: ibis.Table,
    columns: Sequence[str],
    named: list[str],
    coerced: Mapping[str, ibis.Value],
) -> Iterator[Rule]:
    frame = agreement.frame
    yield from (Settled("schema: readable", message=problem) for problem in agreement.problems)
    if frame.strict is True:
        for name in columns:
            if name not in named:
                yield Settled(f"{name}: known", name, message=f"the schema knows no column {name!r}")
    if frame.ordered:
        wanted = [name for part in agreement.parts for name in _columns_of(part, columns)]
        yield Settled("columns in order", message=_out_of_order(wanted, columns))
    for together in _together(frame.unique):
        yield _unique_together(together, agreement, table, columns)
    for check in frame.checks or ():
        warns = bool(check.raise_warning)
        yield CustomRule(described(check), None, warns, check=check, columns=tuple(columns), coerced=coerced)


def _together(unique: Any) -> list[list[str]]:  # noqa: ANN401 - one name, some, or lists of some
    if not unique:
        return []
    if isinstance(unique, str):
        return [[unique]]
    return [list(unique)] if all(isinstance(name, str) for name in unique) else [list(names) for names in unique]


def _unique_together(together: list[str], agreement: Agreement, table: ibis.Table, columns: Sequence[str]) -> Rule:
    """Return the rule; where a column is not there it is broken, unless the rules of that column speak of it."""
    rule = f"{', '.join(together)}: {UNIQUE} together"
    lacking = [name for name in together if name not in columns]
    if lacking:
        known = {part.name for part in agreement.parts}
        return Settled(rule, message=_missing(lacking[0], columns), judged=not known.issuperset(lacking))
    alike = {name: without_nan(table[name]) for name in together}
    return UniqueRule(rule, columns=alike, spared=_spared(agreement.frame.report_duplicates))


def _out_of_order(wanted: Iterable[str], found: Iterable[str]) -> str:
    place = {name: index for index, name in enumerate(wanted)}
    known = [name for name in found if name in place]
    for before, after in pairwise(known):
        if place[before] > place[after]:
            return f"{after!r} stands behind {before!r}"
    return ""
