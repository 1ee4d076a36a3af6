"""A profile is made: kinds of columns, their bins, and one count of everything."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_mlquality.data import column_names
from pytest_mlquality.data.profiles.bins import chosen, taken
from pytest_mlquality.data.profiles.counting import counted
from pytest_mlquality.data.profiles.kinds import Kind, kind_of
from pytest_mlquality.data.profiles.profile import Profile
from pytest_mlquality.data.table import Table


def profile(
    table: Table,
    columns: Sequence[str] | None = None,
    *,
    like: Profile | None = None,
    unit: str | None = None,
    seed: int = 0,
) -> Profile:
    """Return the profile of a table.

    Parameters
    ----------
    columns
        Which columns; by default those of `like`, else all.
    like
        The reference, whose bins are taken. A column of another kind is told as its `mismatch`, one that is missing
        here or there in `unprofiled`. Without it bins are chosen from a sample of at most 100,000 rows.
    unit
        Column of units whose rows are not independent of each other; it makes `effective_rows`.
    seed
        Of the samples.

    Raises
    ------
    DataError
        The table cannot be read; without `like`, it lacks a column that was asked for.
    """
    asked = _asked(table, columns, like)
    kinds, unprofiled = _kinds(table, asked, like)
    bins = taken(table, kinds, like, seed) if like is not None else chosen(table, kinds, seed)
    return Profile(
        table.rows,
        effective_rows(table, unit),
        counted(table, {name: bins[name] for name in kinds}),
        unprofiled,
    )


def _asked(table: Table, columns: Sequence[str] | None, like: Profile | None) -> list[str]:
    if like is not None:
        return list(dict.fromkeys(columns if columns is not None else [*like.columns, *table.columns]))
    return column_names.require(columns if columns is not None else table.columns, table.columns, f"data.{table.name}")


def _kinds(table: Table, asked: list[str], like: Profile | None) -> tuple[dict[str, Kind], dict[str, str]]:
    schema = table.expression.schema()
    kinds: dict[str, Kind] = {}
    unprofiled: dict[str, str] = {}
    for name in asked:
        kind = kind_of(schema[name]) if name in schema else None
        if name not in schema:
            unprofiled[name] = "the table has no such column"
        elif kind is None:
            unprofiled[name] = f"a column of {table.schema[name]} has no profile"
        elif like is not None and name not in like.columns:
            unprofiled[name] = "the reference has no profile of it"
        else:
            kinds[name] = kind
    return kinds, unprofiled


def effective_rows(table: Table, unit: str | None) -> float:
    """Return ``rows ** 2`` over the sum of squares of the units' rows (Kish 1965); a row without a unit is one."""
    if unit is None:
        return float(table.rows)
    [name] = column_names.require([unit], table.columns, f"data.{table.name}")
    rows = table.expression.select(mlq_unit=table.expression[name])
    units = rows.filter(rows.mlq_unit.notnull()).group_by("mlq_unit").aggregate(mlq_rows=lambda some: some.count())
    n = units.mlq_rows.cast("float64")
    answer = table.aggregates({"rows": units.mlq_rows.sum(), "squares": (n * n).sum()}, of=units)
    squares = float(answer["squares"] or 0) + table.rows - int(answer["rows"] or 0)
    return table.rows**2 / squares if squares else 0.0
