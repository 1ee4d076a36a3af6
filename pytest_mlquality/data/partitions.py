"""Folders called ``key=value``, as Hive and Spark write them: columns whose values stand in the files' paths.

A folder that a wildcard of the source stands for, or that lies below the folder which it names, is a column. One that
the source writes out only selects rows, as in Spark: it has one value in all of them, and is a column only where a
model, a schema or the settings name it.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pytest_mlquality.column_type import ANY
from pytest_mlquality.data import cell_kinds
from pytest_mlquality.data.engine import embedded
from pytest_mlquality.data.faults import failure
from pytest_mlquality.data.sql_text import literal, quoted
from pytest_mlquality.data.text_columns import Reading, Said, TextColumn

if TYPE_CHECKING:
    import pyarrow as pa

_NOTHING = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, slots=True)
class Folders:
    """The columns that stand in the names of folders.

    Parameters
    ----------
    values
        By column, the text for each file.
    readings
        By column, what it is read as.
    """

    values: Mapping[str, Sequence[str | None]]
    readings: Mapping[str, Reading]

    def table(self) -> pa.Table:
        """Return the values as they are read, a row for each file."""
        columns = ", ".join(f"{reading.of(key)} AS {quoted(key)}" for key, reading in self.readings.items())
        return embedded().con.execute(f"SELECT {columns} FROM {_relation(self.values)}").to_arrow_table()


def of_folders(
    files: Sequence[Path], source: str, base: Path, said: Said, in_files: Collection[str], where: str
) -> Folders:
    """Return the columns that stand in the names of the files' folders, but for those that the files have themselves.

    Raises
    ------
    DataError
        A file lies in folders of other keys, or the engine would take a folder's value for that of a column.
    """
    if not any("=" in part for file in files for part in _folders(file, base)):
        return Folders({}, {})
    expected = said.expected()
    values = _values(files, source, base, {*said.types, *expected} - set(in_files), where)
    values = {key: some for key, some in values.items() if key not in in_files}
    if not values:
        return Folders({}, {})
    _require_no_clash(files[0], values, in_files, where)
    relation, backend = _relation(values), embedded()
    readings = {
        key: TextColumn(backend, relation, key, kinds, where).reading(said.types.get(key), expected.get(key, ANY))
        for key, kinds in cell_kinds.kinds(backend, relation, list(values)).items()
    }
    return Folders(values, readings)


def _values(
    files: Sequence[Path], source: str, base: Path, named: Collection[str], where: str
) -> dict[str, list[str | None]]:
    asked = source.split("/")
    of_files = [_of(file, base, asked, named) for file in files]
    for file, found in zip(files[1:], of_files[1:], strict=True):
        if odd := sorted(of_files[0].keys() ^ found.keys()):
            raise failure(
                f"{where}: of {files[0].name} and {file.name} only one lies in a folder {odd[0]}=...",
                "narrow the glob to files that lie alike",
            )
    return {key: [found[key] for found in of_files] for key in of_files[0]}


def _require_no_clash(file: Path, values: Collection[str], in_files: Collection[str], where: str) -> None:
    # The engine takes every such folder for a column, those above the project too.
    keys = {part.partition("=")[0] for part in file.absolute().parent.parts if "=" in part}
    if clash := sorted(keys.difference(values).intersection(in_files)):
        raise failure(
            f"{where}: the column {clash[0]!r} of {file.name} is also the name of a folder {clash[0]}=... above it",
            "rename the folder, or the column",
        )


def _relation(values: Mapping[str, Sequence[str | None]]) -> str:
    """Return what the engine selects the values from, a row for each file."""
    columns = [f"unnest([{', '.join(map(_sql, some))}]::VARCHAR[]) AS {quoted(key)}" for key, some in values.items()]
    return f"(SELECT {', '.join(columns)})"


def _sql(value: str | None) -> str:
    return "NULL" if value is None else literal(value)


def _of(file: Path, base: Path, asked: Sequence[str], named: Collection[str]) -> dict[str, str | None]:
    found = {}
    for part in _folders(file, base):
        key, equals, value = part.partition("=")
        if equals and key and (part not in asked or key in named):
            found[key] = None if value == _NOTHING else unquote(value)
    return found


def _folders(file: Path, base: Path) -> tuple[str, ...]:
    return Path(os.path.relpath(file, base)).parent.parts
