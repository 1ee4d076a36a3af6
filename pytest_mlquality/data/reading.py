"""Rows on their way out of an engine: streamed as Arrow, shown as pandas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data import parquet_rows
from pytest_mlquality.data.nan import is_missing
from pytest_mlquality.data.plain_values import as_dtype, plain, whole_dtype

if TYPE_CHECKING:
    import ibis
    import pandas as pd
    import pyarrow as pa
    from ibis.backends import BaseBackend

    from pytest_mlquality.data.categoricals import Categoricals


def bind(table: ibis.Table) -> None:
    """Let the engine look up names and types of a query, and read no row."""
    backend = table.get_backend()
    if backend.name == "duckdb":
        backend.con.execute(f"DESCRIBE {backend.compile(table)}").fetchall()
    else:
        table.limit(0).to_pyarrow()


def missing(table: ibis.Table, name: str) -> ibis.Value:
    """Return the number of values of a column that are NULL or, where the engine has it, NaN."""
    return table.count(where=is_missing(table[name]))


def stream(
    table: ibis.Table, size: int, registered: Mapping[str, Any] | None, files: Sequence[Path] = ()
) -> Iterator[pa.Table]:
    """Yield pyarrow Tables of at most `size` rows; other queries may run on the connection meanwhile.

    `files` are Parquet files whose rows and columns are those of `table`.
    """
    import pyarrow as pa

    backend, schema = table.get_backend(), table.schema().to_pyarrow()
    if files and parquet_rows.can_read(files, schema):
        yield from parquet_rows.stream(files, schema, size)
        return
    if registered is None:
        batches = iter(table.to_pyarrow().to_batches(max_chunksize=size))
    elif backend.name == "duckdb":
        batches = _from_duckdb(backend, table, size, registered)
    else:
        batches = iter(table.to_pyarrow_batches(chunk_size=size))
    for batch in batches:
        whole = pa.Table.from_batches([batch]).cast(schema)
        for start in range(0, whole.num_rows, size):
            yield whole.slice(start, size)


def _from_duckdb(
    backend: BaseBackend, table: ibis.Table, size: int, registered: Mapping[str, Any]
) -> Iterator[pa.RecordBatch]:
    # A connection of DuckDB holds one unfinished result at a time, so a stream has a cursor of its own. Not Ibis's
    # to_pyarrow_batches: that of Ibis 12 calls what DuckDB 2 no longer has, and blocks the connection until the end.
    cursor = backend.con.cursor()
    try:
        for name, data in registered.items():
            cursor.register(name, data)
        relation = cursor.sql(backend.compile(table))
        read = getattr(relation, "to_arrow_reader", None) or relation.fetch_record_batch
        yield from read(size)
    finally:
        cursor.close()


def to_pandas(
    arrow: pa.Table,
    categoricals: Categoricals | None,
    dtypes: Mapping[str, str] | None = None,
    *,
    as_stored: bool = False,
) -> pd.DataFrame:
    """Return a pyarrow Table as pandas shows it, decimals as floats and dates as times.

    Parameters
    ----------
    dtypes
        Of columns whose dtype other rows of the split decide, such as float64 where an integer is missing elsewhere.
    as_stored
        Leave decimals and dates as they are, for whoever asks for their own types.
    """
    import pyarrow as pa

    columns = [column if as_stored else plain(column) for column in arrow.columns]
    frame: pd.DataFrame = pa.Table.from_arrays(columns, names=arrow.column_names).to_pandas()
    known = dtypes or {}
    for name, values in zip(arrow.column_names, columns, strict=True):
        if categoricals is not None and name in categoricals.names:
            frame[name] = frame[name].astype(categoricals.dtype(name))
        elif (dtype := known.get(name) or whole_dtype(values)) is not None:
            frame[name] = as_dtype(values, dtype)
    return frame
