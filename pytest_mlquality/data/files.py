"""Files as one table: which files a path or glob means, and how the embedded engine reads them together."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlquality.data.column_names import refuse_twins
from pytest_mlquality.data.csv_layout import csv_options, header_names, require_even_rows
from pytest_mlquality.data.engine import embedded, table_of
from pytest_mlquality.data.faults import explained, failure, told
from pytest_mlquality.errors import nearest

if TYPE_CHECKING:
    import ibis

KINDS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".csv.gz": "csv",
    ".tsv.gz": "csv",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}
# A query of CSV parses all of its text anew: up to so many bytes are parsed once and kept.
_KEPT_BYTES = 128 * 2**20
_UNPACKED = 8  # A byte of gzip is about so many of CSV.
_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$|FLOAT$|DOUBLE$|DECIMAL\(")
_PANDAS_INDEX = re.compile(r"__index_level_\d+__$")
_Scan = Callable[[Sequence[Path]], str]  # files to what DuckDB selects from
_NOTHING_BUT_NULLS = '"NULL"'


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    type: str


def kind_of(source: str) -> str | None:
    """Return "parquet", "csv" or "arrow" for a path or glob, None for what looks like neither."""
    suffix = next((suffix for suffix in KINDS if source.lower().endswith(suffix)), None)
    return KINDS[suffix] if suffix else None


def is_glob(source: str) -> bool:
    """Return whether `source` has one of the characters of a glob (``*``, ``?``, ``[``)."""
    return glob.has_magic(source)


def are_small(files: Sequence[Path]) -> bool:
    """Return whether the rows of CSV files may stay in memory."""
    sizes = (file.stat().st_size * (_UNPACKED if file.suffix == ".gz" else 1) for file in files)
    return sum(sizes) <= _KEPT_BYTES


def find(source: str, base: Path, where: str) -> tuple[Path, ...]:
    """Return the files that a path or glob (``**`` for any depth) means, sorted by name.

    A file whose name is literally `source` goes before what it would mean as a glob.
    """
    if "://" in source:
        raise failure(
            f"{where}: {source!r} is not on this machine",
            "copy it here, or read it in a python: function; of a database, name the table, its URL in [data] engine",
        )
    plain = base / source
    if plain.is_file():
        return (plain,)
    if not is_glob(source):
        near = nearest(plain.name, [path.name for path in plain.parent.glob("*")] if plain.parent.is_dir() else [])
        raise failure(
            f"{where}: there is no file {source!r} in {base}{near}", "paths are relative to the settings file"
        )
    found = sorted(glob.glob(source, root_dir=base, recursive=True))
    files = tuple(base / name for name in found if (base / name).is_file())
    if not files:
        raise failure(f"{where}: no file matches {source!r} in {base}", "paths are relative to the settings file")
    return files


def read(files: Sequence[Path], source: str, base: Path, where: str) -> tuple[ibis.Table, bool]:
    """Return Parquet or CSV files as one table of the embedded engine, rows in the order of the files.

    Its second part says whether they are Parquet files of the same types, whose columns all stand in the files.

    All files must have the same columns. Numbers of different types become the wider one; DuckDB on its own would
    round the numbers of a file to the type that the first file has.
    """
    from ibis.util import gen_name

    parquet = kind_of(files[0].name) == "parquet"
    partitioned = _is_partitioned(source, base)
    scan, layouts = _parquet(files, partitioned, where) if parquet else _csv(files, where)
    backend = embedded()
    _require_equal(files, layouts, where)
    refuse_twins(_written_names(files[0], where), where)
    relation = scan(files)
    with explained(f"{where}: the files of {source!r} cannot be read together", "write them anew with the same types"):
        columns = _described(relation)
        name = gen_name("mlquality_files")
        # A view, not a temporary one: cursors of the connection must see it.
        backend.con.execute(f"CREATE VIEW {name} AS SELECT {_selection(columns)} FROM {relation}")
    return table_of(backend, name), parquet and not partitioned and len({tuple(layout) for layout in layouts}) == 1


def _written_names(file: Path, where: str) -> list[str]:
    """Return the names as they stand in the file: DuckDB renames the second of ``a`` and ``A``."""
    if kind_of(file.name) == "csv":
        return header_names(file, where)
    from pyarrow import parquet

    with explained(f"{where}: {file.name} cannot be read", "is the file complete, and what its suffix says?"):
        names: list[str] = parquet.read_schema(file).names
    return names


def _is_partitioned(source: str, base: Path) -> bool:
    # Folders called key=value are columns where the source says so, never because of where the project stands.
    return "=" in source and "=" not in str(base)


def _parquet(files: Sequence[Path], partitioned: bool, where: str) -> tuple[_Scan, list[list[_Column]]]:
    def scan(some: Sequence[Path]) -> str:
        return f"read_parquet({_names(some)}, union_by_name=true, hive_partitioning={str(partitioned).lower()})"

    return scan, [_parquet_columns(scan([file]), file, where) for file in files]


def _parquet_columns(relation: str, file: Path, where: str) -> list[_Column]:
    with explained(f"{where}: {file.name} cannot be read", "is the file complete, and what its suffix says?"):
        return _described(relation)


def _csv(files: Sequence[Path], where: str) -> tuple[_Scan, list[list[_Column]]]:
    options = csv_options(files[0], where)
    layouts = [_csv_columns(f"read_csv({_names([file])}, {options}, sample_size=-1)", file, where) for file in files]
    types: dict[str, set[str]] = {}
    for column in chain.from_iterable(layouts):
        types.setdefault(column.name, set()).add(column.type)
    known = ", ".join(f"{_text(name)}: {_text(_widest(kinds))}" for name, kinds in types.items())

    def scan(some: Sequence[Path]) -> str:
        # Types are decided once, by every row; each query then only looks at the head of a file for its names.
        return f"read_csv({_names(some)}, {options}, union_by_name=true, sample_size=1000, types={{{known}}})"

    return scan, layouts


def _csv_columns(relation: str, file: Path, where: str) -> list[_Column]:
    try:
        # Telling the types apart does not stumble over each uneven row; counting does.
        embedded().con.execute(f"SELECT count(*) FROM {relation}").fetchall()
        return _described(relation)
    except Exception as error:
        stumble = error
    require_even_rows(file, where)
    raise failure(f"{where}: {file.name} cannot be read: {told(stumble)}", "correct the file, or write it as Parquet")


def _widest(kinds: set[str]) -> str:
    if len(kinds) == 1:
        return next(iter(kinds))
    return "DOUBLE" if all(_NUMBER.match(kind) for kind in kinds) else "VARCHAR"


def _described(relation: str) -> list[_Column]:
    rows = embedded().con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
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


def _selection(columns: Sequence[_Column]) -> str:
    """Return the columns to read: without the index that pandas writes, and columns of nothing but nulls as text."""
    kept = [column for column in columns if not _PANDAS_INDEX.match(column.name)]
    return ", ".join(
        f"CAST({_quoted(column.name)} AS VARCHAR) AS {_quoted(column.name)}"
        if column.type == _NOTHING_BUT_NULLS
        else _quoted(column.name)
        for column in kept
    )


def _names(files: Sequence[Path]) -> str:
    # DuckDB reads every name as a glob of its own, so glob characters in real names are put in brackets.
    return "[" + ", ".join(_text(glob.escape(str(file))) for file in files) + "]"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def names_of(files: Sequence[Path], base: Path | None) -> tuple[str, ...]:
    """Return names of files that do not depend on where the project stands.

    They are relative to `base`; without one (the source is absolute) to the files' own common folder.
    """
    start = base if base is not None else os.path.commonpath([file.parent for file in files])
    return tuple(Path(os.path.relpath(file, start)).as_posix() for file in files)
