"""The bins of a column of numbers: where each begins, where its rows lie, and its words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import inf, isfinite

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.data.profiles.rounding import after, as_number, as_time

Floats = NDArray[np.float64]

# Bins behind the ordered ones: of minus infinity and of infinity.
INFINITE = ("minus infinite", "infinite")


@dataclass(frozen=True)
class NumberLayout:
    """Bins on the line of numbers; a value on an edge belongs to the bin that begins there.

    Parameters
    ----------
    starts
        Where bins begin, ascending and finite, shape (k,): one ordered bin below the first, k from each on.
    centres
        Where the rows of the ordered bins lie, ascending and finite, shape (k + 1,).
    centre, scale
        Moments are sums of powers of ``(x - centre) / scale``; the scale is positive.
    time
        The numbers are seconds since 1970.
    whole
        The reference holds whole numbers only.
    """

    starts: tuple[float, ...]
    centres: tuple[float, ...]
    centre: float = 0.0
    scale: float = 1.0
    time: bool = False
    whole: bool = False

    def __post_init__(self) -> None:
        if len(self.centres) != len(self.starts) + 1:
            raise ValueError("centres must be one more than starts")
        for name, numbers in (("starts", self.starts), ("centres", self.centres)):
            if not all(map(isfinite, numbers)) or any(a >= b for a, b in pairwise(numbers)):
                raise ValueError(f"{name} must be finite and ascending")
        if not isfinite(self.centre) or not 0 < self.scale < inf:
            raise ValueError("centre and scale must be finite, and scale positive")

    @property
    def size(self) -> int:
        """Number of bins, the two infinite ones among them."""
        return len(self.starts) + 1 + len(INFINITE)

    @cached_property
    def bins(self) -> tuple[str, ...]:
        """Words of each bin: the ordered ones, then the infinite ones."""
        say = as_time if self.time else as_number
        if not self.starts:
            return ("all times" if self.time else "all numbers", *INFINITE)
        inner = [
            say(low) if self._is_one(low, high) else f"{say(low)} to {say(high)}" for low, high in pairwise(self.starts)
        ]
        # The bin above a single value begins a hair, or a whole number, beyond it.
        last = self.starts[-2] if len(self.starts) > 1 and self._is_one(*self.starts[-2:]) else self.starts[-1]
        return (f"below {say(self.starts[0])}", *inner, f"above {say(last)}", *INFINITE)

    def is_one(self, place: int) -> bool:
        """Return whether an ordered bin holds one value only."""
        return 0 < place < len(self.starts) and self._is_one(*self.starts[place - 1 : place + 1])

    def _is_one(self, low: float, high: float) -> bool:
        """Return whether only one value is at or above `low` and below `high`."""
        return high == after(low) or (self.whole and high == low + 1)

    def groups(self, bins: int) -> list[slice]:
        """Return runs of adjacent ordered bins, at most `bins` of about equal number; from the layout alone.

        The bins below and above the range stay alone, so that the rows of a slip of units are seen.
        """
        ordered = len(self.starts) + 1
        if bins < 4 or ordered <= bins:
            cuts = np.linspace(0, ordered, min(bins, ordered) + 1).round().astype(int)
        else:
            cuts = np.array([0, *np.linspace(1, ordered - 1, bins - 1).round().astype(int), ordered])
        return [slice(int(low), int(high)) for low, high in pairwise(cuts)]


def places(values: Floats, starts: Floats) -> NDArray[np.intp]:
    """Return the ordered bin of each value, shape (n,); values are not NaN."""
    return np.searchsorted(starts, values, side="right")
