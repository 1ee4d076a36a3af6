"""Arrow tables that live in this process, made visible to the embedded engine."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.column_names import refuse_twins
from pytest_mlquality.data.engine import embedded, table_of
from pytest_mlquality.data.faults import explained, failure

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa
    from pyarrow import dataset

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
    """Give columns of types that the engine has no name for another one: nothing but nulls, 16 bits, 256 bits."""
    import pyarrow as pa

    schema = pa.schema([field.with_type(_readable_type(field.type)) for field in data.schema])
    if schema.equals(data.schema):
        return data
    # A dataset takes no other types than its files have.
    return (data if isinstance(data, pa.Table) else data.to_table()).cast(schema)


def _readable_type(type_: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    if pa.types.is_null(type_):
        return pa.string()
    if pa.types.is_float16(type_):
        return pa.float32()
    if pa.types.is_decimal256(type_):
        return pa.decimal128(type_.precision, type_.scale) if type_.precision <= 38 else pa.float64()
    return type_
