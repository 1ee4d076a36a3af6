"""Arrow IPC and Feather files: read by pyarrow, which the embedded engine scans without copying."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlquality.data.faults import explained, failure

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import dataset


def read(files: Sequence[Path], where: str, beside: pa.Table | None = None) -> pa.Table | dataset.Dataset:
    """Return a pyarrow Dataset of Arrow files, or a Table where one of them holds a stream.

    The schemas must be equal; a dictionary and its plain type are not.

    Parameters
    ----------
    beside
        Further columns, a row for each file, which all rows of that file have; they go before those of the files.
    """
    import pyarrow as pa
    from pyarrow import dataset

    parts = []
    for file in files:
        with explained(f"{where}: {file.name} cannot be read", "is it an Arrow file (Feather version 2) and complete?"):
            parts.append(_part(file))
    for file, part in zip(files[1:], parts[1:], strict=True):
        if not part.schema.equals(parts[0].schema):
            raise failure(
                f"{where}: {files[0].name} and {file.name} have different columns or types: "
                f"{_difference(parts[0].schema, part.schema)}",
                "write the files anew with one schema",
            )
    if beside is not None or any(isinstance(part, pa.Table) for part in parts):
        tables = [part if isinstance(part, pa.Table) else part.to_table() for part in parts]
        return pa.concat_tables([_with(table, beside, place) for place, table in enumerate(tables)])
    return dataset.dataset([str(file) for file in files], format="ipc")


def names(file: Path, where: str) -> list[str]:
    """Return the columns of a file."""
    with explained(f"{where}: {file.name} cannot be read", "is it an Arrow file (Feather version 2) and complete?"):
        return list(_part(file).schema.names)


def _with(table: pa.Table, beside: pa.Table | None, place: int) -> pa.Table:
    import pyarrow as pa

    if beside is None:
        return table
    hidden = {name.casefold() for name in beside.column_names}
    table = table.drop_columns([name for name in table.column_names if name.casefold() in hidden])
    for name in beside.column_names:
        table = table.append_column(name, pa.repeat(beside[name][place], table.num_rows))
    return table


def _part(file: Path) -> pa.Table | dataset.Dataset:
    import pyarrow as pa
    from pyarrow import dataset, ipc

    with file.open("rb") as opened:
        if opened.read(6) != b"ARROW1":
            opened.seek(0)
            return ipc.open_stream(pa.PythonFile(opened)).read_all()
    return dataset.dataset(str(file), format="ipc")


def _difference(one: pa.Schema, other: pa.Schema) -> str:
    names = sorted(set(one.names) ^ set(other.names))
    if names:
        return f"only one has {names[0]!r}"
    odd = next((name for name in one.names if not one.field(name).equals(other.field(name))), None)
    return f"{odd!r} is {one.field(odd).type} and {other.field(odd).type}" if odd else "they stand in another order"
