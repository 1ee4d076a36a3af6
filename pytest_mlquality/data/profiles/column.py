"""What a profile holds of one column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from math import nan

import numpy as np

from pytest_mlquality.data.profiles.kinds import Kind
from pytest_mlquality.data.profiles.labels import MOST_NEW, LabelLayout
from pytest_mlquality.data.profiles.moments import Moments, Sums
from pytest_mlquality.data.profiles.numbers import INFINITE, NumberLayout


@dataclass(frozen=True)
class Column:
    """Statistics of one column, against bins that two profiles can share.

    Parameters
    ----------
    kind
        ``number``, ``label``, ``time`` (counted as seconds since 1970 in UTC) or ``text`` (of which only the lengths
        are counted).
    type
        Ibis type.
    rows, missing, nan
        Rows in all, those of NULL or NaN, and those of NaN alone.
    layout
        The bins; None of a column that cannot be compared with the reference (`mismatch`).
    counts
        Rows of each bin, missing ones not among them.
    zeros
        Rows of exactly zero.
    sums
        Of the first four powers of the finite values, standardised by the layout.
    new_labels
        Rows by label that has no bin of its own, the most frequent first, at most 10,000.
    more_labels, more_rows
        How many labels without a bin are not named in `new_labels`, and their rows. Of merged profiles, at most so
        many labels.
    atoms
        Rows by number that stands out, exact, in ascending order: at most 50 of this profile, and those of the
        reference. Times are seconds since 1970.
    unlisted
        Rows that no number beside `atoms` has more of; None where that is not known.
    mismatch
        Why the column cannot be compared with that of the reference.
    """

    kind: Kind
    type: str
    rows: int
    missing: int
    layout: NumberLayout | LabelLayout | None
    counts: tuple[int, ...] = ()
    nan: int = 0
    zeros: int = 0
    sums: Sums = (0.0, 0.0, 0.0, 0.0)
    new_labels: Mapping[str, int] = field(default_factory=dict)
    more_labels: int = 0
    more_rows: int = 0
    atoms: Mapping[float, int] = field(default_factory=dict)
    unlisted: int | None = None
    mismatch: str | None = None

    @property
    def bins(self) -> tuple[str, ...]:
        """Words of each bin, such as ``16 to 25`` (25 not among them), ``blue``, ``above 94``, ``infinite``."""
        return self.layout.bins if self.layout else ()

    @property
    def centres(self) -> tuple[float, ...]:
        """Where the rows of each ordered bin lie, ascending; `counts` begins with these bins. Empty of labels."""
        return self.layout.centres if isinstance(self.layout, NumberLayout) else ()

    @property
    def is_constant(self) -> bool:
        """Whether all values are one and the same."""
        if self.centres:
            return 0 < self.finite == self.rows - self.missing and self.sd == 0
        return self.distinct == 1 and self.kind == "label"

    @property
    def has_zone(self) -> bool:
        """Whether times are of a time zone: only there a type has a text in it, such as ``timestamp('UTC')``."""
        return self.kind == "time" and "'" in self.type

    @property
    def infinite(self) -> int:
        """Rows of an infinite value."""
        return sum(self.counts[-len(INFINITE) :]) if self.centres else 0

    @property
    def finite(self) -> int:
        """Rows of a finite value."""
        return sum(self._ordered)

    @property
    def _ordered(self) -> tuple[int, ...]:
        return self.counts[: len(self.centres)]

    # Numbers, times and the lengths of texts

    @property
    def moments(self) -> Moments:
        """Mean, spread and shape of the finite values."""
        layout = self.layout if isinstance(self.layout, NumberLayout) else NumberLayout((), (0.0,))
        return Moments(self.finite, self.sums, layout.centre, layout.scale)

    @property
    def mean(self) -> float:
        """Mean of the finite values."""
        return self.moments.mean

    @property
    def sd(self) -> float:
        """Sample standard deviation of the finite values."""
        return self.moments.sd

    @property
    def skewness(self) -> float:
        """Skewness of the finite values."""
        return self.moments.skewness

    @property
    def kurtosis(self) -> float:
        """Excess kurtosis of the finite values."""
        return self.moments.kurtosis

    def quantile(self, p: float) -> float:
        """Return the quantile of the finite values, as even as can be within each bin; an outer bin gives its edge.

        NaN where no value is known or the layout has no edge.
        """
        if not 0 <= p <= 1:
            raise ValueError(f"a quantile is asked for a share between 0 and 1, not {p}")
        if not isinstance(self.layout, NumberLayout) or not self.layout.starts or not self.finite:
            return nan
        starts = self.layout.starts
        edges = np.asarray([starts[0], *starts, starts[-1]])
        until = np.cumsum(self._ordered)
        at = int(np.searchsorted(until, p * until[-1], side="left"))
        within = (p * until[-1] - (until[at] - self.counts[at])) / self.counts[at] if self.counts[at] else 0.0
        return float(edges[at] * (1 - within) + edges[at + 1] * within)

    @property
    def lengths(self) -> Column | None:
        """The lengths of texts, in characters, as a column of numbers."""
        return replace(self, kind="number") if self.kind == "text" else None

    @property
    def span(self) -> float:
        """Seconds between where the rows of the first and the last bin that hold a time lie in the reference."""
        held = [centre for centre, n in zip(self.centres, self._ordered, strict=True) if n]
        return held[-1] - held[0] if held and self.kind == "time" else nan

    @property
    def longest_gap(self) -> float:
        """Seconds of the longest run of bins without a time, between bins that hold one."""
        if self.kind != "time" or not isinstance(self.layout, NumberLayout) or not self.finite:
            return nan
        starts, longest, at = self.layout.starts, 0.0, 0
        for held, run in groupby(self._ordered, key=bool):
            end = at + len(list(run))
            if not held and at > 0 and end < len(self._ordered):
                longest = max(longest, starts[end - 1] - starts[at - 1])
            at = end
        return longest

    # Labels

    @property
    def labels(self) -> dict[str, int]:
        """Rows by label that has a bin of its own."""
        if not isinstance(self.layout, LabelLayout):
            return {}
        return dict(zip(self.layout.labels, self.counts, strict=False))

    @property
    def distinct(self) -> int:
        """Number of different labels; 0 where the kind has none."""
        return sum(n > 0 for n in self.labels.values()) + len(self.new_labels) + self.more_labels

    # Two profiles

    def coarse(self, bins: int = 20) -> tuple[int, ...]:
        """Return the rows of at most `bins` groups of bins, made from the layout alone.

        Adjacent bins of numbers go together, infinite ones with the outermost; of labels, all after the most frequent.
        """
        if bins < 1:
            raise ValueError(f"at least one bin is needed, not {bins}")
        if not isinstance(self.layout, NumberLayout):
            few = self.counts[: bins - 1]
            rest = self.counts[len(few) :]
            return (*few, sum(rest)) if rest else few
        grouped = [sum(self._ordered[group]) for group in self.layout.groups(bins)]
        grouped[0] += self.counts[-2]
        grouped[-1] += self.counts[-1]
        return tuple(grouped)

    def fits(self, other: Column) -> bool:
        """Return whether both are counted in the same bins, so that they can be merged."""
        return (self.kind, self.layout, self.mismatch) == (other.kind, other.layout, other.mismatch)

    def merge(self, other: Column) -> Column:
        """Return the statistics of the rows of both, whose bins are the same."""
        new, cut = _together(self.new_labels, other.new_labels)
        a, b = self.sums, other.sums
        return replace(
            self,
            type=self.type if self.type == other.type else f"{self.type} and {other.type}",
            rows=self.rows + other.rows,
            missing=self.missing + other.missing,
            nan=self.nan + other.nan,
            counts=tuple(x + y for x, y in zip(self.counts, other.counts, strict=True)),
            zeros=self.zeros + other.zeros,
            sums=(a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]),
            new_labels=new,
            more_labels=self.more_labels + other.more_labels + len(cut),
            more_rows=self.more_rows + other.more_rows + sum(cut),
            atoms={value: n + other.atoms[value] for value, n in self.atoms.items() if value in other.atoms},
            unlisted=self._unlisted_with(other),
        )

    def _unlisted_with(self, other: Column) -> int | None:
        """Return the most rows that a number can have which one of both does not list."""
        if self.unlisted is None or other.unlisted is None:
            return None
        alone = [n + other.unlisted for value, n in self.atoms.items() if value not in other.atoms]
        alone += [n + self.unlisted for value, n in other.atoms.items() if value not in self.atoms]
        return max(self.unlisted + other.unlisted, *alone, 0)


def _together(some: Mapping[str, int], more: Mapping[str, int]) -> tuple[dict[str, int], list[int]]:
    both = {label: some.get(label, 0) + more.get(label, 0) for label in {**some, **more}}
    pairs = sorted(both.items(), key=lambda pair: (-pair[1], pair[0]))
    return dict(pairs[:MOST_NEW]), [n for _, n in pairs[MOST_NEW:]]
