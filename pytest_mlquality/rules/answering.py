"""Whether a condition of SQL decides anything: null is kept, so one that is always null would hold in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlquality.data.condition import kind_of, parsed
from pytest_mlquality.data.nan import is_missing

if TYPE_CHECKING:
    import ibis
    from sqlglot.expressions import Expr

    from pytest_mlquality.data import Table

_HOW = "write a comparison that is true or false"


def undecided(table: Table, condition: str) -> str:
    """Return why a condition decides nothing although the engine takes it; empty where it may decide."""
    from sqlglot.expressions import Between, Binary, In, Predicate

    tree = parsed(table.expression, condition)
    for node in tree.find_all(Between, Binary, In):
        if isinstance(node, Predicate) and node.key not in _KNOWS_NULL and any(map(_is_null, _operands(node))):
            return "compares with NULL, which is neither true nor false: write IS NULL or IS NOT NULL"
    kind = kind_of(table.expression, condition) or _kind_without_engine(tree, table)
    return f"is {kind}, neither true nor false: {_HOW}" if kind and kind != "BOOLEAN" else ""


def filled(table: Table, condition: str, expression: ibis.Table) -> ibis.BooleanValue:
    """Return whether a row has a value in every column that a condition names."""
    import ibis

    # Of a condition that names none, such as now() > '2026-01-01', a column too: whether a value is missing is known.
    missing = [is_missing(expression[name]) for name in _named(table, condition)]
    every: ibis.BooleanValue = ~ibis.or_(*missing) if missing else expression[0].isnull().notnull()
    return every


def only_label(table: Table, condition: str, expression: ibis.Table) -> ibis.Value | None:
    """Return the column of labels that a condition is about; None where it is about others or several."""
    named = _named(table, condition)
    return expression[named[0]] if len(named) == 1 and expression[named[0]].type().is_string() else None


def _named(table: Table, condition: str) -> list[str]:
    """Return the columns that a condition names."""
    from sqlglot.expressions import Column

    named = {column.name.lower() for column in parsed(table.expression, condition).find_all(Column)}
    return [name for name in table.columns if name.lower() in named]


# IS and its kin are made for NULL.
_KNOWS_NULL = ("is", "nullsafeeq", "nullsafeneq")


def _operands(node: Expr) -> list[Expr]:
    found = [node.args.get(name) for name in ("this", "expression", "low", "high")]
    return [operand for operand in (*found, *node.args.get("expressions", ())) if operand is not None]


def _is_null(node: Expr) -> bool:
    from sqlglot.expressions import Cast, Null, Paren

    while isinstance(node, Cast | Paren):
        node = node.this
    return isinstance(node, Null)


def _kind_without_engine(tree: Expr, table: Table) -> str:
    """Return what a condition is that is no truth whatever the engine makes of it; empty where nobody can say."""
    from sqlglot.expressions import Add, Column, Div, Literal, Mod, Mul, Neg, Null, Sub

    tree = tree.unnest()
    if isinstance(tree, Add | Sub | Mul | Div | Mod | Neg):
        return "a number"
    if isinstance(tree, Literal | Null):
        return "a value"
    kind = table.schema.get(tree.name, "boolean") if isinstance(tree, Column) else "boolean"
    return "" if kind == "boolean" else kind
