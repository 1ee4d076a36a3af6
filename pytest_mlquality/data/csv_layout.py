"""How a CSV file is laid out, read from its header: DuckDB's own guess takes a broken file for one wide column."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pytest_mlquality.data.faults import failure, safe_cause, told
from pytest_mlquality.errors import DataError

# Of a file that is damaged, cut short, or not what its suffix says.
_UNREADABLE = (OSError, EOFError, UnicodeDecodeError, zlib.error)
_DELIMITERS = (",", ";", "\t", "|")


def csv_options(file: Path, where: str) -> str:
    """Return the options of DuckDB's ``read_csv``: header in the first line, quotes doubled, nothing skipped."""
    delimiter = _delimiter(_header(file, where), file)
    shown = delimiter.replace("\t", "\\t")
    return f"header=true, delim='{shown}', quote='\"', escape='\"', comment='', skip=0, strict_mode=true"


def header_names(file: Path, where: str) -> list[str]:
    """Return the names in the header."""
    delimiter = _delimiter(_header(file, where), file)
    with _opened(file) as text:
        # A name in quotes may hold a line break.
        return next(csv.reader(text, delimiter=delimiter))


def require_even_rows(file: Path, where: str) -> None:
    """Raise a DataError naming the first line that has not as many fields as the header."""
    delimiter = _delimiter(_header(file, where), file)
    with _opened(file) as text:
        rows = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            expected = len(next(rows))
            for row in rows:
                if row and len(row) != expected:
                    raise failure(
                        f"{where}: {file.name}, line {rows.line_num}: {len(row)} fields, the header has {expected}",
                        "correct the line (a text that holds the delimiter needs quotes)",
                    )
        except (csv.Error, UnicodeDecodeError) as error:
            raise failure(
                f"{where}: {file.name}, line {rows.line_num + 1}: {told(error)}", "write it as CSV in UTF-8"
            ) from safe_cause(error)
        except _UNREADABLE as error:
            raise _unreadable(file, where, error) from safe_cause(error)


def _header(file: Path, where: str) -> str:
    try:
        with _opened(file) as text:
            line = text.readline().strip("\r\n")
    except _UNREADABLE as error:
        raise _unreadable(file, where, error) from safe_cause(error)
    if not line:
        raise failure(f"{where}: {file.name} is empty", "a CSV file begins with the names of its columns")
    return line


def _unreadable(file: Path, where: str, error: Exception) -> DataError:
    return failure(f"{where}: {file.name} cannot be read: {told(error)}", "is it CSV in UTF-8, complete and readable?")


def _delimiter(header: str, file: Path) -> str:
    counts = {mark: len(next(csv.reader([header], delimiter=mark))) for mark in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda mark: counts[mark])
    default = "\t" if ".tsv" in file.name.lower() else ","
    return best if counts[best] > counts[default] else default


@contextmanager
def _opened(file: Path) -> Iterator[TextIO]:
    if file.suffix == ".gz":
        with gzip.open(file, "rt", encoding="utf-8-sig", newline="") as text:
            yield text
    else:
        with file.open(encoding="utf-8-sig", newline="") as text:
            yield text
