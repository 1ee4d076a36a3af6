"""Names of columns: each stands once, and one that is asked for exists."""

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


def replaced(table: ibis.Table, columns: Mapping[str, ibis.Value]) -> ibis.Table:
    """Return an Ibis table with other values in some columns, which may be called as a parameter of Ibis's is."""
    changed: ibis.Table = table.mutate([value.name(name) for name, value in columns.items()])
    return changed
