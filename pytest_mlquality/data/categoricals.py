"""Categorical columns stay categorical: engines see plain values, frames get the categories of the source back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.plain_values import plain

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyarrow import dataset

_Chunks = Callable[[str], "Iterable[pa.DictionaryArray]"]


class Categoricals:
    """The columns that the source declares as dictionaries (pandas ``category``, Polars ``Categorical`` or ``Enum``).

    Parameters
    ----------
    schema
        pyarrow Schema of the source.
    chunks
        Gives the arrays of one column; read on first use, in the order in which their categories are to stand.
    """

    def __init__(self, schema: pa.Schema | None = None, chunks: _Chunks = lambda _name: ()) -> None:
        from pyarrow import types

        fields = [] if schema is None else [field for field in schema if types.is_dictionary(field.type)]
        self._ordered = {field.name: bool(field.type.ordered) for field in fields}
        self._chunks = chunks
        self._dtypes: dict[str, pd.CategoricalDtype] = {}

    @property
    def names(self) -> frozenset[str]:
        """Names of the categorical columns."""
        return frozenset(self._ordered)

    def without(self, names: Iterable[str]) -> Categoricals:
        """Return the same without some columns."""
        left = Categoricals(chunks=self._chunks)
        left._ordered = {name: ordered for name, ordered in self._ordered.items() if name not in set(names)}
        return left

    def dtype(self, name: str) -> pd.CategoricalDtype:
        """Return the dtype of a column: the same for every batch, unused categories and their order kept."""
        if name not in self._dtypes:
            self._dtypes[name] = self._read(name)
        return self._dtypes[name]

    def _read(self, name: str) -> pd.CategoricalDtype:
        import pandas as pd

        values: dict[Any, None] = {}
        seen: Any = None
        for chunk in self._chunks(name):
            # Chunks of one file mostly share a dictionary: comparing is cheaper than looking at its values again.
            if seen is None or not chunk.dictionary.equals(seen):
                seen = chunk.dictionary
                values.update(dict.fromkeys(_shown(seen)))
        return pd.CategoricalDtype([value for value in values if value is not None], ordered=self._ordered[name])


def _shown(values: pa.Array) -> list[Any]:
    """Return the values of a dictionary as frames show them."""
    import pyarrow as pa

    return plain(pa.chunked_array([values])).to_pylist()  # type: ignore[no-any-return]  # pyarrow has no types


def of_parquet(files: Sequence[Path]) -> Categoricals:
    """Return the categoricals of Parquet files, as the first of them declares them."""
    from pyarrow import parquet

    def chunks(name: str) -> Iterable[pa.DictionaryArray]:
        for file in files:
            with parquet.ParquetFile(file) as opened:
                for batch in opened.iter_batches(columns=[name]):
                    yield batch.column(0)

    return Categoricals(parquet.read_schema(files[0]), chunks)


def of_arrow(data: pa.Table | dataset.Dataset) -> Categoricals:
    """Return the categoricals of an Arrow table or dataset."""

    def chunks(name: str) -> Iterable[pa.DictionaryArray]:
        return (
            (batch.column(0) for batch in data.select([name]).to_batches())
            if hasattr(data, "combine_chunks")
            else (batch.column(0) for batch in data.to_batches(columns=[name]))
        )

    return Categoricals(data.schema, chunks)
