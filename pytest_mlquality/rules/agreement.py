"""A schema of pandera read as rules about one table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pytest_mlquality.errors import nearest
from pytest_mlquality.rules import checks, types
from pytest_mlquality.rules.rule import ColumnRule, CustomRule, RowRule, Rule, Settled, UniqueRule

if TYPE_CHECKING:
    import ibis
    import pandera.pandas as pandera
    from ibis.expr.datatypes import DataType

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
            yield from _of_column(part.column, name, table, agreement.frame.dtype)
    yield from _of_frame(agreement, table, columns, named)


def _columns_of(part: Part, columns: Sequence[str]) -> list[str]:
    if part.column is not None and part.column.regex:
        return [name for name in columns if re.match(part.name, name)]
    return [part.name] if part.name in columns else []


def _missing(name: str, columns: Iterable[str]) -> str:
    same = [column for column in columns if column.lower() == name.lower()]
    if same:
        return f"there is no column {name!r}, only {same[0]!r}: upper and lower case count"
    return f"there is no column {name!r}{nearest(name, columns)}"


def _of_column(asked: pandera.Column, name: str, table: ibis.Table, dtype_of_all: object) -> Iterator[Rule]:
    wanted, problem = _wanted(asked.dtype or dtype_of_all)
    value = table[name]
    if problem:
        yield Settled(f"{name}: type", name, message=problem)
    elif wanted is not None:
        if asked.coerce:
            value, broken = _coerced(value, wanted)
            yield broken(f"{name}: reads as {wanted}", name)
        else:
            message = "" if types.fits(value.type(), wanted) else f"is {_named(value.type())}, not {wanted}"
            yield Settled(f"{name}: {wanted}", name, message=message)
    if not asked.nullable:
        yield RowRule(f"{name}: {NOT_NULL}", name, breaks=_is_missing(value))
    if asked.unique:
        yield UniqueRule(f"{name}: {UNIQUE}", name, columns={name: value}, spared=_spared(asked.report_duplicates))
    for check in asked.checks:
        yield _of_check(check, name, value)


def _wanted(dtype: object) -> tuple[DataType | None, str]:
    if dtype is None:
        return None, ""
    try:
        return types.ibis_type(str(dtype)), ""
    except ValueError as error:
        return None, str(error)


def _coerced(value: ibis.Value, wanted: DataType) -> tuple[ibis.Value, Any]:
    """Return a column as another type, and the rule that every value can be read as it."""
    if value.type().copy(nullable=True) == wanted:
        return value, lambda rule, name: Settled(rule, name)
    cast = value.try_cast(wanted)
    return cast, lambda rule, name: RowRule(rule, name, breaks=value.notnull() & cast.isnull())


def _named(type_: DataType) -> str:
    return str(type_.copy(nullable=True))


def _is_missing(value: ibis.Value) -> ibis.BooleanValue:
    """Return whether a value is NULL or NaN, which pandas and pandera do not tell apart."""
    missing: ibis.BooleanValue = value.isnull()
    return missing | value.isnan().fill_null(False) if value.type().is_floating() else missing


def _spared(report_duplicates: object) -> int:
    return 0 if report_duplicates in (None, "all") else 1


def _of_check(check: Any, name: str, value: ibis.Value) -> Rule:  # noqa: ANN401 - a check of pandera
    rule = f"{name}: {described(check)}"
    warns = bool(check.raise_warning)
    try:
        whole = checks.of_whole_column(check, value)
        if whole is not None:
            return ColumnRule(rule, name, warns, asks=whole[0], count=whole[1])
        kept = checks.holds(check, value)
    except checks.NotPushed:
        return CustomRule(rule, name, warns, check=check, columns=(name,))
    except TypeError as error:
        return Settled(rule, name, warns, message=str(error), judged=False)
    broken = ~kept.fill_null(False)
    if check.ignore_na:
        broken = broken & ~_is_missing(value)
    elif value.type().is_floating():
        broken = broken | value.isnan().fill_null(False)
    return RowRule(rule, name, warns, breaks=broken)


def described(check: Any) -> str:  # noqa: ANN401 - a check of pandera
    """Return what people call a check: what it says itself, else its name."""
    said = str(check.error or check.name or "a check of one's own")
    return said if len(said) <= 120 else said[:110] + " ...)"


def _of_frame(agreement: Agreement, table: ibis.Table, columns: Sequence[str], named: list[str]) -> Iterator[Rule]:
    frame = agreement.frame
    yield from (Settled("schema: readable", message=problem) for problem in agreement.problems)
    if frame.strict is True:
        for name in columns:
            if name not in named:
                yield Settled(f"{name}: known", name, message=f"the schema knows no column {name!r}")
    if frame.ordered:
        yield Settled("columns in order", message=_out_of_order([part.name for part in agreement.parts], columns))
    if frame.unique:
        together = [frame.unique] if isinstance(frame.unique, str) else list(frame.unique)
        lacking = [name for name in together if name not in columns]
        rule = f"{', '.join(together)}: {UNIQUE} together"
        if lacking:
            yield Settled(rule, message=f"there is no column {lacking[0]!r}", judged=False)
        else:
            asked = {name: table[name] for name in together}
            yield UniqueRule(rule, columns=asked, spared=_spared(frame.report_duplicates))
    for check in frame.checks or ():
        yield CustomRule(described(check), None, bool(check.raise_warning), check=check, columns=tuple(columns))


def _out_of_order(wanted: Iterable[str], found: Iterable[str]) -> str:
    place = {name: index for index, name in enumerate(wanted)}
    known = [name for name in found if name in place]
    for before, after in pairwise(known):
        if place[before] > place[after]:
            return f"{after!r} stands behind {before!r}"
    return ""
