"""Dates that are not written as ISO 8601 has them: which formats read all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pytest_mlquality.data.sql_text import literal, quoted

if TYPE_CHECKING:
    from ibis.backends import BaseBackend

_DATE = re.compile(
    r"(?P<first>\d{1,4})(?P<mark>[-/.])\d{1,2}[-/.](?P<last>\d{1,4})"
    r"(?P<time>(?P<between>[ T])\d{1,2}:\d{2}(?P<seconds>:\d{2})?(?P<part>\.\d+)?(?P<half> ?[AaPp][Mm])?)?"
)

_CENTURY = r"\d{4}"


def fitting(backend: BaseBackend, relation: str, column: str) -> list[str]:
    """Return the formats of strptime that read every cell of a column; none where the cells have no one form."""
    name = quoted(column)
    first = f"SELECT trim({name}) FROM {relation} WHERE {name} IS NOT NULL LIMIT 1"
    cells = backend.con.execute(first).fetchall()
    found = _DATE.fullmatch(cells[0][0]) if cells else None
    if found is None:
        return []
    formats = _formats(found)
    asked = ", ".join(f"count(*) FILTER ({_reads(name, format_, _shape(found))})" for format_ in formats)
    (row,) = backend.con.execute(f"SELECT count({name}), {asked} FROM {relation}").fetchall()
    return [format_ for format_, count in zip(formats, row[1:], strict=True) if count == row[0]]


def formats_of(cell: str) -> list[str]:
    """Return the formats in which a text may be a date that is not in ISO form; none where it is no such date."""
    found = _DATE.fullmatch(cell.strip())
    return _formats(found) if found is not None else []


def unread(backend: BaseBackend, relation: str, column: str, format_: str) -> int:
    """Return how many cells of a column a format does not read, or reads as years without their century."""
    name = quoted(column)
    # strptime takes 25 for the year 25 of our era.
    century = f"regexp_matches({name}, {literal(_CENTURY)}) AND " if "%Y" in format_ else ""
    reads = f"{century}try_strptime(trim({name}), {literal(format_)}) IS NOT NULL"
    asked = f"count({name}) - count(*) FILTER (WHERE {reads})"
    (row,) = backend.con.execute(f"SELECT {asked} FROM {relation}").fetchall()
    return int(row[0])


def has_time(format_: str) -> bool:
    """Return whether a format has a time of day."""
    return any(mark in format_ for mark in ("%H", "%I"))


def _reads(name: str, format_: str, shape: str) -> str:
    cell = f"trim({name})"
    return f"WHERE regexp_full_match({cell}, {literal(shape)}) AND try_strptime({cell}, {literal(format_)}) IS NOT NULL"


def _formats(found: re.Match[str]) -> list[str]:
    time = ""
    if found["time"]:
        half = found["half"]
        time = f"{found['between']}{'%I' if half else '%H'}:%M"
        time += (":%S" if found["seconds"] else "") + (".%f" if found["part"] else "")
        time += f"{' ' if half and half.startswith(' ') else ''}%p" if half else ""
    return [found["mark"].join(order) + time for order in _orders(found)]


def _orders(found: re.Match[str]) -> Sequence[tuple[str, str, str]]:
    if len(found["first"]) > 2:
        return [("%Y", "%m", "%d")]
    if len(found["last"]) > 2:
        return [("%m", "%d", "%Y"), ("%d", "%m", "%Y")]
    return [("%m", "%d", "%y"), ("%d", "%m", "%y"), ("%y", "%m", "%d")]


def _shape(found: re.Match[str]) -> str:
    """Return a pattern of where the year stands: strptime takes 14 for the year 14 of our era."""
    first, last = (r"\d{4}" if len(found[part]) > 2 else r"\d{1,2}" for part in ("first", "last"))
    return rf"{first}\D\d{{1,2}}\D{last}([ T].*)?"
