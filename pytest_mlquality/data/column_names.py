"""Names of columns: each stands once, and one that is asked for exists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pytest_mlquality.data.faults import failure
from pytest_mlquality.errors import nearest

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
