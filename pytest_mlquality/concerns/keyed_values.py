"""Whether the rows of one key have the same values in two splits, such as logs of training and of serving."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pytest_mlquality.errors import DataError
from pytest_mlquality.settings import KeysSettings

if TYPE_CHECKING:
    from pytest_mlquality.data import Table
    from pytest_mlquality.measurement import Measurement, Measurements
    from pytest_mlquality.settings import Settings


class KeyedValues:
    """What ``[skew.keys]`` compares value by value.

    Parameters
    ----------
    data
        The declared splits, opened on first use.
    features
        Called with the columns of a split for those that the model sees.
    """

    def __init__(
        self, settings: Settings, data: Mapping[str, Table], features: Callable[[Sequence[str]], list[str]]
    ) -> None:
        section = settings.skew
        self._settings = settings
        self._data = data
        self._features = features
        self._section = section.keys if section is not None and section.keys is not None else KeysSettings()

    def differing(self, between: tuple[str, str] | None) -> Measurements:
        """Measure, column by column, for how many keys of both splits the values differ.

        Raises
        ------
        DataError
            If ``[data] key`` is not set, or repeats in a split, or a split lacks it or a column.
        """
        from pytest_mlquality.measures import key_skew

        keys = self._section
        one, other = (self._data[split] for split in between or keys.between)
        columns = list(keys.columns) or [name for name in self._features(one.columns) if name in other.columns]
        return key_skew.differing_values(one, other, self._key, columns, tolerance=keys.tolerance)

    def unmatched(self, between: tuple[str, str] | None) -> Measurement:
        """Measure how many keys stand in one of both splits alone."""
        from pytest_mlquality.measures import key_skew

        one, other = (self._data[split] for split in between or self._section.between)
        return key_skew.unmatched_keys(one, other, self._key)

    @property
    def _key(self) -> str:
        key = self._settings.data.key
        if key is None:
            raise DataError(f"{self._settings.file}: [data] key is not set", "set [data] key")
        return key
