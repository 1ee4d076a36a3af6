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

    def hides(self, column: str) -> bool:
        """Return whether a folder's column stands in the place of one that the files have, as engines have it."""
        return column.casefold() in {key.casefold() for key in self.values}

    def selected(self, files: Sequence[Path], file: str) -> list[str]:
        """Return each as SQL of the embedded engine, which has the path of a row's file in the column `file`."""
        place = f"list_position([{', '.join(literal(str(one)) for one in files)}], {quoted(file)})"
        texts = {key: f"list_extract([{', '.join(map(_sql, some))}], {place})" for key, some in self.values.items()}
        return [f"{self.readings[key].of(text)} AS {quoted(key)}" for key, text in texts.items()]

    def table(self) -> pa.Table:
        """Return the values as they are read, a row for each file."""
        columns = ", ".join(f"{reading.of(quoted(key))} AS {quoted(key)}" for key, reading in self.readings.items())
        relation = embedded().con.sql(f"SELECT {columns} FROM {_relation(self.values)}")
        return (getattr(relation, "to_arrow_reader", None) or relation.fetch_record_batch)().read_all()


def of_folders(
    files: Sequence[Path], source: str, base: Path, said: Said, in_files: Collection[str], where: str
) -> Folders:
    """Return the columns that stand in the names of the files' folders; they go before those that the files have.

    Parameters
    ----------
    in_files
        The columns of the files: a folder that the source writes out is none of them.

    Raises
    ------
    DataError
        A file lies in folders of other keys.
    """
    if not any("=" in part for file in files for part in _folders(file, base)):
        return Folders({}, {})
    expected = said.expected()
    values = _values(files, source, base, {*said.types, *expected} - set(in_files), where)
    if not values:
        return Folders({}, {})
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
