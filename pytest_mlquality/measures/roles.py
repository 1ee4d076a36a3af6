"""Which column of a split means what, and whether the split has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlquality.errors import DataError, nearest

if TYPE_CHECKING:
    from pytest_mlquality.data import Table


@dataclass(frozen=True, slots=True)
class Roles:
    """Which column means what.

    Parameters
    ----------
    features
        The columns that the model sees.
    target
        The column of the labels; of several labels a column for each.
    ignored
        Columns that are said to mean nothing.
    """

    features: tuple[str, ...]
    target: str | tuple[str, ...] | None = None
    key: str | None = None
    time: str | None = None
    ignored: tuple[str, ...] = ()

    def needed(self, role: str, *tables: Table) -> str:
        """Return the column of a role; raise DataError where the settings name none, or one of the tables lacks it."""
        column: str | None = getattr(self, role)
        if not column:
            raise DataError(f"[data] {role} is not set, which this measure needs", f"set [data] {role}")
        for table in tables:
            require_columns(table, [column], f"look at [data] {role}")
        return column

    @property
    def targets(self) -> tuple[str, ...]:
        """The columns of the labels."""
        return (self.target,) if isinstance(self.target, str) else self.target or ()

    def labels(self, *tables: Table) -> tuple[str, ...]:
        """Return the columns of the labels, one or several; raises as `needed` does."""
        if not self.targets:
            self.needed("target")
        for table in tables:
            require_columns(table, self.targets, "look at [data] target")
        return self.targets

    def features_in(self, table: Table) -> list[str]:
        """Return the features that a split has; of one that lacks others, ``mismatched_columns`` tells."""
        return [name for name in self.features if name in table.columns]


def require_columns(table: Table, columns: Iterable[str], remedy: str = "look at [data]") -> None:
    """Raise DataError where the split lacks one of the columns."""
    for column in columns:
        if column not in table.columns:
            raise DataError(f"data.{table.name}: there is no column {column!r}{nearest(column, table.columns)}", remedy)
