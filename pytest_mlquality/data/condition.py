"""SQL conditions of the settings (``filter``, rules) on an Ibis table of any backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis
    from sqlglot.expressions import Expr


def holding(table: ibis.Table, predicate: str) -> ibis.Table:
    """Return the rows of `table` for which `predicate` holds; ValueError where it is not one condition.

    The columns are those of `table`, so the engine need not be asked for them: Ibis's own ``Table.sql`` does, by
    creating a view, which a user who may only read cannot.
    """
    import sqlglot

    tree = parsed(table, predicate)
    if not isinstance(tree, sqlglot.expressions.Condition):
        raise ValueError(f"it is a {type(tree).__name__.lower()} statement")
    # The line breaks keep a comment at the end of the condition from swallowing the bracket.
    return _view(table, f"SELECT * FROM {{name}} WHERE (\n{predicate}\n)", table.schema())


def with_conditions(table: ibis.Table, conditions: Mapping[str, str]) -> ibis.Table:
    """Return `table` with a boolean column for each condition, which `holding` has accepted, by its name."""
    import ibis

    columns = "".join(f", CAST((\n{condition}\n) AS BOOLEAN) AS {name}" for name, condition in conditions.items())
    schema = ibis.schema({**dict(table.schema()), **dict.fromkeys(conditions, "boolean")})
    return _view(table, f"SELECT *{columns} FROM {{name}}", schema)


def _view(table: ibis.Table, query: str, schema: ibis.Schema) -> ibis.Table:
    from ibis.expr import operations
    from ibis.util import gen_name

    name = gen_name("split")
    view: ibis.Table = operations.SQLStringView(
        parent=table.alias(name).op(), query=query.replace("{name}", name), schema=schema
    ).to_expr()
    return view


def parsed(table: ibis.Table, predicate: str) -> Expr:
    """Return the tree of a condition in the dialect of the engine."""
    import sqlglot

    tree: Expr = sqlglot.parse_one(predicate, read=getattr(table.get_backend(), "dialect", None))
    return tree


def kind_of(table: ibis.Table, condition: str) -> str | None:
    """Return the type of a condition in the engine's words, and read no row; None where the engine does not say."""
    import ibis

    backend = table.get_backend()
    if backend.name != "duckdb":
        return None
    asked = _view(table, f"SELECT (\n{condition}\n) AS answer FROM {{name}}", ibis.schema({"answer": "boolean"}))
    [answer] = backend.con.execute(f"DESCRIBE {backend.compile(asked)}").fetchall()
    return str(answer[1]).strip('"')
