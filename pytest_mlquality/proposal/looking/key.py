"""The column that identifies a row, where nobody has named one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from pytest_mlquality.errors import DataError
from pytest_mlquality.measures.identifiers import identifiers, is_named_so
from pytest_mlquality.measures.leakage import shared_keys
from pytest_mlquality.measures.roles import Roles

if TYPE_CHECKING:
    from pytest_mlquality.data import Table

# Where more test rows than this have a key of train, numbers begin anew in each file.
MOST_SHARED = 0.5


def key_of(tables: Mapping[str, Table], aside: Collection[str]) -> str | None:
    """Return the column that every split has, in which every row of it has its own value, and that looks so.

    Parameters
    ----------
    aside
        Columns that mean something else, or that the model sees.
    """
    found = [name for name in next(iter(tables.values())).columns if name not in aside]
    for table in tables.values():
        found = identifiers(table, [name for name in found if name in table.columns])
    known = [name for name in found if _is_one_everywhere(name, tables)]
    return min(known, key=lambda name: (name.lower() != "id", not is_named_so(name), found.index(name)), default=None)


def _is_one_everywhere(name: str, tables: Mapping[str, Table]) -> bool:
    """Whether the column names the same rows in train and in test, and does not only number the rows of each."""
    if "train" not in tables or "test" not in tables:
        return True
    try:
        shared = shared_keys(tables["train"], tables["test"], Roles((), key=name)).value
    except DataError:  # of two engines: only its name can tell
        return is_named_so(name)
    return (shared or 0.0) <= (MOST_SHARED if is_named_so(name) else 0.0)
