"""Queries in the SQL of an engine on an Ibis table, without a view: a user who may only read cannot make one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis


def view(table: ibis.Table, columns: str, schema: ibis.Schema, having: str = "") -> ibis.Table:
    """Return columns of the rows of `table`, both as written in SQL: ``SELECT columns FROM table having``."""
    from ibis.expr import operations
    from ibis.util import gen_name

    name = gen_name("split")
    seen: ibis.Table = operations.SQLStringView(
        parent=table.alias(name).op(), query=f"SELECT {columns} FROM {name}{having}", schema=schema
    ).to_expr()
    return seen


def kinds(table: ibis.Table, expressions: Sequence[str]) -> list[str] | None:
    """Return the types of expressions in the engine's words, and read no row; None where the engine does not say."""
    import ibis

    backend = table.get_backend()
    if backend.name != "duckdb":
        return None
    # The line breaks keep a comment at the end of an expression from swallowing the bracket.
    columns = {f"c{place}": f"(\n{expression}\n) AS c{place}" for place, expression in enumerate(expressions)}
    asked = view(table, ", ".join(columns.values()), ibis.schema(dict.fromkeys(columns, "boolean")))
    answers = backend.con.execute(f"DESCRIBE {backend.compile(asked)}").fetchall()
    return [str(answer[1]).strip('"') for answer in answers]
