"""The splits that a subject declares, each opened on first use, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlquality.errors import DataError, MLQualityError, nearest

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models import Model
    from pytest_mlquality.data import Split, Table
    from pytest_mlquality.settings import Settings


class Splits(Mapping[str, "Table"]):
    """The tables of ``[data.train]``, ``[data.test]``, ``[data.production]`` and ``[data.raw]``, by name.

    Parameters
    ----------
    told
        Called with a split's name and what the evidence says of it (source, rows, digest) when it is opened.
    rehash
        Compute the digests of files anew.
    model
        Called where columns of text are read: what it was fitted on goes before a guess.
    """

    def __init__(
        self,
        settings: Settings,
        told: Callable[[str, dict[str, Any]], None],
        *,
        rehash: bool = False,
        model: Callable[[], Model | None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._model = model
        self._told = told
        self._rehash = rehash
        self._open: dict[str, Table] = {}
        self._opening: list[str] = []

    def __getitem__(self, name: str) -> Table:
        if name not in self._open:
            table = self._opened(name)
            self._require_ignored(table)
            self._open[name] = table
        return self._open[name]

    def __contains__(self, name: object) -> bool:
        return name in self._settings.data.splits

    def __iter__(self) -> Iterator[str]:
        return iter(self._settings.data.splits)

    def __len__(self) -> int:
        return len(self._settings.data.splits)

    def _opened(self, name: str) -> Table:
        from pytest_mlquality.data import column_names
        from pytest_mlquality.data.label_lists import with_label_columns
        from pytest_mlquality.data.time_blocks import with_blocks

        data = self._settings.data
        split = data.splits.get(name)
        if split is None:
            raise DataError(
                f"{self._settings.file}: the split {name!r} is not declared{nearest(name, data.splits)}",
                f"add [data.{name}] with a source",
            )
        self._opening.append(name)
        try:
            table = self._split(name).open(lambda: self._expected(name))
        finally:
            self._opening.remove(name)
        self._require_text(split.types, f"data.{name}.types", table)
        if name == next(iter(self)):
            # Later ones may lack a column, such as the target.
            column_names.require(data.types, table.columns, "data.types")
        # A digest of files is cheap and cached; one of a warehouse table reads it all, so it waits to be asked for.
        digest = table.digest(rehash=self._rehash) if table.files else None
        self._told(name, {"source": table.source, "rows": table.rows, "digest": digest})
        if data.block is not None and data.time is not None:
            table = with_blocks(table, str(data.unit), data.time, data.block)
        return with_label_columns(table, str(data.target), data.label_columns) if data.labels else table

    def _split(self, name: str) -> Split:
        from pytest_mlquality.data import Split

        data = self._settings.data
        said = data.splits[name]
        return Split(
            name,
            said.source,
            self._settings.base,
            said.engine or data.engine,
            said.filter,
            data.key,
            {**data.types, **said.types},
        )

    def _expected(self, name: str) -> dict[str, str]:
        """Return column -> type by those who know it: the model, the settings, the schema, other splits.

        No model has seen the columns of raw data.
        """
        from pytest_mlquality.expected_types import of_model, of_schema, of_settings, together

        model = of_model(self._model, self._settings.data) if name != "raw" else {}
        return together(model, of_settings(self._settings), of_schema(self._settings), *self._of_others(name))

    def _of_others(self, name: str) -> Iterator[dict[str, str]]:
        """Yield the types of splits before it, and of later ones whose files say them, so that all are read alike."""
        from pytest_mlquality.expected_types import of_table

        order = [other for other in self if other != "raw"]
        place = order.index(name) if name in order else 0
        for other in order:
            is_before = order.index(other) < place
            if other in self._opening or not (is_before or self._split(other).says_types):
                continue
            try:
                yield of_table(self[other], but_text=not is_before)
            except MLQualityError:  # whoever asks for that split is told
                continue

    def _require_text(self, types: Mapping[str, str], where: str, table: Table) -> None:
        from pytest_mlquality.data import column_names

        for column in column_names.require(types, table.columns, where):
            if column not in table.origin.read_as:
                raise DataError(
                    f"{where}: {column!r} is no column of text: {table.source} says itself that it is "
                    f"{table.schema[column]}",
                    f"leave it out; [{where.removesuffix('.types')}] types is for CSV and for folders called key=value",
                )

    def _require_ignored(self, table: Table) -> None:
        """Raise DataError where ``[data] ignore`` names a column that no split has: others are opened only to ask."""
        from pytest_mlquality.data.column_names import require

        lacking = [name for name in self._settings.data.ignore if name not in table.columns]
        if not lacking:
            return
        known = list(table.columns)
        for other in self:
            if other in self._opening:  # it is asked for its own columns next
                return
            try:
                known += self.columns_of(other) if other != table.name else ()
            except MLQualityError:  # nobody knows what it has
                return
        require(lacking, list(dict.fromkeys(known)), f"{self._settings.file}: [data] ignore")

    def columns_of(self, name: str) -> Sequence[str]:
        """Return the names of a split's columns, whatever their types; no model is asked for it."""
        return (self._open.get(name) or self._split(name).open()).columns
