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

    types = pa.types
    tests = (types.is_integer, types.is_float32, types.is_float64, types.is_boolean, types.is_string, types.is_date32)
    return any(test(type_) for test in tests) or (types.is_timestamp(type_) and type_.tz is None)


def _is_stored(field: pa.Field, stored: pa.Schema) -> bool:
    import pyarrow as pa

    places = stored.get_all_field_indices(field.name)
    if len(places) != 1:
        return False
    type_ = stored.field(places[0]).type
    return bool(type_ == field.type or (pa.types.is_string(field.type) and pa.types.is_large_string(type_)))
