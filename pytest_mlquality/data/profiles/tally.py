"""What is counted of a column of numbers, in whatever way an engine is asked."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_mlquality.data.profiles.moments import Sums


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of a column against a layout.

    Parameters
    ----------
    counts
        Rows of each bin of the layout, the infinite ones last.
    null, nan
        Rows without a value, and of NaN.
    zeros
        Rows of exactly zero.
    sums
        Of the first four powers of the standardised finite values.
    """

    counts: tuple[int, ...]
    null: int = 0
    nan: int = 0
    zeros: int = 0
    sums: Sums = (0.0, 0.0, 0.0, 0.0)

    @classmethod
    def of_none(cls, size: int) -> Tally:
        """Return the tally of no row."""
        return cls((0,) * size)

    def __add__(self, other: Tally) -> Tally:
        a, b = self.sums, other.sums
        return Tally(
            tuple(x + y for x, y in zip(self.counts, other.counts, strict=True)),
            self.null + other.null,
            self.nan + other.nan,
            self.zeros + other.zeros,
            (a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]),
        )
