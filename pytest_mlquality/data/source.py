"""A split as the settings describe it, and how it becomes a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlquality.data import arrow_files, callables, categoricals, engine, files, finding, memory
from pytest_mlquality.data.faults import explained, failure
from pytest_mlquality.data.partitions import of_folders
from pytest_mlquality.data.table import Origin, Table
from pytest_mlquality.data.text_columns import Said
from pytest_mlquality.errors import nearest
from pytest_mlquality.redaction import conceal

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa
    from ibis.backends import BaseBackend
    from pyarrow import dataset


def in_memory(name: str, made: object, source: str) -> Table:
    """Return rows that this process made as a table.

    Parameters
    ----------
    name, source
        What errors call the table, and where its rows come from, for people.
    made
        A pandas, Polars, Arrow or Ibis table.
    """
    import ibis

    if isinstance(made, ibis.Table):
        return Table(name, Origin(source, made, registered=None))
    data = memory.to_arrow(made, f"data.{name}")
    return Table(name, Split(name, source, base=Path())._in_memory(data, f"data.{name}"))


@dataclass(frozen=True, slots=True)
class Split:
    """What ``[data.<name>]`` says.

    Parameters
    ----------
    name
        ``train``, ``test``, ``production`` ...
    source
        ``python:package.module:function``; a path or glob: what ends in ``.parquet``, ``.csv``, ``.tsv``, ``.arrow``,
        ``.feather`` (or ``.csv.gz`` ...) or has a glob character; a folder of such files; anything else is a table of
        the engine, written ``table``, ``schema.table`` or ``catalog.schema.table``.
    engine
        URL of an Ibis backend. Files and Python tables are always read by the embedded DuckDB, whatever stands here,
        so that one ``[data] engine`` can name the warehouse of some splits.
    filter
        A condition in SQL, in the dialect of what reads the source (DuckDB's for files and Python tables).
    base
        The folder of the settings file.
    key
        Column to order by where rows have no order of their own (tables of an engine).
    types
        By column of CSV, or of folders called ``key=value``, its type as `pytest_mlquality.column_type` has it.
    """

    name: str
    source: str
    base: Path
    engine: str = field(default=engine.EMBEDDED, repr=False)
    filter: str | None = None
    key: str | None = None
    types: Mapping[str, str] = field(default_factory=dict)

    def open(self, expected: Callable[[], Mapping[str, str]] = dict) -> Table:
        """Return the split as a table that has at least one row.

        Parameters
        ----------
        expected
            Called where columns of text are read (those of CSV, and of folders called ``key=value``): by column, the
            type that it is expected to have, which goes before a guess; `pytest_mlquality.column_type` has the words.

        Raises
        ------
        DataError
            It cannot be read, its filter is not a condition on its columns, or it is empty.
        MissingExtra
            The engine's driver is not installed.
        """
        __tracebackhide__ = True
        table = Table(self.name, self._origin(Said(self.types, expected)), key=self.key)
        if self.filter is not None and self.filter.strip():
            table = table.where(self.filter)
        return table.require_rows()

    @property
    def says_types(self) -> bool:
        """Whether the source itself says the types of its columns, as CSV does not."""
        return not self._are_files or finding.kind_of(self.source) in ("parquet", "arrow")

    @property
    def _are_files(self) -> bool:
        if self.source.startswith(callables.PREFIX):
            return False
        return finding.are_files(self.source, self.base, has_engine=self.engine != engine.EMBEDDED)

    def _origin(self, said: Said) -> Origin:
        __tracebackhide__ = True
        where = f"data.{self.name}.source"
        if self.source.startswith(callables.PREFIX):
            return self._from_python(where)
        return self._from_files(where, said) if self._are_files else self._from_engine(where)

    def _from_files(self, where: str, said: Said) -> Origin:
        found = finding.find(self.source, self.base, where)
        kinds = {finding.kind_of(file.name) for file in found}
        if len(kinds) > 1 or None in kinds:
            raise failure(
                f"{where}: {self.source!r} matches files of several kinds or of an unknown one: "
                f"{', '.join(file.name for file in found[:5])}",
                f"end it in one of {', '.join(finding.KINDS)}",
            )
        relative = not Path(self.source).is_absolute()
        names = finding.names_of(found, self.base if relative else None)
        if kinds == {"arrow"}:
            of_names = of_folders(found, self.source, self.base, said, arrow_files.names(found[0], where), where)
            data = arrow_files.read(found, where, of_names.table() if of_names.readings else None)
            read_as = {name: one.type for name, one in of_names.readings.items()}
            return replace(self._in_memory(data, where, files=found, names=names), read_as=read_as)
        expression, read_as, as_stored = files.read(found, self.source, self.base, where, said)
        if kinds == {"csv"} and files.are_small(found):
            with explained(f"{where}: {self.source!r} cannot be read", "correct the file, or write it as Parquet"):
                data = expression.to_pyarrow()
            return replace(self._in_memory(data, where, files=found, names=names), read_as=read_as)
        kept = categoricals.of_parquet(found) if kinds == {"parquet"} else categoricals.Categoricals()
        return Origin(
            conceal(self.source),
            expression,
            files=found,
            names=names,
            in_order=True,
            stored=expression if as_stored else None,
            categoricals=kept,
            read_as=read_as,
        )

    def _from_python(self, where: str) -> Origin:
        import ibis

        made = callables.call(self.source, self.base, where)
        if isinstance(made, ibis.Table):
            return Origin(conceal(self.source), made, registered=None)
        return self._in_memory(memory.to_arrow(made, where), where)

    def _in_memory(
        self, data: pa.Table | dataset.Dataset, where: str, files: tuple[Path, ...] = (), names: tuple[str, ...] = ()
    ) -> Origin:
        with explained(f"{where}: {self.source} cannot be read by the engine", "has it a type that SQL does not know?"):
            expression, registered = memory.register(data, where)
        kept = categoricals.of_arrow(data)
        source = conceal(self.source)
        return Origin(
            source, expression, in_order=True, registered=registered, categoricals=kept, files=files, names=names
        )

    def _from_engine(self, where: str) -> Origin:
        __tracebackhide__ = True
        backend = engine.connect(self.engine, self.base, f"data.{self.name}.engine")
        if backend is engine.embedded():
            raise failure(
                f"{where}: {self.source!r} is neither a file nor a function, and no engine is set",
                f"a path ends in one of {', '.join(finding.KINDS)}; else set the engine whose table it is",
            )
        return Origin(f"{conceal(self.source)} in {engine.shown(self.engine)}", self._table_of(backend, where))

    def _table_of(self, backend: BaseBackend, where: str) -> ibis.Table:
        from ibis.common.exceptions import TableNotFound

        *place, name = self.source.split(".")
        tries = [(self.source, None)] + ([(name, tuple(place) if len(place) > 1 else place[0])] if place else [])
        with explained(f"{where}: the table {self.source!r} cannot be read", "may this user read it?"):
            for table, database in tries:
                try:
                    return engine.table_of(backend, table, database)
                except TableNotFound:
                    continue
            known = backend.list_tables(database=tries[-1][1]) if not place else []
        raise failure(
            f"{where}: there is no table {self.source!r} in {engine.shown(self.engine)}{nearest(name, known)}",
            "write it as table or schema.table; a file needs a suffix such as .parquet",
        )


def open_split(
    name: str,
    *,
    source: str,
    base: Path,
    engine: str = engine.EMBEDDED,
    filter: str | None = None,
    key: str | None = None,
    types: Mapping[str, str] | None = None,
    expected: Callable[[], Mapping[str, str]] = dict,
) -> Table:
    """Open a split; see `Split` for the parameters and ``Split.open`` for what is raised."""
    __tracebackhide__ = True
    return Split(name, source, base, engine, filter, key, types or {}).open(expected)
