"""What limits are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlquality.measures.roles import Roles
from pytest_mlquality.proposal.looking.asking import engine_of
from pytest_mlquality.proposal.looking.seen import Column

if TYPE_CHECKING:
    from pytest_mlquality.data import Table

MOST_CLASSES = 20


@dataclass(frozen=True, slots=True)
class Evidence:
    """The splits, and what was seen of them.

    Parameters
    ----------
    roles
        Which column means what, by split.
    wanted
        Column to type that the model, or else train, expects.
    samples
        Some rows of each split.
    """

    tables: Mapping[str, Table]
    roles: Mapping[str, Roles]
    columns: Mapping[str, Column]
    wanted: Mapping[str, str]
    samples: Mapping[str, Table]

    @property
    def engine(self) -> str | None:
        """The engine other than our own that holds a split; None where our own holds them all."""
        return next(filter(None, map(engine_of, self.tables.values())), None)

    @property
    def targets(self) -> tuple[str, ...]:
        """The columns with labels: none, one, or one for each of several labels."""
        return next(iter(self.roles.values())).targets

    @property
    def labelled(self) -> list[str]:
        """The splits that have labels."""
        return [split for split, table in self.tables.items() if self.has_labels(table)]

    def has_labels(self, table: Table) -> bool:
        """Return whether a split, or a sample of one, has labels."""
        return bool(self.targets) and set(self.targets) <= set(table.columns)

    @property
    def classifies(self) -> bool:
        """Whether the label is one of a few classes, or there are several of 0 and 1."""
        if len(self.targets) != 1:
            return bool(self.targets)
        column = self.columns.get(self.targets[0])
        if column is None:
            return False
        few = all(seen.counts is not None and len(seen.counts) <= MOST_CLASSES for seen in column.seen.values())
        return column.kind in ("text", "truth") or few
