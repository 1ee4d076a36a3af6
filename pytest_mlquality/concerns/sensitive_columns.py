"""Columns that make groups of people: of the split, or of another table by the key of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_mlquality.data.other_values import with_other_values
from pytest_mlquality.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.data import Table
    from pytest_mlquality.predictions import Predictions
    from pytest_mlquality.settings import SensitiveTableSettings, Settings

_NAME = "fairness.table"


class SensitiveColumns:
    """What is known of the people in the rows that the model answered.

    Parameters
    ----------
    predictions
        The model's answers: columns are in the order of their rows.
    """

    def __init__(self, settings: Settings, predictions: Predictions) -> None:
        self._settings = settings
        self._predictions = predictions

    def of(self, split: str, names: Sequence[str]) -> pd.DataFrame:
        """Return columns of the rows of a split: its own, else those of ``[fairness.table]``.

        Rows that the table lacks have no value.

        Raises
        ------
        DataError
            If a column is in neither, or the table does not belong to the rows.
        """
        known = self._predictions.column_names(split)
        beside = [name for name in names if name not in known]
        if self._section is None and beside:
            try:
                return self._predictions.columns(split, names)
            except DataError as error:
                remedy = f"{error.remedy}; or name a table that has it in [fairness.table]"
                raise DataError(f"{self._settings.file}: [fairness]: {error.message}", remedy) from None
        own = self._predictions.columns(split, [name for name in names if name in known])
        if not beside:
            return own
        found = self._joined(split, beside)
        joined = with_other_values(own, {name: found[name].array for name in beside})
        # In the order asked for, which names the groups.
        return joined[list(names)]

    def _joined(self, split: str, names: list[str]) -> pd.DataFrame:
        """Return columns of the table beside, for each row of a split."""
        from pytest_mlquality.data.identifiers import index_of, taken

        key, file = str(self._settings.data.key), self._settings.file
        frame = self._frame([self._key, *names]).dropna(subset=[self._key])
        known = index_of(frame[self._key])
        repeated = int(known.duplicated().sum())
        if repeated:
            message = f"{file}: [fairness.table] source: {repeated:,} rows repeat a value of {self._key!r}"
            raise DataError(message, "keep one row a key")
        places = known.get_indexer(index_of(self._predictions.columns(split, [key])[key]))
        if len(places) and (places < 0).all():
            raise DataError(
                f"{file}: [fairness.table] source: no {self._key!r} is the {key!r} of a row of data.{split}",
                "compare the types of both, or name another column in [fairness.table] key",
            )
        return taken(frame[names], places)

    def _frame(self, names: list[str]) -> pd.DataFrame:
        try:
            return self._table.frame(names)
        except DataError as error:
            # The table is no split of [data].
            message = error.message.replace(f"data.{_NAME}", f"[{_NAME}]")
            raise DataError(f"{self._settings.file}: {message}", error.remedy) from None

    @cached_property
    def _table(self) -> Table:
        from pytest_mlquality.data import open_split

        section, data = self._section, self._settings.data
        if section is None:
            raise DataError(f"{self._settings.file}: there is no [fairness.table]", "add it with a source")
        engine = section.engine or data.engine
        return open_split(_NAME, source=section.source, engine=engine, base=self._settings.base, key=self._key)

    @property
    def _key(self) -> str:
        section = self._section
        return str((section.key if section is not None else None) or self._settings.data.key)

    @property
    def _section(self) -> SensitiveTableSettings | None:
        fairness = self._settings.fairness
        return fairness.table if fairness is not None else None
