"""Names of columns: each stands once, one that is asked for exists, and one of our own is none of the data's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from pytest_mlquality.data.faults import failure
from pytest_mlquality.errors import nearest

if TYPE_CHECKING:
    import ibis

_SHOWN = 30


def refuse_twins(names: Iterable[str], where: str) -> None:
    """Raise a DataError where two names differ in nothing but upper and lower case."""
    twins = [name for name, times in Counter(name.casefold() for name in names).items() if times > 1]
    if twins:
        raise failure(
            f"{where}: the column {twins[0]!r} stands there twice (SQL does not tell upper from lower case)",
            "rename one of the two",
        )


def require(asked: Iterable[str], known: Sequence[str], where: str) -> list[str]:
    """Return the names asked for, each once, in order; raise a DataError naming the first that is not known."""
    names = list(dict.fromkeys(asked))
    for name in names:
        if name not in known:
            more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
            raise failure(
                f"{where}: there is no column {name!r}{nearest(name, known)}",
                f"its columns are {', '.join(known[:_SHOWN])}{more}",
            )
    return names


def own_name(stem: str, columns: Iterable[str]) -> str:
    """Return what a column of our own is called beside `columns`: `stem`, made longer until none of them begins so.

    Any number may be put behind it. Case is left aside, as SQL does.
    """
    taken = [name.casefold() for name in columns]
    while any(name.startswith(stem) for name in taken):
        stem += "_"
    return stem


def replaced(table: ibis.Table, columns: Mapping[str, ibis.Value]) -> ibis.Table:
    """Return an Ibis table with other values in some columns, which may be called as a parameter of Ibis's is.

    A new one takes the place of one that differs from it in upper and lower case alone: SQL would not tell them apart.
    """
    values = [value.name(name) for name, value in columns.items()]
    new = {name.casefold() for name in columns if name not in table.columns}
    kept = [name for name in table.columns if name.casefold() not in new]
    changed: ibis.Table = (
        table.mutate(values)
        if len(kept) == len(table.columns)
        else table.select([*(table[name] for name in kept if name not in columns), *values])
    )
    return changed
