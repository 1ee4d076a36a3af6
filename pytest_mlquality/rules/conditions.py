"""Rules across columns and tables: SQL conditions of the settings, and values that another table lists."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from pytest_mlquality.data.column_names import own_name
from pytest_mlquality.data.faults import explained
from pytest_mlquality.data.nan import without_nan
from pytest_mlquality.errors import DataError, MLQualityError, nearest
from pytest_mlquality.rules.answering import filled, only_label, undecided
from pytest_mlquality.rules.rule import ConditionRule, RowRule, Rule, Settled

if TYPE_CHECKING:
    from collections.abc import Callable

    import ibis

    from pytest_mlquality.data import Table

# Values that are carried from one engine to another.
MOST_VALUES = 100_000


def with_rules(table: Table, conditions: Mapping[str, str], absent: Collection[str] = ()) -> tuple[Table, list[Rule]]:
    """Return the table with a column for each SQL condition, and the rules that these be true.

    A condition that is none on this table breaks its rule, and no other.

    Parameters
    ----------
    absent
        Columns that may be missing: what is said about one that is, is not asked.
    """
    lacking = [name for name in absent if name not in table.columns]
    sound: dict[str, str] = {}
    rules: list[Rule] = []
    for name, condition in conditions.items():
        try:
            table.require_condition(condition)
            if problem := undecided(table, condition):
                rules.append(Settled(name, message=problem))
            else:
                sound[name] = condition
        except DataError as error:
            missing = next((column for column in lacking if re.search(rf"\b{re.escape(column)}\b", condition)), None)
            message = f"{missing!r} may be missing here" if missing else error.message
            rules.append(Settled(name, message=message, judged=missing is None))
    if not sound:
        return table, rules
    stem = own_name("mlq_condition_", table.columns)
    columns = {f"{stem}{place}": condition for place, condition in enumerate(sound.values())}
    widened = table.with_conditions(columns)
    for (name, condition), column in zip(sound.items(), columns, strict=True):
        holds = widened.expression[column]
        full = filled(table, condition, widened.expression)
        label = only_label(table, condition, widened.expression)
        breaks = ~holds.fill_null(True)
        rules.append(ConditionRule(name, breaks=breaks, answers=holds.notnull(), filled=full, label=label))
    return widened, rules


def of_references(
    table: Table,
    expression: ibis.Table,
    references: Mapping[str, Callable[[], tuple[Table, str]]],
    absent: Collection[str] = (),
) -> Iterator[Rule]:
    """Yield a rule for each column whose values another table lists; a missing value breaks none.

    Parameters
    ----------
    references
        By column, what opens the table and names its column.
    """
    for name, opened in references.items():
        rule = f"{name}: listed"
        if name not in table.columns:
            may_be = name in absent
            message = "may be missing here" if may_be else f"there is no column {name!r}{nearest(name, table.columns)}"
            yield Settled(rule, name, message=message, judged=not may_be)
            continue
        try:
            listing, column = opened()
            with explained(f"schema.references.{name}: {listing.source} cannot be compared", "are the types alike?"):
                known = _known_values(expression[name], listing, column)
                value = without_nan(expression[name])
        except MLQualityError as error:
            yield Settled(rule, name, message=error.message)
            continue
        yield RowRule(rule, name, breaks=value.notnull() & ~known.fill_null(False), label=value)


def with_listings(table: Table, listings: Iterable[Table]) -> Table:
    """Return the table with what its engine must know to stream rows that are compared with listings."""
    registered = table.origin.registered
    if registered is None:
        return table
    for listing in listings:
        registered = {**registered, **(listing.origin.registered or {})}
    return table.with_registered(registered)


def _of_one_type(value: ibis.Value, listed: ibis.Value, where: str) -> tuple[ibis.Value, ibis.Value]:
    """Return values and listed ones without NaN, floating ones in the precision of the narrower.

    Raises
    ------
    DataError
        If only one of the two is text: the engine would compare none, or take the one for the other.
    """
    types = value.type().copy(nullable=True), listed.type().copy(nullable=True)
    if len({type_.is_string() for type_ in types}) > 1:
        raise DataError(
            f"schema.references: {value.get_name()!r} is {types[0]} and {where} is {types[1]}", "store both in one type"
        )
    if types[0] != types[1] and all(type_.is_floating() for type_ in types):
        value, listed = (one.cast("float32") for one in (value, listed))
    return without_nan(value), without_nan(listed)


def _known_values(value: ibis.Value, listing: Table, column: str) -> ibis.BooleanValue:
    if column not in listing.columns:
        raise DataError(
            f"schema.references: {listing.source} has no column {column!r}{nearest(column, listing.columns)}",
            "name its column: { source = ..., column = ... }",
        )
    value, written = _of_one_type(value, listing.expression[column], f"{column!r} of {listing.source}")
    listed = listing.expression.select(**{column: written})
    values = listed.filter(listed[column].notnull()).distinct()
    if listing.expression.get_backend() is value.get_backend():
        among: ibis.BooleanValue = value.isin(values[column])
        return among
    plain = listing.aggregates({"values": values[column].nunique()}, of=values)["values"]
    if plain > MOST_VALUES:
        raise DataError(
            f"schema.references: {listing.source} lists {plain:,} values, which stand in another engine",
            f"put it into the same engine; up to {MOST_VALUES:,} values are carried over",
        )
    carried: ibis.BooleanValue = value.isin(values.to_pyarrow()[column].to_pylist())
    return carried
