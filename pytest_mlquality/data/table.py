"""A split that is open: a few questions, each answered by a query of the engine that holds the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data import column_names, reading, sampling
from pytest_mlquality.data.column_names import replaced
from pytest_mlquality.data.condition import holding, with_conditions
from pytest_mlquality.data.faults import asked_of, explained, failure
from pytest_mlquality.data.kinds import is_handed_over, kind_of
from pytest_mlquality.data.nan import is_missing
from pytest_mlquality.data.plain_values import wide

if TYPE_CHECKING:
    import ibis
    import pandas as pd
    import pyarrow as pa

    from pytest_mlquality.data.categoricals import Categoricals

_UNSORTABLE = ("is_json", "is_map", "is_array", "is_struct", "is_geospatial", "is_unknown")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a table's rows come from.

    Parameters
    ----------
    source
        Redacted text for people.
    expression
        The rows.
    files, names
        The files that were read, and their names independent of where the project stands; empty for other sources.
    in_order
        The rows have an order of their own (files, tables in memory), which every query keeps.
    stored
        The rows as Parquet files hold them: while `expression` is the same, they can be read without the engine.
    registered
        What the embedded engine must be told anew on a further cursor, by name; None where that is not known, as of
        the user's own Ibis tables, and rows then cannot be streamed.
    categoricals
        Columns that frames show as categories.
    read_as
        By column whose files hold text, the type that it was read as, in the words of people.
    """

    source: str
    expression: ibis.Table
    files: tuple[Path, ...] = ()
    names: tuple[str, ...] = ()
    in_order: bool = False
    stored: ibis.Table | None = None
    registered: Mapping[str, Any] | None = field(default_factory=dict, repr=False)
    categoricals: Categoricals | None = None
    read_as: Mapping[str, str] = field(default_factory=dict)


class Table:
    """One split of the data.

    Parameters
    ----------
    name
        The split's name, which every DataError mentions.
    origin
        Where its rows come from.
    key
        Column to order by where the rows have no order of their own.
    """

    def __init__(self, name: str, origin: Origin, *, key: str | None = None) -> None:
        self.name = name
        self.key = key
        self.origin = origin

    def __repr__(self) -> str:
        return f"<Table {self.name}: {self.source}>"

    @property
    def expression(self) -> ibis.Table:
        """The rows as an Ibis table, the filter applied, for queries of one's own."""
        return self.origin.expression

    @property
    def source(self) -> str:
        """What was opened, without secrets."""
        return self.origin.source

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that were read, sorted by name; empty for other sources."""
        return self.origin.files

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names in the order of the source."""
        return tuple(self.expression.columns)

    @cached_property
    def schema(self) -> dict[str, str]:
        """Ibis types by column, such as ``int64``, ``string``, ``timestamp('UTC')``; nullability is left out."""
        return {name: str(type_.copy(nullable=True)) for name, type_ in self.expression.schema().items()}

    @cached_property
    def rows(self) -> int:
        """Number of rows."""
        return self._answer(self.expression.count())

    def require_rows(self) -> Table:
        """Return the table itself; raise a DataError where it has no row."""
        with self._reading():
            # With all its cells, so that a file with broken pages is found out before anything is measured.
            types = self.expression.schema().items()
            read = [name for name, type_ in types if is_handed_over(type_)]
            found = self.expression.limit(1).select(read).to_pyarrow().num_rows if read else self.rows
        if not found:
            raise failure(
                f"data.{self.name}: {self.source} has no row to judge",
                f"look at data.{self.name}.source and data.{self.name}.filter: what should they select?",
            )
        return self

    def where(self, predicate: str) -> Table:
        """Return the table of the rows for which an SQL condition holds, in the dialect of the engine."""
        return self._having(self._narrowed(predicate, f"data.{self.name}.filter: "))

    def having(self, condition: ibis.BooleanValue) -> Table:
        """Return the table of the rows for which an expression over its columns holds."""
        return self._having(self.expression.filter(condition))

    def some(self, rows: int) -> Table:
        """Return the table of at most so many of its rows, whichever they are."""
        return self._having(self.expression.limit(rows))

    def labelled(self, targets: Sequence[str]) -> Table:
        """Return the table of the rows that have a value in each of some columns: neither NULL nor NaN."""
        return self._having(
            self.expression.filter([~is_missing(self.expression[name]) for name in self._require(targets)])
        )

    def with_conditions(self, conditions: Mapping[str, str]) -> Table:
        """Return the table with a boolean column for each SQL condition that `require_condition` has accepted."""
        return self._having(with_conditions(self.expression, conditions))

    def with_values(self, columns: Mapping[str, ibis.Value]) -> Table:
        """Return the table with other values in some of its columns; frames show these as they are."""
        kept = self.origin.categoricals.without(columns) if self.origin.categoricals is not None else None
        origin = replace(self.origin, expression=replaced(self.expression, columns), categoricals=kept)
        return Table(self.name, origin, key=self.key)

    def without(self, column: str) -> Table:
        """Return the table without a column, which it may lack."""
        return self._having(self.expression.drop(column)) if column in self.columns else self

    def with_registered(self, registered: Mapping[str, Any] | None) -> Table:
        """Return the table with more that its engine must be told before rows are streamed; see `Origin`."""
        return Table(self.name, replace(self.origin, registered=registered), key=self.key)

    def require_condition(self, predicate: str) -> None:
        """Raise DataError where `predicate` is no SQL condition on this table."""
        self._narrowed(predicate)

    def _having(self, expression: ibis.Table) -> Table:
        return Table(self.name, replace(self.origin, expression=expression), key=self.key)

    def _narrowed(self, predicate: str, where: str = "") -> ibis.Table:
        what = f"{where}{predicate!r} is not a condition on this table"
        with explained(what, f"write SQL as {self._dialect} knows it, on the columns {', '.join(self.columns[:10])}"):
            expression = holding(self.expression, predicate)
            reading.bind(expression)
        return expression

    def require_columns(self, columns: Iterable[str]) -> None:
        """Raise DataError where the table lacks one of the columns."""
        self._require(columns)

    def count(self, predicate: str) -> int:
        """Return the number of rows for which an SQL condition holds (neither false nor null)."""
        return self._answer(self._narrowed(predicate, f"data.{self.name}: ").count())

    def nulls(self, columns: Iterable[str]) -> dict[str, int]:
        """Return the number of missing values by column: NULL, and NaN, which pandas cannot tell from it."""
        names = self._require(columns)
        answer = self.aggregates({name: reading.missing(self.expression, name) for name in names})
        return {name: int(answer[name] or 0) for name in names}

    def aggregates(self, asked: Mapping[str, ibis.Value], of: ibis.Table | None = None) -> dict[str, Any]:
        """Return the answers to aggregates of the rows by name, from one query.

        Parameters
        ----------
        of
            An expression over the rows, such as groups of them, where the aggregates are of that.
        """
        if not asked:
            return {}
        # Engines differ in which names they allow.
        named = {f"c{place}": value for place, value in enumerate(asked.values())}
        with self._reading():
            answer = (self.expression if of is None else of).aggregate(**named).to_pyarrow().to_pylist()[0]
        return {name: answer[f"c{place}"] for place, name in enumerate(asked)}

    def values(self, column: str) -> list[Any]:
        """Return the different values of a column, None among them where one is missing; in any order."""
        names = self._require([column])
        with self._reading():
            return self.expression.select(names).distinct().to_pyarrow()[column].to_pylist()  # type: ignore[no-any-return]

    def frame(self, columns: Iterable[str]) -> pd.DataFrame:
        """Return these columns of all rows.

        Every call gives the rows in the same order: that of the source, else by `key`, else by all columns. Integers
        with missing values become float64, as pandas reads them, or Int64 where floats would not tell them apart;
        decimals are float64 too, dates are times, categorical columns categorical.
        """
        names = self._require_readable(columns)
        if not names:
            import pandas as pd

            return pd.DataFrame(index=pd.RangeIndex(self.rows))
        with self._reading():
            arrow = self._in_order().select(names).to_pyarrow()
        return reading.to_pandas(arrow, self.origin.categoricals)

    def sample(self, columns: Iterable[str], size: int, seed: int) -> pd.DataFrame:
        """Return these columns of `size` rows, or of all where there are no more, drawn by the engine.

        They come in an order of chance, so that nothing can be told from it; the index is their place in `frame`.
        """
        names = self._require_readable(columns)
        if not sampling.can_draw(self.expression):
            return sampling.drawn_from(self.batches(names), self.rows, size, seed)
        with self._reading():
            order = () if self.origin.in_order else self._order
            arrow = sampling.drawn(self.expression, names, order, size, seed, of=self.rows).to_pyarrow()
            if len(arrow) < min(size, self.rows):
                arrow = sampling.drawn(self.expression, names, order, size, seed).to_pyarrow()
        frame = reading.to_pandas(arrow, self.origin.categoricals)
        return frame.set_index(sampling.place_beside(names)).rename_axis(None)

    def batches(
        self, columns: Iterable[str], rows: int = 200_000, *, ordered: bool = True, as_stored: bool = False
    ) -> Iterator[pd.DataFrame]:
        """Yield `frame` in pieces of at most `rows` rows, of the same dtypes, never all in memory at once.

        Other queries may run between two pieces. Where `ordered` is false the rows come in any order; where `as_stored`
        is true decimals and dates are values of Python.
        """
        names = self._require_readable(columns)
        dtypes = self._dtypes(names)
        for batch in self.arrow_batches(names, rows, ordered=ordered):
            yield reading.to_pandas(batch, self.origin.categoricals, dtypes, as_stored=as_stored)

    def arrow_batches(self, columns: Iterable[str], size: int = 200_000, *, ordered: bool = True) -> Iterator[pa.Table]:
        """Yield pyarrow Tables of at most `size` rows; in any order where `ordered` is false, which costs no sort."""
        names = self._require_readable(columns)
        with self._reading():
            expression = (self._in_order() if ordered else self.expression).select(names)
            files = self.files if self.expression is self.origin.stored else ()
            yield from reading.stream(expression, size, self.origin.registered, files)

    def digest(self, *, rehash: bool = False) -> str:
        """Return ``sha256:`` and the digest of the source.

        Of files: their bytes and names, whatever the filter selects (which is part of the settings' digest). Of other
        sources: the content of the rows (`pytest_mlquality.data.content.content_digest`), for which all of them are
        read; no engine tells Ibis the id of a table's snapshot.
        """
        if self.files:
            from pytest_mlquality.data.digest import files_digest

            return files_digest(self.files, self.origin.names, rehash=rehash, where=f"data.{self.name}.source")
        from pytest_mlquality.data.content import content_digest

        return content_digest(self)

    @cached_property
    def _order(self) -> tuple[str, ...]:
        """Columns that put the rows of an engine's table in one order: a key that is unique, else all of them."""
        types = self.expression.schema().items()
        sortable = [name for name, type_ in types if not any(getattr(type_, odd)() for odd in _UNSORTABLE)]
        if self.key is None:
            return tuple(sortable)
        [key] = column_names.require([self.key], self.columns, "data.key")
        unique = self._answer(self.expression[key].nunique()) == self.rows
        return (key,) if unique else (key, *(name for name in sortable if name != key))

    def _in_order(self) -> ibis.Table:
        return self.expression if self.origin.in_order else self.expression.order_by(list(self._order))

    def _dtypes(self, names: Iterable[str]) -> dict[str, str]:
        """Return the dtypes of the integers and truths of which some are missing: what no piece alone can tell."""
        schema = self.expression.schema()
        may_change = [name for name in names if kind_of(schema[name]) in ("whole", "truth")]
        widened = [name for name, missing in self.nulls(may_change).items() if missing]
        dtypes = {name: "object" if kind_of(schema[name]) == "truth" else "float64" for name in widened}
        large = [name for name in widened if schema[name].is_integer() and schema[name].nbytes == 8]
        least = self.aggregates({name: self.expression[name].min() for name in large})
        most = self.aggregates({name: self.expression[name].max() for name in large})
        for name in large:
            dtypes[name] = wide(least[name], most[name], signed=schema[name].is_signed_integer()) or dtypes[name]
        return dtypes

    def _require_readable(self, columns: Iterable[str]) -> list[str]:
        """Return columns that frames can hold; raise DataError where one is not there, or is a duration."""
        names = self._require(columns)
        schema = self.expression.schema()
        odd = next((name for name in names if not is_handed_over(schema[name])), None)
        if odd is not None:
            raise failure(
                f"data.{self.name}: the column {odd!r} is of type {self.schema[odd]}, which cannot be read",
                "store durations as numbers, such as seconds; or name the column in [data] ignore",
            )
        return names

    def _require(self, columns: Iterable[str]) -> list[str]:
        return column_names.require(columns, self.columns, f"data.{self.name}")

    def _answer(self, scalar: ibis.Value) -> int:
        with self._reading():
            return int(scalar.to_pyarrow().as_py())

    @contextmanager
    def _reading(self) -> Iterator[None]:
        what = f"data.{self.name}: {self.source} cannot be read"
        remedy = "is the source complete, and does the filter fit all of its rows?"
        with explained(what, remedy), asked_of(self._dialect, f"data.{self.name}"):
            yield

    @property
    def _dialect(self) -> str:
        return str(self.expression.get_backend().name)
