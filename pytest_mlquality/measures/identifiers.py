"""Columns that tell rows apart and nothing else: a value of its own in every row, and the look of an identifier."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pytest_mlquality.measures.columns import FEW
from pytest_mlquality.measures.words import words_of

if TYPE_CHECKING:
    from ibis.expr.datatypes import DataType

    from pytest_mlquality.data import Table

# Words that name what identifies a row.
NAMES = frozenset({"id", "ids", "uid", "uuid", "guid", "key", "pk", "identifier", "rowid", "rownumber", "index"})
# A name that is written without a break, as customerid, ends so; these words do too.
_RUN_TOGETHER = ("id", "uuid", "guid")
_WORDS = (
    "acid",
    "aid",
    "bid",
    "covid",
    "fluid",
    "grid",
    "humid",
    "hybrid",
    "liquid",
    "rapid",
    "solid",
    "valid",
    "void",
)
# pandas writes its index so.
_INDEX = re.compile(r"^unnamed: ?\d+$|^__index_level_\d+__$|^level_\d+$", re.IGNORECASE)
# Of so few rows their look says nothing.
LEAST_ROWS = 20
# So many pairs of equal numbers are expected by chance in a column that has none: then it is no chance.
SURPRISING_PAIRS = 10
LONGEST_CODE = 64


def identifiers(table: Table, columns: Iterable[str]) -> list[str]:
    """Return which of some columns have a value of its own in every row and look as identifiers do.

    Whole numbers, texts and UUIDs: named so (`id`, `customer_id`, `uuid`), running numbers (that many without a
    repetition, in their range, are no chance), or codes (texts without a space and with a digit in every row). Not a
    floating feature that happens to be unique, nor a time, nor prose.
    """
    types = table.expression.schema()
    suspects = [name for name in columns if _may_identify(types[name])]
    if not suspects or table.rows < 2:
        return []
    unique = suspects
    for rows in (table.some(FEW), table):
        different = rows.aggregates({name: rows.expression[name].nunique() for name in unique})
        unique = [name for name in unique if different[name] == rows.rows]
    return [name for name in unique if is_named_so(name) or _looks_so(table, name)]


def is_named_so(column: str) -> bool:
    """Return whether the name of a column says that it identifies a row."""
    words = words_of(column)
    run_together = bool(words) and words[-1].endswith(_RUN_TOGETHER) and not words[-1].endswith(_WORDS)
    return bool(NAMES.intersection(words) or run_together or _INDEX.match(column))


def _may_identify(type_: DataType) -> bool:
    whole = type_.is_integer() or (type_.is_decimal() and not type_.scale)
    return bool(whole or type_.is_string() or type_.is_uuid())


def _looks_so(table: Table, name: str) -> bool:
    if table.rows < LEAST_ROWS:
        return False
    value = table.expression[name]
    if value.type().is_string():
        return _are_codes(table, value)
    if value.type().is_uuid():
        return True
    ends = table.aggregates({"low": value.min(), "high": value.max()})
    return _is_no_chance(table.rows, int(ends["high"]) - int(ends["low"]) + 1)


def _is_no_chance(rows: int, values: int) -> bool:
    """Whether rows drawn from so many values by chance would have pairs of equal ones."""
    return rows * (rows - 1) / (2 * values) >= SURPRISING_PAIRS


def _are_codes(table: Table, text: Any) -> bool:  # noqa: ANN401 - a column of text
    coded = text.re_search(r"^[^\s]*[0-9][^\s]*$")
    asked = {"coded": table.expression.count(where=coded), "longest": text.length().max()}
    found = table.aggregates(asked)
    return bool(found["coded"] == table.rows and found["longest"] <= LONGEST_CODE)
