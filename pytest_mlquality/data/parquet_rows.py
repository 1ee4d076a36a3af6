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


def stream(files: Sequence[Path], columns: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
    """Yield batches of at most `size` rows, in the order of the files."""
    from pyarrow import parquet

    for file in files:
        with parquet.ParquetFile(file, pre_buffer=False, buffer_size=_BYTES) as opened:
            for batch in opened.iter_batches(size, columns=list(columns)):
                yield batch.select(list(columns))


def _is_plain(type_: pa.DataType) -> bool:
    import pyarrow as pa

    tests = (pa.types.is_integer, pa.types.is_float32, pa.types.is_float64, pa.types.is_boolean, pa.types.is_string)
    return any(test(type_) for test in tests) or type_ in (pa.timestamp("us"), pa.date32())


def _is_stored(field: pa.Field, stored: pa.Schema) -> bool:
    places = stored.get_all_field_indices(field.name)
    return len(places) == 1 and stored.field(places[0]).type == field.type
