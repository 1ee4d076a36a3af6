"""What the cells of a column of text look like: bits, so that those of several files are put together by ``|``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pytest_mlquality.data.sql_text import literal, quoted

if TYPE_CHECKING:
    from ibis.backends import BaseBackend

BIT, WHOLE, NEGATIVE, UNSIGNED, NUMBER, ZERO_LED, NO_NUMBER, VAST = (1 << place for place in range(8))
TRUTH, YES_NO, DATE, TIMESTAMP, ZONED, DATE_LIKE, TEXT = (1 << place for place in range(8, 15))

WHOLE_NUMBERS = BIT | WHOLE | NEGATIVE
NUMBERS = WHOLE_NUMBERS | UNSIGNED | NUMBER | NO_NUMBER | VAST
MOMENTS = DATE | TIMESTAMP | ZONED | DATE_LIKE

_TIME = r"\d{2}:\d{2}(:\d{2}(\.\d+)?)?"
_ISO_DATE = r"\d{4}-\d{2}-\d{2}"
_DATE_LIKE = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?)?"
# Tried in this order: pattern, what the engine must then be able to read it as, bit.
_KINDS = (
    (r"[01]", None, BIT),
    (r"\+?(0|[1-9]\d*)", "BIGINT", WHOLE),
    (r"-(0|[1-9]\d*)", "BIGINT", NEGATIVE),
    (r"\+?[1-9]\d*", "UBIGINT", UNSIGNED),
    # A code, such as 00123: as a number it would be another code's.
    (r"[+-]?0\d+", "BIGINT", ZERO_LED),
    # A whole number that no integer holds, such as that of a card: a float would be many others' too.
    (r"[+-]?[1-9]\d*", "DOUBLE", VAST),
    (r"[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?", "DOUBLE", NUMBER),
    (r"(?i)[+-]?(inf|infinity|nan)", None, NO_NUMBER),
    (r"(?i)true|false|t|f", None, TRUTH),
    (r"(?i)yes|no|y|n", None, YES_NO),
    (_ISO_DATE, "DATE", DATE),
    (rf"{_ISO_DATE}[ T]{_TIME}", "TIMESTAMP", TIMESTAMP),
    (rf"{_ISO_DATE}[ T]{_TIME}(Z|[+-]\d{{2}}(:?\d{{2}})?| UTC)", "TIMESTAMPTZ", ZONED),
    (_DATE_LIKE, None, DATE_LIKE),
)


def kinds(backend: BaseBackend, relation: str, columns: Sequence[str]) -> dict[str, int]:
    """Return the bits of each column of a relation whose columns are all text; 0 where no cell has a value."""
    if not columns:
        return {}
    asked = ", ".join(f"bit_or({_bits(name)})" for name in columns)
    (row,) = backend.con.execute(f"SELECT {asked} FROM {relation}").fetchall()
    return {name: int(bits or 0) for name, bits in zip(columns, row, strict=True)}


def others(backend: BaseBackend, relation: str, column: str, allowed: int) -> int:
    """Return how many cells of a column are none of the `allowed` kinds."""
    asked = f"SELECT count(*) FROM {relation} WHERE ({_bits(column)}) & {allowed} = 0 AND {quoted(column)} IS NOT NULL"
    (row,) = backend.con.execute(asked).fetchall()
    return int(row[0])


def _bits(column: str) -> str:
    cell = f"trim({quoted(column)})"
    cases = [f"WHEN {cell} IS NULL THEN 0"]
    for pattern, type_, bit in _KINDS:
        reads = f" AND TRY_CAST({cell} AS {type_}) IS NOT NULL" if type_ else ""
        cases.append(f"WHEN regexp_full_match({cell}, {literal(pattern)}){reads} THEN {bit}")
    return f"CASE {' '.join(cases)} ELSE {TEXT} END"
