"""Single values that gain or lose rows: sentinels, zeros, a sensor at its end, NULL, the rarer of two values.

Distances of frequencies hardly see them: 1% of the rows in one value is a Jensen-Shannon distance of 0.07, and of 0
where these rows stay in their bin. Here the rows of a value on both sides are compared by their ratio.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_mlquality.data.profiles.numbers import NumberLayout
from pytest_mlquality.data.profiles.rounding import as_number, as_time
from pytest_mlquality.statistics.share_ratio import Events, largest_share_ratio

if TYPE_CHECKING:
    from pytest_mlquality.data.profiles import Column
    from pytest_mlquality.statistics.estimate import Estimate

# Shares are counted from here on, so that a value in a few rows is none that has become many times as frequent.
BASE = 0.002
# Of two values; more, so that a rare one that has not moved passes with 5,000 rows.
MINORITY_BASE = 0.01
# Of missing values, of which tables have any share; more, so that 10% pass as well.
MISSING_BASE = 0.05
# What has less on both sides is looked at only if it is new or gone: of labels and of columns of few numbers.
LEAST_SHARE = 0.03
LEAST_NEW = 0.005
# Rows of a number that nobody could tell from chance, among neighbours of one row each.
MOST_UNSEEN = 2
# Values of fewer rows are shown to nobody.
ROWS_TO_BE_NAMED = 10

Worths = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Atom:
    """A value, its rows on both sides, and the rows of the reference at most where that does not list it."""

    name: str
    before: int
    after: int
    at_most: int

    def is_new_or_gone(self, n: int, m: int) -> bool:
        """Whether one side has none, and the other more than chance explains."""
        (fewer, _), (more, rows) = sorted([(self.before, n), (self.after, m)])
        return not fewer and more >= max(LEAST_NEW * rows, ROWS_TO_BE_NAMED)

    def is_frequent(self, n: int, m: int) -> bool:
        """Whether it is a part of n rows of the reference, or of m of the current ones."""
        return self.before >= LEAST_SHARE * n or self.after >= LEAST_SHARE * m


def atom_ratio(reference: Column, current: Column, worths: Worths) -> Estimate | None:
    """Return the largest ratio of a value's shares of the rows, or its inverse, of values that stand out on a side.

    None of texts, and of a column of two values: `minority_ratio` is theirs.

    Parameters
    ----------
    worths
        How many independent rows a row is worth, of the reference and of the current rows.
    """
    if reference.kind == "text" or _minority(reference, reference) is not None:
        return None
    of_number = reference.kind != "label"
    n, m = reference.rows, current.rows
    found = _numbers(reference, current) if of_number else _labels(reference, current)
    # Labels, and numbers of a few values, stand out by nothing but their share, or where they are new.
    is_any = of_number and reference.unlisted != 0
    atoms = [one for one in found if is_any or one.is_frequent(n, m) or one.is_new_or_gone(n, m)]
    unseen = [_unseen(side) * worth for side, worth in zip((reference, current), worths, strict=True)]
    before = Events(
        [one.before * worths[0] for one in atoms], n * worths[0], [one.at_most * worths[0] for one in atoms]
    )
    after = Events([one.after * worths[1] for one in atoms], m * worths[1])
    ratio = largest_share_ratio(before, after, BASE, unseen)
    return replace(ratio, reason=ratio.reason or _told(atoms, n, m))


def missing_ratio(reference: Column, current: Column, worths: Worths) -> Estimate:
    """Return the ratio of the shares of rows without a value, or its inverse."""
    before, after = (
        Events([side.missing * worth], side.rows * worth)
        for side, worth in zip((reference, current), worths, strict=True)
    )
    ratio = largest_share_ratio(before, after, MISSING_BASE)
    if ratio.value is None or not reference.missing + current.missing:
        return ratio
    shares = reference.missing / reference.rows, current.missing / current.rows
    return replace(ratio, reason=f"without a value: {shares[0]:.2%} -> {shares[1]:.2%}")


def minority_ratio(reference: Column, current: Column, worths: Worths) -> Estimate | None:
    """Return the ratio of the shares of the rarer value, or its inverse; None unless the reference has two values.

    Of the rows with a value; what is neither of the two counts as the rarer one.
    """
    of_reference, of_current = _minority(reference, reference), _minority(reference, current)
    if of_reference is None or of_current is None:
        return None
    (before, n), (after, m) = of_reference, of_current
    ratio = largest_share_ratio(
        Events([before * worths[0]], n * worths[0]), Events([after * worths[1]], m * worths[1]), MINORITY_BASE
    )
    told = f"the rarer value: {before / n:.2%} -> {after / m:.2%}" if n and m else ""
    return replace(ratio, reason=ratio.reason or told)


def _minority(reference: Column, side: Column) -> tuple[int, int] | None:
    """Return rows of a side that lack the more frequent of two values of the reference, and those with any value."""
    known = side.rows - side.missing
    if reference.kind == "label":
        if reference.distinct != 2 or not reference.labels:
            return None
        label = max(reference.labels, key=lambda one: reference.labels[one])
        return known - side.labels.get(label, 0), known
    atoms = reference.atoms
    if reference.kind != "number" or len(atoms) != 2 or sum(atoms.values()) != reference.rows - reference.missing:
        return None
    return known - side.atoms.get(max(atoms, key=lambda one: atoms[one]), 0), known


def _labels(reference: Column, current: Column) -> Iterator[_Atom]:
    before = {**reference.new_labels, **reference.labels}
    after = {**current.new_labels, **current.labels}
    # What a stored profile does not name has fewer rows than it would be named from.
    unnamed = ROWS_TO_BE_NAMED - 1 if reference.more_labels else 0
    for label in before.keys() | after.keys():
        rows = before.get(label, 0)
        yield _Atom(label, rows, after.get(label, 0), rows if label in before else unnamed)


def _numbers(reference: Column, current: Column) -> Iterator[_Atom]:
    for value, after in current.atoms.items():
        listed = reference.atoms.get(value)
        before, at_most = (listed, listed) if listed is not None else _of_unlisted(reference, value)
        yield _Atom(_said(reference, value), before, after, at_most)


def _unseen(side: Column) -> int:
    """Return the rows of a value that is not looked at because so few rows are no sign of anything."""
    if side.kind == "label":
        return 0
    return MOST_UNSEEN if side.unlisted is None else min(side.unlisted, MOST_UNSEEN)


def _of_unlisted(reference: Column, value: float) -> tuple[int, int]:
    """Return the fewest and the most rows of a number that the reference does not list: those of its bin, or of any."""
    layout = reference.layout
    if not isinstance(layout, NumberLayout):
        return 0, 0
    place = bisect_right(layout.starts, value)
    listed = sum(rows for atom, rows in reference.atoms.items() if bisect_right(layout.starts, atom) == place)
    rest = reference.counts[place] - listed
    if layout.is_one(place):
        return rest, rest
    return 0, rest if reference.unlisted is None else min(rest, reference.unlisted)


def _said(column: Column, value: float) -> str:
    return as_time(value) if column.kind == "time" else as_number(value)


def _told(atoms: list[_Atom], n: int, m: int) -> str:
    """Return the shares of the value that has moved most, of those with enough rows to be named."""
    named = [one for one in atoms if max(one.before, one.after) >= ROWS_TO_BE_NAMED]
    if not named or not n or not m:
        return ""

    def moved(one: _Atom) -> float:
        ratio = (one.after / m + BASE) / (one.at_most / n + BASE)
        return max(ratio, 1 / ratio)

    worst = max(named, key=moved)
    before = f"{worst.before / n:.2%}" if worst.before == worst.at_most else f"at most {worst.at_most / n:.2%}"
    return f"value {worst.name}: {before} -> {worst.after / m:.2%}"
