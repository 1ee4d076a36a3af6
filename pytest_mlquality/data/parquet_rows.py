"""Rows of Parquet files as they stand there: decoded by pyarrow, a few pages of each column at a time.

The engine gives every thread a row group of its own and holds what it reads of it, so that its memory grows with the
number of row groups; here all threads decode columns of the same one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

# Read at once, of a column.
_BYTES = 64 * 1024


def can_read(files: Sequence[Path], schema: pa.Schema) -> bool:
    """Return whether columns are stored as the engine shows them; all files have the same columns and types.

    Types that the engine makes others of (decimals, nested ones, times of other zones) are left to it.
    """
    from pyarrow import parquet

    stored = parquet.read_schema(files[0])
    return all(_is_plain(field.type) and _is_stored(field, stored) for field in schema)


def stream(files: Sequence[Path], schema: pa.Schema, size: int) -> Iterator[pa.Table]:
    """Yield tables of `size` rows and a last one of columns that `can_read`, in the order of the files."""
    import pyarrow as pa

    held: list[pa.Table] = []
    lacking = size
    for rest in _batches(files, schema, size):
        while rest.num_rows >= lacking:
            yield pa.concat_tables([*held, rest.slice(0, lacking)])
            held, rest, lacking = [], rest.slice(lacking), size
        held.append(rest)
        lacking -= rest.num_rows
    if lacking < size:
        yield pa.concat_tables(held)


def _batches(files: Sequence[Path], schema: pa.Schema, size: int) -> Iterator[pa.Table]:
    import pyarrow as pa
    from pyarrow import parquet

    for file in files:
        with parquet.ParquetFile(file, pre_buffer=False, buffer_size=_BYTES) as opened:
            for batch in opened.iter_batches(size, columns=schema.names):
                # Of the same column one file may say that nothing is missing, or hold a dictionary of its texts.
                yield pa.Table.from_batches([batch.select(schema.names)]).cast(schema)


def _is_plain(type_: pa.DataType) -> bool:
    import pyarrow as pa

    tests = (pa.types.is_integer, pa.types.is_float32, pa.types.is_float64, pa.types.is_boolean, pa.types.is_string)
    return any(test(type_) for test in tests) or type_ in (pa.timestamp("us"), pa.date32())


def _is_stored(field: pa.Field, stored: pa.Schema) -> bool:
    places = stored.get_all_field_indices(field.name)
    return len(places) == 1 and stored.field(places[0]).type == field.type
