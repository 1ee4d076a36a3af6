"""SQL conditions of the settings (``filter``, rules) on an Ibis table of any backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pytest_mlquality.data import condition_parts
from pytest_mlquality.data.null_for_nan import NullForNan
from pytest_mlquality.data.sql_view import kinds, view

if TYPE_CHECKING:
    import ibis
    from sqlglot.expressions import Expr


def holding(table: ibis.Table, predicate: str) -> ibis.Table:
    """Return the rows of `table` for which `predicate` holds.

    The columns are those of `table`, so the engine need not be asked for them: Ibis's own ``Table.sql`` does, by
    creating a view, which a user who may only read cannot.

    Raises
    ------
    Reason
        If `predicate` is not one expression over the columns of a row.
    """
    tree = parsed(table, predicate)
    condition_parts.require_one_row(table.get_backend(), predicate)
    seen = NullForNan.of(table, [tree])
    # The line breaks keep a comment at the end of the condition from swallowing the bracket.
    having = f" WHERE (\n{seen.condition(predicate)}\n)"
    return seen.given_back(view(seen.rows, "*", seen.rows.schema(), having))


def with_conditions(table: ibis.Table, conditions: Mapping[str, str]) -> ibis.Table:
    """Return `table` with a boolean column for each condition, which `holding` has accepted, by its name."""
    import ibis

    seen = NullForNan.of(table, [parsed(table, condition) for condition in conditions.values()])
    asked = {name: seen.condition(condition) for name, condition in conditions.items()}
    columns = "".join(f", CAST((\n{condition}\n) AS BOOLEAN) AS {name}" for name, condition in asked.items())
    schema = ibis.schema({**dict(seen.rows.schema()), **dict.fromkeys(conditions, "boolean")})
    return seen.given_back(view(seen.rows, f"*{columns}", schema), *conditions)


def parsed(table: ibis.Table, predicate: str) -> Expr:
    """Return the tree of a condition in the dialect of the engine; see ``condition_parts.parsed``."""
    return condition_parts.parsed(predicate, getattr(table.get_backend(), "dialect", None))


def kind_of(table: ibis.Table, condition: str) -> str | None:
    """Return the type of a condition in the engine's words, and read no row; None where the engine does not say."""
    found = kinds(table, [condition])
    return found[0] if found is not None else None
