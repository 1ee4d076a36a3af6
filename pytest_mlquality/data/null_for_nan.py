"""NaN in conditions that people write: no value, as it is everywhere else, though engines sort it above all numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.column_names import replaced
from pytest_mlquality.data.nan import may_be_nan, without_nan
from pytest_mlquality.data.sql_view import kinds

if TYPE_CHECKING:
    import ibis
    from sqlglot.expressions import Column, Expr

# What asks for NaN by name is told of it.
_ASKS = ("isnan", "isfinite", "isinf", "is_nan", "is_finite", "is_infinite")
_FLOATING = ("DOUBLE", "FLOAT")


@dataclass(frozen=True, slots=True)
class NullForNan:
    """Rows as conditions see them.

    Parameters
    ----------
    rows
        The rows with NULL for NaN in every floating column that a condition names, and behind them what stands there,
        under other names.
    columns
        The names of all columns, as they were.
    kept
        Those other names, by column.
    """

    rows: ibis.Table
    columns: tuple[str, ...]
    kept: Mapping[str, str]

    @classmethod
    def of(cls, table: ibis.Table, trees: Iterable[Expr]) -> NullForNan:
        """Return the rows of `table` as conditions of these trees see them: the same where they name no such column."""
        from ibis.util import gen_name

        named = set().union(*map(_named, trees))
        floating = [
            name for name in table.columns if ("*" in named or name.casefold() in named) and may_be_nan(table[name])
        ]
        kept = {name: gen_name("held") for name in floating}
        if not kept:
            return cls(table, tuple(table.columns), kept)
        held = {other: table[name] for name, other in kept.items()}
        values = {name: without_nan(table[name]) for name in kept} | held
        return cls(replaced(table, values), tuple(table.columns), kept)

    def condition(self, written: str) -> str:
        """Return a condition as `rows` can be asked it.

        What asks for NaN by name asks the values as they are. What becomes NaN only by computing, as 0.0 / 0.0, is NULL
        too where the engine says which parts of a condition are floating; else it stays as it is written.
        """
        import sqlglot

        dialect = getattr(self.rows.get_backend(), "dialect", None)
        others = {name.casefold(): other for name, other in self.kept.items()}
        asking = {id(column): column for node in _asking(_tree(written, dialect)) for column in _columns(node)}
        asked = [column.this for column in asking.values() if column.name.casefold() in others]
        # From the end, so that the places before it stay what they are.
        for name in sorted(asked, key=lambda name: -name.meta["start"]):
            start, end = name.meta["start"], name.meta["end"] + 1
            written = f"{written[:start]}{others[name.this.casefold()]}{written[end:]}"
        tree = _tree(written, dialect)
        computed = list(_computed(tree))
        types = _types(self.rows, [node.sql(dialect=dialect) for node in computed])
        floating = [node for node, type_ in zip(computed, types, strict=True) if type_ in _FLOATING]
        # The innermost first: what stands around it then has it within.
        for node in reversed(floating):
            if node.parent is None:
                continue
            node.replace(sqlglot.parse_one(f"NULLIF({node.sql(dialect=dialect)}, 'nan'::DOUBLE)", read=dialect))
        return tree.sql(dialect=dialect) if floating else written

    def given_back(self, answered: ibis.Table, *more: str) -> ibis.Table:
        """Return the answer of a query on `rows` with the values as they were, and columns that the query added."""
        if not self.kept:
            return answered
        return answered.select([answered[self.kept.get(name, name)].name(name) for name in (*self.columns, *more)])


def _tree(written: str, dialect: Any) -> Expr:  # noqa: ANN401 - the name of a dialect, or its class
    import sqlglot

    tree: Expr = sqlglot.parse_one(written, read=dialect)
    return tree


def _columns(node: Expr) -> Iterator[Column]:
    from sqlglot.expressions import Column

    yield from node.find_all(Column)


def _named(tree: Expr) -> set[str]:
    """Return the names of the columns of a condition, in lower case; a star for all of them."""
    from sqlglot.expressions import Star

    # Of `s.x` either part may be the column.
    return {part.name.casefold() for column in _columns(tree) for part in column.parts} | (
        {"*"} if tree.find(Star) else set()
    )


def _asking(tree: Expr) -> Iterator[Expr]:
    """Yield the parts of a condition that ask for NaN by name."""
    from sqlglot.expressions import EQ, NEQ, Anonymous, Func, NullSafeEQ, NullSafeNEQ

    for called in tree.find_all(Func, Anonymous):
        if called.key in _ASKS or called.name.casefold() in _ASKS:
            yield called
    for compared in tree.find_all(EQ, NEQ, NullSafeEQ, NullSafeNEQ):
        if _is_nan(compared.this) or _is_nan(compared.expression):
            yield compared


def _is_nan(node: Expr) -> bool:
    """Whether a part of a condition is NaN written out, as ``'NaN'::double``."""
    from sqlglot.expressions import Cast, Literal, Paren

    while isinstance(node, Cast | Paren):
        node = node.this
    return isinstance(node, Literal) and node.is_string and node.name.casefold() == "nan"


def _computed(tree: Expr) -> Iterator[Expr]:
    """Yield the parts of a condition that may be NaN though no column is, the outermost first.

    Sums, differences and products are NaN only of what is infinite. In queries and functions within a condition names
    may mean something else.
    """
    from sqlglot import expressions as sql

    makers = (sql.Div, sql.Mod, sql.Pow, sql.Cast, sql.Func, sql.Dot, sql.Bracket)
    told = {id(part) for node in _asking(tree) for part in node.walk()}
    for node in tree.walk():
        makes = isinstance(node, makers) and not isinstance(node, sql.Predicate | sql.Connector)
        if not makes and not (isinstance(node, sql.Column) and len(node.parts) > 1):
            continue
        if id(node) not in told and node.find(sql.Column) and not node.find_ancestor(sql.Query, sql.Lambda, sql.Window):
            yield node


def _types(rows: ibis.Table, parts: list[str]) -> list[str]:
    """Return the types of parts of a condition in the engine's words; no text where it does not say."""
    try:
        return (kinds(rows, parts) if parts else None) or [""] * len(parts)
    except Exception:  # a part that makes no sense alone: the engine says it of the whole condition
        return [""] * len(parts)
