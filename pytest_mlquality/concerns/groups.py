"""The groups of people that are compared, from columns of the split or of a table beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from pytest_mlquality.concerns.sensitive_columns import SensitiveColumns
from pytest_mlquality.errors import DataError
from pytest_mlquality.settings import FairnessSettings

if TYPE_CHECKING:
    from pytest_mlquality.measures.group_cells import Grouping
    from pytest_mlquality.measures.slicing import Slice
    from pytest_mlquality.predictions import Predictions
    from pytest_mlquality.settings import Settings


def columns_of(by: str, entries: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the columns that a word such as ``SEX+RAC1P`` names: those of an entry, whose names may have a plus."""
    return next((entry for entry in entries if "+".join(entry) == by), tuple(by.split("+")))


class Groups:
    """What ``[fairness]`` makes of the rows that the model answered.

    Parameters
    ----------
    predictions
        The model's answers: groups are in the order of their rows.
    """

    def __init__(self, settings: Settings, predictions: Predictions) -> None:
        # Tests of the user's own need no section: its defaults, and any columns.
        self.section = settings.fairness or FairnessSettings(by=("group",))
        self._settings = settings
        self._columns = SensitiveColumns(settings, predictions)
        self._made: dict[tuple[str, tuple[str, ...]], list[Slice]] = {}

    def of(self, split: str, by: str | Sequence[str], *, conditional: bool = False) -> Grouping:
        """Return the groups of a split; they are made once.

        Parameters
        ----------
        by
            A column, or several for their combinations: ``SEX+RAC1P``, or a list.
        conditional
            Whether they are compared within the columns of ``control``.

        Raises
        ------
        DataError
            If a column is not there, makes fewer than two groups, or too many.
        """
        from pytest_mlquality.measures.group_cells import Grouping

        columns = columns_of(by, self.section.entries) if isinstance(by, str) else tuple(by)
        groups = self._of(split, columns, "by")
        self._require_two(split, columns, groups)
        if conditional and not self.section.control:
            raise DataError(f"{self._settings.file}: [fairness] control names no column", "add the columns to control")
        return Grouping(
            "+".join(columns),
            groups,
            self._of(split, self.section.control, "control") if conditional else (),
            self.section.min_rows,
            self.section.judged_share,
        )

    def _of(self, split: str, columns: tuple[str, ...], key: str) -> list[Slice]:
        from pytest_mlquality.measures import slicing

        if (split, columns) not in self._made:
            frame = self._columns.of(split, columns)
            try:
                self._made[split, columns] = slicing.by_columns(frame, self.section.bins)
            except DataError as error:
                raise DataError(f"{self._settings.file}: [fairness] {key}: {error.message}", error.remedy) from None
        return self._made[split, columns]

    def _require_two(self, split: str, columns: tuple[str, ...], groups: Sequence[Slice]) -> None:
        from pytest_mlquality.measures.slicing import OTHERS

        if len(groups) > 1:
            return
        named = " and ".join(map(repr, columns))
        here = f"{self._settings.file}: [fairness] by: in data.{split} "
        if groups and groups[0].name == OTHERS:
            raise DataError(
                f"{here}no value of {named} has enough rows to be a group, as in a column of identifiers",
                "name a coarser column, or give bins to one of numbers",
            )
        only = f" ({groups[0].name})" if groups else ""
        raise DataError(
            f"{here}{named} has one value in all rows{only}: there is nothing to compare",
            "remove it from by, or look at why the split has no other",
        )
