"""What can be seen of each column in each split: a few numbers from one query, and the counts of its values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data import reading
from pytest_mlquality.data.faults import explained

if TYPE_CHECKING:
    import ibis
    from ibis.expr.datatypes import DataType

    from pytest_mlquality.data import Table

# DESIGN: what fewer rows have in common may point at somebody.
LEAST_ROWS = 10
# Columns with more values than this are not counted value by value.
MOST_COUNTED = 1000
COUNTABLE = ("whole", "number", "text", "truth")


@dataclass(frozen=True, slots=True)
class Seen:
    """One column in one split.

    Parameters
    ----------
    missing
        Rows with NULL or NaN.
    distinct
        Different values; None where there are more than are counted and some are there twice.
    low, high
        Least and greatest finite value: never shown to people.
    infinite
        Rows with an infinite number.
    zeros, ones
        Rows with exactly 0 and 1.
    fractions
        Rows with a number that is not whole.
    shortest, longest
        Length of texts: never shown to people either.
    counts
        Rows by value, most frequent first; None where there are too many values to count.
    """

    rows: int
    missing: int = 0
    distinct: int | None = None
    low: Any = None
    high: Any = None
    infinite: int = 0
    zeros: int = 0
    ones: int = 0
    fractions: int = 0
    shortest: int | None = None
    longest: int | None = None
    counts: Mapping[Any, int] | None = None

    @property
    def present(self) -> int:
        """Rows that have a value."""
        return self.rows - self.missing


@dataclass(frozen=True, slots=True)
class Column:
    """One column in all splits that have it.

    Parameters
    ----------
    kind
        whole, number, decimal, text, truth, moment, day, or other (what nothing here describes).
    types
        Ibis type by split.
    seen
        By split.
    """

    name: str
    kind: str
    types: Mapping[str, str]
    seen: Mapping[str, Seen]

    @property
    def type(self) -> str | None:
        """The type that all splits agree on."""
        found = set(self.types.values())
        return found.pop() if len(found) == 1 else None

    @property
    def low(self) -> Any:  # noqa: ANN401 - a number or a time
        """The least value anywhere."""
        return min((seen.low for seen in self.seen.values() if seen.low is not None), default=None)

    @property
    def high(self) -> Any:  # noqa: ANN401 - a number or a time
        """The greatest value anywhere."""
        return max((seen.high for seen in self.seen.values() if seen.high is not None), default=None)

    def any(self, what: str) -> bool:
        """Return whether some split has such rows: ``missing``, ``infinite``, ``fractions``."""
        return any(getattr(seen, what) for seen in self.seen.values())

    @property
    def most_rows(self) -> int:
        """Rows with a value in the largest split; splits may share rows, so they are not added up."""
        return max(seen.present for seen in self.seen.values())


def kind_of(type_: DataType) -> str:
    """Return what of a column can be described."""
    kinds = {
        "truth": type_.is_boolean(),
        "whole": type_.is_integer(),
        "number": type_.is_floating(),
        "decimal": type_.is_decimal(),
        "text": type_.is_string(),
        "moment": type_.is_timestamp(),
        "day": type_.is_date(),
    }
    return next((kind for kind, fits in kinds.items() if fits), "other")


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
        for name, value in table.aggregates(asked).items():
            found[name][what] = value
    seen = {name: _seen(table.rows, facts) for name, facts in found.items()}
    frame = some.frame(some.columns)
    distinct = {name: (frame[name].nunique(), frame[name].count()) for name in some.columns}
    few = [name for name, (values, _) in distinct.items() if values <= MOST_COUNTED and kinds[name] in COUNTABLE]
    counted = {name: _counted(table, name, kinds[name], seen[name]) for name in few if not seen[name].fractions}
    alike = [name for name, (values, rows) in distinct.items() if kinds[name] in ("whole", "text") and values == rows]
    exact = _exact(table, [name for name in alike if counted.get(name, seen[name]).distinct is None])
    return {name: counted.get(name) or replace(seen[name], distinct=exact.get(name)) for name in kinds}


def kinds_of(table: Table) -> dict[str, str]:
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


def finite(column: ibis.Value, kind: str) -> ibis.Value:
    """Return a column of numbers without what is missing or infinite; decimals as binary fractions."""
    if kind == "decimal":
        return column.cast("float64")
    if kind == "number":
        return (column.isnan() | column.isinf()).ifelse(None, column)
    return column


NUMBERS = ("whole", "number", "decimal")
ORDERED = (*NUMBERS, "moment", "day")
ASKED_OF = {
    "missing": (*ORDERED, "text", "truth", "other"),
    "low": ORDERED,
    "high": ORDERED,
    "zeros": NUMBERS,
    "ones": NUMBERS,
    "infinite": ("number",),
    "fractions": ("number",),
    "shortest": ("text",),
    "longest": ("text",),
}
QUESTIONS: dict[str, Callable[[ibis.Table, str, str], ibis.Value]] = {
    "missing": lambda table, name, _: reading.missing(table, name),
    "low": lambda table, name, kind: finite(table[name], kind).min(),
    "high": lambda table, name, kind: finite(table[name], kind).max(),
    "zeros": lambda table, name, _: table.count(where=table[name] == 0),
    "ones": lambda table, name, _: table.count(where=table[name] == 1),
    "infinite": lambda table, name, _: table.count(where=table[name].isinf()),
    "fractions": lambda table, name, kind: table.count(where=_is_fraction(finite(table[name], kind))),
    "shortest": lambda table, name, _: table[name].length().min(),
    "longest": lambda table, name, _: table[name].length().max(),
}


def _is_fraction(value: ibis.Value) -> ibis.Value:
    # Not floor(), which is a whole number of 64 bits to Ibis.
    return value % 1 != 0


def _seen(rows: int, facts: Mapping[str, Any]) -> Seen:
    counts = ("missing", "infinite", "zeros", "ones", "fractions")
    plain: dict[str, Any] = {what: int(value or 0) if what in counts else value for what, value in facts.items()}
    return Seen(rows, **plain)


def _exact(table: Table, names: list[str]) -> dict[str, int]:
    answer = table.aggregates({name: table.expression[name].nunique() for name in names})
    return {name: int(value or 0) for name, value in answer.items()}


def _counted(table: Table, name: str, kind: str, seen: Seen) -> Seen:
    rows = value_counts(table, name, kind, MOST_COUNTED + 1)
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
