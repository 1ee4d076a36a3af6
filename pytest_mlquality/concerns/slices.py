"""The parts into which the rows of a split are cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pytest_mlquality.concerns.groups import columns_of
from pytest_mlquality.errors import DataError, nearest
from pytest_mlquality.settings import SlicesSettings

if TYPE_CHECKING:
    from pytest_mlquality.measures.slicing import Slice
    from pytest_mlquality.predictions import Predictions
    from pytest_mlquality.settings import Settings


class Slices:
    """What ``[performance.slices]`` makes of the rows that the model answered.

    Parameters
    ----------
    predictions
        The model's answers: slices are in the order of their rows.
    """

    def __init__(self, settings: Settings, predictions: Predictions) -> None:
        section = settings.performance
        self.section = section.slices if section is not None and section.slices is not None else SlicesSettings()
        self._time = settings.data.time
        self._predictions = predictions
        self._known: dict[tuple[str, str], list[Slice]] = {}

    def of(self, split: str, by: str | Sequence[str]) -> list[Slice]:
        """Return the slices of a split; they are cut once.

        Parameters
        ----------
        by
            A column, several as ``SEX+RAC1P`` or listed, ``time``, or ``where`` for the conditions of the section.
        """
        by = by if isinstance(by, str) else "+".join(by)
        if (split, by) not in self._known:
            self._known[split, by] = self._made(split, by)
        return self._known[split, by]

    def maker_of(self, split: str, name: str) -> str:
        """Return what makes the slice of a name.

        Raises
        ------
        DataError
            If nothing does; the message has the nearest name.
        """
        found = {one.name: by for by in self.section.names for one in self.of(split, by)}
        if name not in found:
            raise DataError(
                f"[performance.slices.only]: there is no slice {name!r}{nearest(name, found)}",
                "name a slice as the report shows it, or add to by what makes it",
            )
        return found[name]

    def _made(self, split: str, by: str) -> list[Slice]:
        from pytest_mlquality.measures import slicing

        section = self.section
        if by == "where" and section.where:
            held = self._predictions.holding(split, section.where)
            return [slicing.Slice(name, held[name].to_numpy()) for name in held.columns]
        if by == "time" and section.time is not None and self._time is not None:
            return slicing.by_time(self._predictions.columns(split, [self._time])[self._time], section.time)
        columns = columns_of(by, section.entries)
        return slicing.by_columns(self._predictions.columns(split, columns), section.bins)
