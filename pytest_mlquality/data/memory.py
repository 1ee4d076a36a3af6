"""Arrow tables that live in this process, made visible to the embedded engine."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.column_names import refuse_twins
from pytest_mlquality.data.engine import embedded, table_of
from pytest_mlquality.data.faults import explained, failure
from pytest_mlquality.data.plain_values import plain

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa
    from pyarrow import dataset

_MOST_DIGITS = 38
_released: list[str] = []


def register(data: pa.Table | dataset.Dataset, where: str) -> tuple[ibis.Table, dict[str, Any]]:
    """Return an Ibis table over an Arrow table or dataset, without copying it, and what was registered by name.

    The data is given up once no expression refers to it. That happens at the next registration and not in the
    finalizer, which may run in the middle of a query on the same connection.
    """
    from ibis.util import gen_name

    refuse_twins(data.schema.names, where)
    data = _readable(data)
    backend = embedded()
    while _released:
        backend.con.unregister(_released.pop())
    name = gen_name("mlquality_memory")
    backend.con.register(name, data)
    expression = table_of(backend, name)
    weakref.finalize(expression.op(), _released.append, name).atexit = False
    return expression, {name: data}


def to_arrow(made: object, where: str) -> pa.Table:
    """Return the Arrow table of a pandas, Polars or Arrow table; a pandas index is not data and is dropped."""
    import pandas as pd
    import pyarrow as pa

    with explained(f"{where}: the function's table does not fit Arrow", "give every column values of one type"):
        if isinstance(made, pd.DataFrame):
            return pa.Table.from_pandas(made, preserve_index=False)
        if hasattr(made, "collect") and hasattr(made, "lazy"):  # a Polars LazyFrame: streams, and gives a DataFrame
            made = made.collect()
        if isinstance(made, pa.RecordBatchReader):
            return made.read_all()
        if isinstance(made, pa.RecordBatch):
            return pa.Table.from_batches([made])
        if hasattr(made, "__arrow_c_stream__"):
            return pa.table(made)
    raise failure(
        f"{where}: the function returned {type(made).__module__}.{type(made).__qualname__}, not a table",
        "return a pandas, Polars, Arrow or Ibis table",
    )


def _readable(data: pa.Table | dataset.Dataset) -> pa.Table | dataset.Dataset:
    """Give columns of types that the engine has no name for another one: nulls, 16 or 256 bits, zoned nanoseconds."""
    import pyarrow as pa

    schema = pa.schema([field.with_type(_readable_type(field.type)) for field in data.schema])
    if schema.equals(data.schema):
        return data
    # A dataset takes no other types than its files have.
    held = data if isinstance(data, pa.Table) else data.to_table()
    columns = [plain(values) if _is_too_long(values.type) else values for values in held.columns]
    # A zone's nanoseconds are cut off, as the engine cuts those of Parquet files.
    return pa.table(columns, names=schema.names).cast(schema, safe=False)


def _is_too_long(type_: pa.DataType) -> bool:
    """Return whether a decimal has more digits than the engine's."""
    import pyarrow as pa

    return bool(pa.types.is_decimal256(type_) and type_.precision > _MOST_DIGITS)


def _readable_type(type_: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    if pa.types.is_null(type_):
        return pa.string()
    if pa.types.is_float16(type_):
        return pa.float32()
    if pa.types.is_decimal256(type_):
        return pa.float64() if _is_too_long(type_) else pa.decimal128(type_.precision, type_.scale)
    if pa.types.is_timestamp(type_) and type_.unit == "ns" and type_.tz is not None:
        return pa.timestamp("us", type_.tz)
    return type_
