"""What a condition of the settings may be made of: one expression over the columns of a row.

The settings of a model may come from a stranger's pull request. So what is not known to stay within the row is refused:
the list is of what may be, not of what may not. The embedded engine says besides how it understands the text itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.condition_functions import ALLOWED, plain_name
from pytest_mlquality.data.faults import Reason

if TYPE_CHECKING:
    from ibis.backends import BaseBackend
    from sqlglot.expressions import Expr, Func

_OVER_ROWS = "a condition is about one row: it counts over none, and looks at no other"
# Its own parser has a word too: `require_one_row`.
_PARSED_AGAIN = "duckdb"
# There `(x).f` is f(x), and these names without brackets are the login: a column of such a name is written in quotes.
_LIKE_POSTGRES = ("postgres", "redshift", "risingwave", "materialize")
_LOGINS = ("user", "current_role", "session_user", "system_user", "current_user")
_A_QUERY = "a condition is about one row: it holds no query, and reads no other table or file"


def parsed(text: str, dialect: Any) -> Expr:  # noqa: ANN401 - the name of a dialect, or its class
    """Return the tree of a condition.

    Raises
    ------
    Reason
        If it is not one expression over the columns of a row.
    """
    import sqlglot
    from sqlglot.errors import ParseError, SqlglotError

    try:
        tree: Expr = sqlglot.parse_one(text, read=dialect)
    except ParseError as error:
        raise Reason(f"it cannot be read as SQL{_place(error.errors)}") from None
    except SqlglotError:
        raise Reason("it cannot be read as SQL: is every quote and comment closed?") from None
    if not isinstance(tree, sqlglot.expressions.Condition):
        raise Reason(f"it is a {type(tree).__name__.lower()} statement; {_A_QUERY}")
    for part in tree.walk():
        _require_allowed(part)
    spoken = getattr(dialect, "__name__", str(dialect)).lower()
    if spoken != _PARSED_AGAIN:
        _require_plain_comments(text, dialect)
        for part in tree.walk():
            _require_allowed_elsewhere(part, spoken)
    return tree


def require_one_row(backend: BaseBackend, text: str) -> None:
    """Raise Reason where the embedded engine itself understands a condition as more than one expression over a row.

    Two parsers may read one text in two ways; the engine's is the one that runs.
    """
    if backend.name != "duckdb":
        return
    asked = "SELECT json_serialize_sql(?)"
    ((answer,),) = backend.con.execute(asked, [f"SELECT (\n{text}\n)"]).fetchall()
    tree = json.loads(answer)
    if tree["error"]:
        raise Reason("it cannot be read as SQL")
    nodes = [statement["node"] for statement in tree["statements"]]
    sources = [node["from_table"]["type"] for node in _nodes(tree) if "from_table" in node]
    # A list after ANY is a query too, in its words, though one that reads nothing.
    if (
        [node["type"] for node in nodes] != ["SELECT_NODE"]
        or {*sources} != {"EMPTY"}
        or len(nodes[0]["select_list"]) > 1
    ):
        raise Reason(_A_QUERY)


def _nodes(tree: object) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for one in tree:
            yield from _nodes(one)


def _place(errors: list[dict[str, Any]]) -> str:
    return f", at line {errors[0]['line']}, character {errors[0]['col']}" if errors else ""


def _require_allowed(part: Expr) -> None:
    from sqlglot import expressions as sql

    if isinstance(part, sql.Window | sql.AggFunc | sql.Filter | sql.WithinGroup | sql.Distinct):
        raise Reason(_OVER_ROWS)
    if isinstance(part, sql.Placeholder | sql.Parameter | sql.SessionParameter | sql.PositionalColumn):
        raise Reason("it names a parameter or a variable: write the value itself")
    if isinstance(part, sql.Func):
        _require_function(part)
    elif not isinstance(part, _parts()):
        raise Reason(_A_QUERY)


def _require_allowed_elsewhere(part: Expr, dialect: str) -> None:
    """Raise Reason for what reads on in engines that do not show how they understand a condition themselves."""
    from sqlglot import expressions as sql

    # SQLite and ClickHouse take a name after IN for a table.
    if isinstance(part, sql.In) and part.args.get("field") is not None:
        raise Reason(f"{_A_QUERY}: write the values after IN in brackets")
    # PostgreSQL looks up tables, functions and users where a text is cast to these.
    if isinstance(part, sql.ObjectIdentifier):
        raise Reason("it casts to a type of names of the database, which are no values of a row")
    if dialect not in _LIKE_POSTGRES:
        return
    if isinstance(part, sql.Dot):
        raise Reason("a name after a dot may be a function: make what it says a column")
    if isinstance(part, sql.Column) and not part.this.args.get("quoted") and part.name.lower() in _LOGINS:
        raise Reason(f"{part.name.lower()} is the login, not a column: write a column of that name in quotes")


def _require_plain_comments(text: str, dialect: Any) -> None:  # noqa: ANN401 - the name of a dialect, or its class
    """Raise Reason for comments that an engine may run: those of MySQL, and such as end where the engine says."""
    import sqlglot

    for token in sqlglot.tokenize(text, read=dialect):
        if any(said.startswith(("!", "M!")) or "/*" in said or "*/" in said for said in token.comments):
            raise Reason("it holds a comment within a comment, or one that an engine may run: leave it out")


def _require_function(called: Func) -> None:
    from sqlglot import expressions as sql

    of_its_kind = (called.key, *called.sql_names())
    names = [str(called.this)] if isinstance(called, sql.Anonymous) else of_its_kind
    if ALLOWED.keys().isdisjoint(map(plain_name, names)) or isinstance(called, sql.UDTF):
        name = names[-1].lower()
        close = get_close_matches(plain_name(name), ALLOWED, n=1, cutoff=0.8)
        near = f" (did you mean {ALLOWED[close[0]]!r}?)" if close else ""
        raise Reason(f"a condition calls no function {name!r}{near}; if it is needed, make what it says a column")


def _parts() -> tuple[type[Expr], ...]:
    """Return the classes of what an expression over a row consists of, besides functions."""
    from sqlglot import expressions as sql

    values = (sql.Literal, sql.Boolean, sql.Null, sql.BitString, sql.HexString, sql.ByteString, sql.RawString)
    names = (sql.Column, sql.Identifier, sql.Star, sql.Bracket, sql.Slice, sql.Var, sql.JSON)
    types = (sql.DataType, sql.DataTypeParam, sql.ColumnDef, sql.Interval)
    # Dots, brackets and the names of arguments are of two parts or one too.
    joins = (sql.Binary, sql.Unary, sql.Between, sql.In, sql.Any, sql.All, sql.Tuple, sql.AtTimeZone)
    return (*values, *names, *types, *joins, sql.Lambda, sql.Comprehension, sql.Alias, sql.JSONPath, sql.JSONPathPart)
