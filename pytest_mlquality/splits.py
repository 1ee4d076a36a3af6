"""The splits that a subject declares, each opened on first use, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pytest_mlquality.errors import DataError, nearest

if TYPE_CHECKING:
    from pytest_mlquality.data import Table
    from pytest_mlquality.settings import Settings


class Splits(Mapping[str, "Table"]):
    """The tables of ``[data.train]``, ``[data.test]``, ``[data.production]`` and ``[data.raw]``, by name.

    Parameters
    ----------
    told
        Called with a split's name and what the evidence says of it (source, rows, digest) when it is opened.
    rehash
        Compute the digests of files anew.
    """

    def __init__(
        self, settings: Settings, told: Callable[[str, dict[str, Any]], None], *, rehash: bool = False
    ) -> None:
        self._settings = settings
        self._told = told
        self._rehash = rehash
        self._open: dict[str, Table] = {}

    def __getitem__(self, name: str) -> Table:
        if name not in self._open:
            self._open[name] = self._opened(name)
        return self._open[name]

    def __contains__(self, name: object) -> bool:
        return name in self._settings.data.splits

    def __iter__(self) -> Iterator[str]:
        return iter(self._settings.data.splits)

    def __len__(self) -> int:
        return len(self._settings.data.splits)

    def _opened(self, name: str) -> Table:
        from pytest_mlquality.data import open_split

        data = self._settings.data
        split = data.splits.get(name)
        if split is None:
            raise DataError(
                f"{self._settings.file}: the split {name!r} is not declared{nearest(name, data.splits)}",
                f"add [data.{name}] with a source",
            )
        table = open_split(
            name,
            source=split.source,
            engine=split.engine or data.engine,
            filter=split.filter,
            base=self._settings.base,
            key=data.key,
        )
        # A digest of files is cheap and cached; one of a warehouse table reads it all, so it waits to be asked for.
        digest = table.digest(rehash=self._rehash) if table.files else None
        self._told(name, {"source": table.source, "rows": table.rows, "digest": digest})
        return table
