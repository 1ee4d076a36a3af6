"""The profiles of the splits, each made once, with the bins of the reference that it is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_mlquality.errors import DataError

if TYPE_CHECKING:
    from pytest_mlquality.data import Table
    from pytest_mlquality.data.profiles import Pairs, Profile
    from pytest_mlquality.settings import Settings


class Profiles:
    """Profiles of the splits that the settings declare, or of which they name a stored profile.

    Parameters
    ----------
    data
        The declared splits, opened on first use.
    seed
        Of the rows from which the bins are chosen.
    """

    def __init__(self, settings: Settings, data: Mapping[str, Table], *, seed: int = 0) -> None:
        self._settings = settings
        self._data = data
        self._seed = seed
        self._made: dict[tuple[str, str | None], Profile] = {}
        self._read: dict[str, Profile] = {}
        self._windows: dict[tuple[str, str], list[tuple[str, Profile]]] = {}
        self._pairs: dict[tuple[str, str, str], Pairs] = {}

    def reference(self, split: str) -> Profile:
        """Return the stored profile of a split, else one with bins of its own.

        Raises
        ------
        DataError
            If there is no such split, or the stored profile cannot be read.
        """
        section = self._settings.skew
        stored = next((file for name, file in section.profiles.items() if name == split), None) if section else None
        if stored is None:
            return self.made(split)
        if split not in self._read:
            self._read[split] = self._stored(stored, split)
        return self._read[split]

    def made(self, split: str) -> Profile:
        """Return the profile of a declared split, with bins of its own."""
        if (split, None) not in self._made:
            self._made[split, None] = self._profile(self._data[split], None)
        return self._made[split, None]

    def compared(self, split: str, reference: str) -> Profile:
        """Return the profile of a split with the bins of a reference's."""
        if (split, reference) not in self._made:
            self._made[split, reference] = self._profile(self._data[split], self.reference(reference))
        return self._made[split, reference]

    def effective_rows(self, split: str) -> float:
        """Return how many independent rows those of a declared split are worth."""
        from pytest_mlquality.data.profiles.making import effective_rows

        table = self._data[split]
        return effective_rows(table, self._unit(table))

    def windows(self, split: str, reference: str) -> list[tuple[str, Profile]]:
        """Return the profiles of the windows of time of ``[skew] time`` by name; without it that of all rows."""
        if (split, reference) not in self._windows:
            self._windows[split, reference] = [
                (name, self._profile(table, self.reference(reference)) if name else self.compared(split, reference))
                for name, table in self.tables(split)
            ]
        return self._windows[split, reference]

    def tables(self, split: str) -> Iterator[tuple[str, Table]]:
        """Yield the rows of each window of time by name; without ``[skew] time`` all rows, without a name."""
        from pytest_mlquality.data.windows import windows

        section, time = self._settings.skew, self._settings.data.time
        if section is None or section.time is None or time is None:
            yield "", self._data[split]
        else:
            yield from windows(self._data[split], time, section.time)

    def paired(self, split: str) -> Pairs:
        """Return how the columns of a reference go together: as its stored profile says, else as its rows do.

        Raises
        ------
        DataError
            If the stored profile does not say it, and the rows are not declared.
        """
        reference = self.reference(split)
        if reference.pairs is not None:
            return reference.pairs
        if split not in self._data:
            raise DataError(
                f"skew.profiles.{split} does not say how columns go together",
                "write it anew: mlquality profile; or declare the rows of the split",
            )
        return self._paired(split, self._data[split], split, "")

    def pairs(self, split: str, reference: str) -> Iterator[tuple[str, Pairs]]:
        """Yield how columns go together in each window of ``[skew] time`` by name; without it in all rows."""
        for window, table in self.tables(split):
            yield window, self._paired(split, table, reference, window)

    def whole(self, split: str) -> Profile:
        """Return the profile of a declared split with all that is to be stored of it.

        How columns go together is left out where nothing asks for it and the engine, which lies elsewhere, would have
        to answer hundreds of sums for it.
        """
        from pytest_mlquality.data.profiles import pairs
        from pytest_mlquality.data.profiles.counting import can_stream

        made, section = self.made(split), self._settings.skew
        is_asked = section is not None and "correlation_change" in section.metrics
        return (
            replace(made, pairs=pairs(self._data[split], made)) if is_asked or can_stream(self._data[split]) else made
        )

    def _paired(self, split: str, table: Table, reference: str, window: str) -> Pairs:
        from pytest_mlquality.data.profiles import pairs

        if (split, reference, window) not in self._pairs:
            self._pairs[split, reference, window] = pairs(table, self.reference(reference))
        return self._pairs[split, reference, window]

    def _profile(self, table: Table, like: Profile | None) -> Profile:
        from pytest_mlquality.data.profiles import profile

        data = self._settings.data
        beside = {column for column in (data.key, data.unit, data.time, data.weight, *data.ignore) if column}
        columns = [name for name in table.columns if name not in beside]
        return profile(table, columns if like is None else None, like=like, unit=self._unit(table), seed=self._seed)

    def _unit(self, table: Table) -> str | None:
        """Return the column of units; None where they are keys and the table has none: its rows are units then."""
        data = self._settings.data
        return None if data.unit == data.key and data.unit not in table.columns else data.unit

    def _stored(self, name: str, split: str) -> Profile:
        from pytest_mlquality.data.profiles import Profile

        path = self._settings.base / name
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(
                f"skew.profiles.{split}: {name} cannot be read: {type(error).__name__}",
                f"write it: mlquality profile {self._settings.file.name} --split {split} --output {name}",
            ) from error
        return Profile.from_json(text)
