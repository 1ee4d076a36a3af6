"""A profile: the statistics of a table's columns, from which distances are computed without the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_mlquality.data.faults import failure
from pytest_mlquality.data.profiles.column import Column
from pytest_mlquality.data.profiles.pairs import Pairs

_SHOWN = 5


@dataclass(frozen=True)
class Profile:
    """Statistics of a table.

    Parameters
    ----------
    rows
        Number of rows.
    effective_rows
        Number of independent rows that tell as much. With a column of units it is ``rows ** 2`` over the sum of squares
        of the units' numbers of rows: as if the rows of a unit were all alike, the most careful design effect (Kish,
        Survey Sampling, 1965). Without one, `rows`.
    columns
        By name, in the order in which they were asked for.
    unprofiled
        Why a column has no profile, by name.
    pairs
        How columns go together, where that has been asked for.
    """

    rows: int
    effective_rows: float
    columns: Mapping[str, Column]
    unprofiled: Mapping[str, str] = field(default_factory=dict)
    pairs: Pairs | None = None

    def merge(self, other: Profile) -> Profile:
        """Return the profile of the rows of both; units are taken to be in one of them only.

        Raises
        ------
        DataError
            The two have other columns, or other bins.
        """
        names = {*self.columns, *other.columns}
        alone = sorted(name for name in names if name not in self.columns or name not in other.columns)
        if alone:
            raise failure(f"profiles have other columns: {_some(alone)}", _REMEDY)
        unlike = [name for name, column in self.columns.items() if not column.fits(other.columns[name])]
        if unlike:
            raise failure(f"profiles have other bins: {_some(unlike)}", _REMEDY)
        rows = self.rows + other.rows
        squares = self._squares + other._squares
        return Profile(
            rows,
            rows**2 / squares if squares else 0.0,
            {name: column.merge(other.columns[name]) for name, column in self.columns.items()},
            {**other.unprofiled, **self.unprofiled},
            self.pairs.merge(other.pairs) if self.pairs and other.pairs else None,
        )

    @property
    def worth(self) -> float:
        """How many independent rows a row is worth: 1, and less where units have several."""
        return self.effective_rows / self.rows if self.rows else 1.0

    @property
    def _squares(self) -> float:
        return self.rows**2 / self.effective_rows if self.effective_rows else 0.0

    def to_json(self) -> str:
        """Return the profile as JSON without what could tell of single people (docs/profiles.md)."""
        from pytest_mlquality.data.profiles.json_text import written

        return written(self)

    @staticmethod
    def from_json(text: str) -> Profile:
        """Return the profile that `to_json` wrote; raise a DataError where the text is no such profile."""
        from pytest_mlquality.data.profiles.json_text import read

        return read(text)


_REMEDY = "profile both tables like the same reference: profile(table, like=reference)"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(map(repr, names[:_SHOWN])) + more
