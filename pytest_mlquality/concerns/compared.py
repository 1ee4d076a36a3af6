"""Which splits are compared, and which of their columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.settings import SkewSettings

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models import Model
    from pytest_mlquality.concerns.profiles import Profiles
    from pytest_mlquality.data import Table
    from pytest_mlquality.data.profiles import Profile
    from pytest_mlquality.settings import Settings

Pair = tuple[str, str]


class Compared:
    """What ``[skew]`` and the model say of pairs of splits, the reference first.

    Parameters
    ----------
    data
        The declared splits.
    model
        Called when the model's columns are needed; returns None for a gate on data alone.
    """

    def __init__(
        self,
        settings: Settings,
        data: Mapping[str, Table],
        profiles: Profiles,
        model: Callable[[], Model | None],
    ) -> None:
        self._settings = settings
        self._data = data
        self._profiles = profiles
        self._model = model
        self._section = settings.skew or SkewSettings()

    @property
    def default_pair(self) -> Pair:
        """The first pair of the settings, else train with test, or with production where there is no test."""
        if self._section.between:
            return self._section.between[0]
        return ("train", "test" if "test" in self._data else "production")

    def both(self, pair: Pair) -> tuple[Profile, Profile]:
        """Return the profiles of both splits, with the same bins."""
        first, second = pair
        return self._profiles.reference(first), self._profiles.compared(second, first)

    def columns(self, pair: Pair) -> Iterator[str]:
        """Yield the wanted columns that both splits have, and that can be compared."""
        reference, current = self.both(pair)
        for name in self.wanted(pair):
            if name in reference.columns and name in current.columns and not current.columns[name].mismatch:
                yield name

    def wanted(self, pair: Pair) -> list[str]:
        """Return the features, and the labels where both splits have them."""
        reference, current = self.both(pair)
        found = self.features([*reference.columns, *reference.unprofiled])
        both = [name for name in self._settings.data.targets if name in reference.columns and name in current.columns]
        return [*found, *both]

    def features(self, columns: Sequence[str]) -> list[str]:
        """Return the columns that the model sees, else those of some that mean nothing else.

        Raises
        ------
        DataError
            If ``[skew] ignore`` names a column that no split has.
        """
        self._require_ignored(columns)
        model = self._model()
        aside = {*self._settings.data.beside_features, *self._section.ignore}
        seen = model.columns if model is not None and model.columns is not None else columns
        return [name for name in seen if name not in aside]

    def _require_ignored(self, columns: Sequence[str]) -> None:
        from pytest_mlquality.data.column_names import require

        lacking = [name for name in self._section.ignore if name not in columns]
        # What a stored profile was made of need not stand in a split.
        if not lacking or self._section.profiles:
            return
        known = list(columns)
        for split in self._data:
            try:
                known += self._data[split].columns
            except MLQualityError:  # nobody knows what it has
                return
        require(lacking, list(dict.fromkeys(known)), f"{self._settings.file}: [skew] ignore")
