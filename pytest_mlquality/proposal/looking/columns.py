"""What can be seen of each column in each split: a few numbers from one query, and the counts of its values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data import reading
from pytest_mlquality.data.faults import explained
from pytest_mlquality.data.kinds import NUMBERS, TIMES, Kind, kind_of
from pytest_mlquality.data.nan import is_infinite
from pytest_mlquality.errors import DataError
from pytest_mlquality.proposal.looking.asking import answers, engine_of, finite
from pytest_mlquality.proposal.looking.seen import Column, Seen

if TYPE_CHECKING:
    import ibis
    import pandas as pd

    from pytest_mlquality.data import Table

# Columns with more values than this are not counted value by value.
MOST_COUNTED = 1000
UNANSWERED = object()
COUNTABLE: tuple[Kind, ...] = (*NUMBERS, "text", "truth")


def look_at(table: Table, some: Table) -> dict[str, Seen]:
    """Return what a split shows of each column, in the order of the source.

    Parameters
    ----------
    some
        A sample of its rows, from which it is seen what is worth counting.
    """
    kinds = kinds_of(table)
    found: dict[str, dict[str, Any]] = {name: {} for name in kinds}
    # A query for each question: DuckDB answers them all in one query at half the speed.
    for what, ask in QUESTIONS.items():
        asked = {name: ask(table.expression, name, kind) for name, kind in kinds.items() if kind in ASKED_OF[what]}
        answered = answers(table, asked)
        for name in asked:
            found[name][what] = answered.get(name, UNANSWERED)
    seen = {name: _seen(table.rows, facts) for name, facts in found.items()}
    frame = some.frame(some.columns)
    sampled = {name: int(frame[name].nunique()) for name in some.columns}
    few = [name for name, values in sampled.items() if values <= MOST_COUNTED and kinds[name] in COUNTABLE]
    whole = some.rows == table.rows
    counting = some if whole else table
    seen |= {name: _counted(counting, name, kinds[name], seen[name]) for name in few if not seen[name].fractions}
    distinct = sampled if whole else _exact(table, _all_unlike(frame, kinds, seen))
    return {
        name: each
        if each.counts is not None
        else replace(each, distinct=distinct.get(name), sampled=sampled.get(name, 0))
        for name, each in seen.items()
    }


def _all_unlike(frame: pd.DataFrame, kinds: Mapping[str, Kind], seen: Mapping[str, Seen]) -> list[str]:
    """Return the columns that have no value twice in a sample: they may identify a row."""
    unlike = [name for name in frame.columns if frame[name].nunique() == frame[name].count()]
    return [name for name in unlike if kinds[name] in ("whole", "text") and seen[name].counts is None]


def kinds_of(table: Table) -> dict[str, Kind]:
    """Return the kind of each column."""
    return {name: kind_of(type_) for name, type_ in table.expression.schema().items()}


def together(tables: Mapping[str, Table], seen: Mapping[str, Mapping[str, Seen]]) -> list[Column]:
    """Return each column over all splits."""
    names = dict.fromkeys(name for table in tables.values() for name in table.columns)
    kinds = {split: kinds_of(table) for split, table in tables.items()}
    columns = []
    for name in names:
        having = [split for split, table in tables.items() if name in table.columns]
        found = {kinds[split][name] for split in having}
        columns.append(
            Column(
                name,
                found.pop() if len(found) == 1 else "other",
                {split: tables[split].schema[name] for split in having},
                {split: seen[split][name] for split in having},
            )
        )
    return columns


ORDERED = (*NUMBERS, *TIMES)
ASKED_OF = {
    "missing": (*ORDERED, "text", "truth", "other"),
    "low": ORDERED,
    "high": ORDERED,
    "zeros": NUMBERS,
    "ones": NUMBERS,
    "infinite": ("number",),
    "fractions": ("number", "decimal"),
    "shortest": ("text",),
    "longest": ("text",),
}
QUESTIONS: dict[str, Callable[[ibis.Table, str, str], ibis.Value]] = {
    "missing": lambda table, name, _: reading.missing(table, name),
    "low": lambda table, name, kind: finite(table[name], kind).min(),
    "high": lambda table, name, kind: finite(table[name], kind).max(),
    "zeros": lambda table, name, _: table.count(where=table[name] == 0),
    "ones": lambda table, name, _: table.count(where=table[name] == 1),
    "infinite": lambda table, name, _: table.count(where=is_infinite(table[name])),
    "fractions": lambda table, name, kind: table.count(where=_is_fraction(finite(table[name], kind))),
    "shortest": lambda table, name, _: table[name].length().min(),
    "longest": lambda table, name, _: table[name].length().max(),
}


def _is_fraction(value: ibis.Value) -> ibis.Value:
    # Not floor(), which is a whole number of 64 bits to Ibis.
    return value % 1 != 0


def _seen(rows: int, facts: Mapping[str, Any]) -> Seen:
    counts = ("missing", "infinite", "zeros", "ones", "fractions")
    answered = {what: value for what, value in facts.items() if value is not UNANSWERED}
    plain: dict[str, Any] = {what: int(value or 0) if what in counts else value for what, value in answered.items()}
    return Seen(rows, **plain, unanswered=tuple(what for what in facts if what not in answered))


def _exact(table: Table, names: list[str]) -> dict[str, int]:
    answer = answers(table, {name: table.expression[name].nunique() for name in names})
    return {name: int(value or 0) for name, value in answer.items()}


def _counted(table: Table, name: str, kind: str, seen: Seen) -> Seen:
    try:
        rows = value_counts(table, name, kind, MOST_COUNTED + 1)
    except DataError:
        if engine_of(table) is None:
            raise
        return replace(seen, unanswered=(*seen.unanswered, "counts"))
    return replace(seen, counts=dict(rows), distinct=len(rows)) if len(rows) <= MOST_COUNTED else seen


def value_counts(table: Table, name: str, kind: str, most: int) -> list[tuple[Any, int]]:
    """Return the most frequent values with their rows; of numbers, the finite ones."""
    import ibis

    value = finite(table.expression[name], kind)
    grouped = (
        table.expression.select(mlq_value=value)
        .filter(ibis._.mlq_value.notnull())
        .group_by("mlq_value")
        .aggregate(mlq_rows=ibis._.count())
        .order_by([ibis.desc("mlq_rows"), "mlq_value"])
        .limit(most)
    )
    with explained(f"data.{table.name}: the values of {name!r} cannot be counted", "is the source complete?"):
        rows = grouped.to_pyarrow().to_pylist()
    return [(row["mlq_value"], row["mlq_rows"]) for row in rows]
