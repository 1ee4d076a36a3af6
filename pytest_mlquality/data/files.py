"""Files as one table: how the embedded engine reads them together."""

from __future__ import annotations

import glob
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlquality.column_type import ANY
from pytest_mlquality.data import cell_kinds
from pytest_mlquality.data.column_names import own_name, refuse_twins
from pytest_mlquality.data.csv_layout import csv_options, header_names, require_even_rows
from pytest_mlquality.data.engine import embedded, table_of
from pytest_mlquality.data.faults import explained, failure, told
from pytest_mlquality.data.finding import kind_of
from pytest_mlquality.data.partitions import of_folders
from pytest_mlquality.data.sql_text import literal, quoted
from pytest_mlquality.data.text_columns import Reading, Said, TextColumn

if TYPE_CHECKING:
    import ibis

# A query of CSV parses all of its text anew: up to so many bytes are parsed once and kept.
_KEPT_BYTES = 128 * 2**20
_UNPACKED = 8  # A byte of gzip is about so many of CSV.
_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$|FLOAT$|DOUBLE$|DECIMAL\(")
_PANDAS_INDEX = re.compile(r"__index_level_\d+__$")
_Scan = Callable[[Sequence[Path]], str]  # files to what DuckDB selects from
_NOTHING_BUT_NULLS = '"NULL"'
# Nothing but nulls are text; nanoseconds with a zone, as pandas writes them, are the times that every engine knows.
_READ_AS = {_NOTHING_BUT_NULLS: "VARCHAR", "TIMESTAMPTZ_NS": "TIMESTAMPTZ"}


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    type: str


def are_small(files: Sequence[Path]) -> bool:
    """Return whether the rows of CSV files may stay in memory."""
    sizes = (file.stat().st_size * (_UNPACKED if file.suffix == ".gz" else 1) for file in files)
    return sum(sizes) <= _KEPT_BYTES


def read(
    files: Sequence[Path], source: str, base: Path, where: str, said: Said
) -> tuple[ibis.Table, dict[str, str], bool]:
    """Return Parquet or CSV files as one table of the embedded engine, rows in the order of the files.

    Its second part says as what columns of text were read, and its third whether they are Parquet files of the same
    types, whose columns all stand in the files.

    All files must have the same columns. Numbers of different types become the wider one; DuckDB on its own would
    round the numbers of a file to the type that the first file has.
    """
    from ibis.util import gen_name

    parquet = kind_of(files[0].name) == "parquet"
    names = {file: _written_names(file, where) for file in files}
    path_column = own_name("mlquality_file", chain.from_iterable(names.values()))
    scan, layouts, cells = (_parquet if parquet else _csv)(files, path_column, where)
    backend = embedded()
    _require_equal(files, layouts, where)
    written = names[files[0]]
    folders = of_folders(files, source, base, said, written, where)
    refuse_twins(written, where)
    relation = scan(files)
    readings = dict(folders.readings)
    with explained(f"{where}: the files of {source!r} cannot be read together", "write them anew with the same types"):
        if not parquet:
            readings = _readings(relation, cells, said, where) | readings
        in_files = [column for column in _described(relation, path_column) if not folders.hides(column.name)]
        values = [*_selection(in_files, readings), *folders.selected(files, path_column)]
        name = gen_name("mlquality_files")
        # A view, not a temporary one: cursors of the connection must see it.
        backend.con.execute(f"CREATE VIEW {name} AS SELECT {', '.join(values)} FROM {relation}")
    as_stored = parquet and not folders.readings and len({tuple(layout) for layout in layouts}) == 1
    return table_of(backend, name), {name: one.type for name, one in readings.items()}, as_stored


def _readings(relation: str, cells: Mapping[str, int], said: Said, where: str) -> dict[str, Reading]:
    expected = said.expected()
    backend = embedded()
    return {
        name: TextColumn(backend, relation, name, kinds, where).reading(said.types.get(name), expected.get(name, ANY))
        for name, kinds in cells.items()
    }


def _written_names(file: Path, where: str) -> list[str]:
    """Return the names as they stand in the file: DuckDB renames the second of ``a`` and ``A``."""
    if kind_of(file.name) == "csv":
        return header_names(file, where)
    from pyarrow import parquet

    with explained(f"{where}: {file.name} cannot be read", "is the file complete, and what its suffix says?"):
        names: list[str] = parquet.read_schema(file).names
    return names


def _paths(column: str) -> str:
    """Return the option that names a row's file in a column."""
    # The engine itself would take the names of all folders for columns, those above the project too.
    return f"hive_partitioning=false, filename={literal(column)}"


def _parquet(files: Sequence[Path], path_column: str, where: str) -> tuple[_Scan, list[list[_Column]], dict[str, int]]:
    def scan(some: Sequence[Path]) -> str:
        return f"read_parquet({_names(some)}, union_by_name=true, {_paths(path_column)})"

    return scan, [_parquet_columns(scan([file]), path_column, file, where) for file in files], {}


def _parquet_columns(relation: str, path_column: str, file: Path, where: str) -> list[_Column]:
    with explained(f"{where}: {file.name} cannot be read", "is the file complete, and what its suffix says?"):
        return _described(relation, path_column)


def _csv(files: Sequence[Path], path_column: str, where: str) -> tuple[_Scan, list[list[_Column]], dict[str, int]]:
    """Return CSV as text, and of what kinds the cells of each column are, in all of the files."""
    options = csv_options(files[0], where)

    def scan(some: Sequence[Path]) -> str:
        return f"read_csv({_names(some)}, {options}, union_by_name=true, all_varchar=true, {_paths(path_column)})"

    layouts: list[list[_Column]] = []
    found: dict[str, int] = {}
    for file in files:
        columns, cells = _csv_columns(scan([file]), path_column, file, where)
        layouts.append(columns)
        for name, kinds in cells.items():
            found[name] = found.get(name, 0) | kinds
    return scan, layouts, found


def _csv_columns(relation: str, path_column: str, file: Path, where: str) -> tuple[list[_Column], dict[str, int]]:
    try:
        # Telling the names does not stumble over an uneven row; looking at all cells does.
        columns = _described(relation, path_column)
        return columns, cell_kinds.kinds(embedded(), relation, [column.name for column in columns])
    except Exception as error:
        stumble = error
    require_even_rows(file, where)
    raise failure(f"{where}: {file.name} cannot be read: {told(stumble)}", "correct the file, or write it as Parquet")


def _described(relation: str, path_column: str) -> list[_Column]:
    rows = embedded().con.execute(f"DESCRIBE SELECT * EXCLUDE ({quoted(path_column)}) FROM {relation}").fetchall()
    return [_Column(row[0], row[1]) for row in rows]


def _require_equal(files: Sequence[Path], layouts: Sequence[list[_Column]], where: str) -> None:
    first = {column.name: column.type for column in layouts[0]}
    for file, layout in zip(files[1:], layouts[1:], strict=True):
        other = {column.name: column.type for column in layout}
        pair = f"{files[0].name} and {file.name}"
        if odd := sorted(first.keys() ^ other.keys()):
            has = files[0].name if odd[0] in first else file.name
            raise failure(
                f"{where}: {pair} have different columns: only {has} has {odd[0]!r}",
                "the files of one split have the same columns: narrow the glob, or write the files anew",
            )
        for name, type_ in first.items():
            if not _alike(type_, other[name]):
                raise failure(
                    f"{where}: {pair} have different types of column {name!r}: {type_} and {other[name]}",
                    "write the files anew with one type",
                )


def _alike(one: str, other: str) -> bool:
    if one == other or _NOTHING_BUT_NULLS in (one, other):
        return True
    if one.startswith("TIMESTAMP") and other.startswith("TIMESTAMP"):
        return ("WITH TIME ZONE" in one) == ("WITH TIME ZONE" in other)
    return bool(_NUMBER.match(one) and _NUMBER.match(other))


def _selection(columns: Sequence[_Column], readings: Mapping[str, Reading]) -> list[str]:
    """Return the columns to read, without the index that pandas writes, and each in a type that has a name in Ibis."""
    kept = [column for column in columns if not _PANDAS_INDEX.match(column.name)]
    return [f"{_value(column, readings.get(column.name))} AS {quoted(column.name)}" for column in kept]


def _value(column: _Column, reading: Reading | None) -> str:
    name = quoted(column.name)
    if reading is not None:
        return reading.of(name)
    return f"CAST({name} AS {_READ_AS[column.type]})" if column.type in _READ_AS else name


def _names(files: Sequence[Path]) -> str:
    # DuckDB reads every name as a glob of its own, so glob characters in real names are put in brackets.
    return "[" + ", ".join(literal(glob.escape(str(file))) for file in files) + "]"
