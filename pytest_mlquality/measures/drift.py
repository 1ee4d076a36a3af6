"""How far a column has moved between two splits: computed from the profiles of both alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measurement import Measurement
from pytest_mlquality.measures.atoms import atom_ratio, minority_ratio, missing_ratio
from pytest_mlquality.measures.rare_labels import below, rare_cut, told_apart
from pytest_mlquality.statistics import distances
from pytest_mlquality.statistics.design_effect import Worths, over_design_effects
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.independent import difference
from pytest_mlquality.statistics.proportion import share
from pytest_mlquality.statistics.shifts import Moments, mean_difference, missing_share_difference

if TYPE_CHECKING:
    from pytest_mlquality.data.profiles import Column, Profile

Distance = Callable[..., Estimate]
SQUARED = (distances.jensen_shannon_divergence, distances.population_stability_index)
WITHOUT_END = (distances.population_stability_index, distances.wasserstein_distance)
# Distances look at so many groups of a number's bins: more see less, since each then has fewer rows (docs/drift.md).
BINS = 20
# Labels of fewer rows are shown to nobody.
LEAST_SHOWN = 10
TEXTS_UNKNOWN = "a profile keeps the lengths of texts alone: declare the rows of the reference to compare the texts"
LENGTHS_ALONE = (
    "too many different texts to count each: only their lengths are compared, and unseen_share looks for new texts; "
    "a limit of 1 of its own, or [skew] ignore, says that this is enough"
)
# Labels in a picture.
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Side:
    """A column on one side of a comparison.

    Parameters
    ----------
    worth
        How many independent rows a row is worth: 1, and less where units have several.
    """

    column: Column
    worth: float

    @classmethod
    def of(cls, name: str, profile: Profile) -> Side:
        """Return a column of a profile."""
        return cls(profile.columns[name], profile.worth)

    @property
    def out_of_range(self) -> int:
        """Rows beyond the range of a reference of numbers, and infinite ones."""
        counts, ordered = self.column.counts, len(self.column.centres)
        # One bin for all finite values has no range.
        return sum(counts[ordered:]) if ordered == 1 else counts[0] + sum(counts[ordered - 1 :])

    def effective(self, rows: float) -> float:
        """Return how many independent rows some are worth."""
        return float(rows) * self.worth


Measure = Callable[[Side, Side], "Estimate | None"]


def frequencies(reference: Side, current: Side) -> list[NDArray[np.float64]]:
    """Return the rows of both sides by group of adjacent bins, or by label; labels too rare for that go together."""
    columns = (reference.column, current.column)
    if reference.column.centres:
        return [np.asarray(column.coarse(BINS), dtype=np.float64) for column in columns]
    apart = told_apart(*columns, (reference.worth, current.worth))
    counts = [np.asarray(column.counts, dtype=np.float64) for column in columns]
    return [np.append(side[:-1][apart], side[:-1][~apart].sum() + side[-1]) for side in counts]


def _of_frequencies(distance: Distance) -> Measure:
    """Return a distance of labels, or of groups of a number's bins."""

    def measure(reference: Side, current: Side) -> Estimate | None:
        return _between(distance, reference, current, *frequencies(reference, current))

    return measure


def _of_order(distance: Distance, *, has_centres: bool = False) -> Measure:
    """Return a distance that the order of the bins makes; labels have none."""

    def measure(reference: Side, current: Side) -> Estimate | None:
        centres = reference.column.centres
        if not centres:
            return None
        counts = (side.column.counts[: len(centres)] for side in (reference, current))
        return _between(distance, reference, current, *counts, *([centres] if has_centres else []))

    return measure


def _between(distance: Distance, reference: Side, current: Side, *arrays: Any) -> Estimate:  # noqa: ANN401 - counts
    rows = [float(np.sum(counts)) for counts in arrays[:2]]

    def measure(worths: Worths) -> Estimate:
        sizes = tuple(some * worth for some, worth in zip(rows, worths, strict=True))
        return distance(*arrays, effective_n=sizes if min(sizes) > 0 else None)

    return over_design_effects(
        measure,
        (reference.worth, current.worth),
        is_squared=distance in SQUARED,
        most=inf if distance in WITHOUT_END else 1.0,
    )


def _of_values(ratio: Callable[[Column, Column, tuple[float, float]], Estimate | None]) -> Measure:
    """Return a ratio of the rows that single values have."""
    return lambda reference, current: ratio(reference.column, current.column, (reference.worth, current.worth))


def _missing(reference: Side, current: Side) -> Estimate:
    before, after = reference.column, current.column

    def measure(worths: Worths) -> Estimate:
        here, there = worths
        return _missing_share_difference(
            (before.missing * here, before.rows * here), (after.missing * there, after.rows * there)
        )

    return over_design_effects(measure, (reference.worth, current.worth), most=1.0)


@lru_cache(maxsize=1_000)
def _missing_share_difference(reference: tuple[float, float], current: tuple[float, float]) -> Estimate:
    """Return the difference with bounds that are computed once: most columns of a table miss nothing on both sides."""
    found = missing_share_difference(reference, current)
    return replace(found, lower=cache(found.lower), upper=cache(found.upper))


def _means(reference: Side, current: Side) -> Estimate | None:
    if reference.column.kind not in ("number", "time"):
        return None
    of_reference, of_current = (
        Moments(
            side.effective(side.column.finite),
            side.column.mean,
            side.column.sd,
            side.column.skewness,
            # Of a normal distribution 3 there, and 0 here.
            side.column.kurtosis + 3,
        )
        for side in (reference, current)
    )
    return mean_difference(of_reference, of_current)


def _unseen(reference: Side, current: Side) -> Estimate:
    """Return by how much the share of rows outside of the reference's range or labels has grown."""
    if reference.column.kind == "text":
        return Estimate.undefined(current.column.rows, TEXTS_UNKNOWN)
    if reference.column.kind != "label":
        return _growth(reference, current, (reference.out_of_range, current.out_of_range))
    return replace(_rare_growth(reference, current, 0), reason=_new_labels(current.column))


def _rare(reference: Side, current: Side) -> Estimate | None:
    """Return by how much the share of rows has grown whose label is rare in the reference, or not in it."""
    if reference.column.kind != "label":
        return None
    column, cut = current.column, rare_cut(reference.column)
    grown = [
        (rows / max(column.rows, 1), label)
        for (label, before), rows in zip(reference.column.labels.items(), column.counts, strict=False)
        if before < cut and rows >= max(LEAST_SHOWN, 2 * before * column.rows / reference.column.rows)
    ]
    named = ", ".join(f"{label} ({share:.1%} of the rows)" for share, label in sorted(grown, reverse=True)[:5])
    return replace(_rare_growth(reference, current, cut), reason="; ".join(filter(None, (named, _new_labels(column)))))


def _rare_growth(reference: Side, current: Side, cut: float) -> Estimate:
    before, after, variance = below(cut, reference.column, current.column, reference.worth)
    return _growth(replace(reference, worth=reference.worth / variance), current, (before, after))


def _growth(reference: Side, current: Side, rows: tuple[float, float]) -> Estimate:
    shares = [
        share(round(side.effective(some)), round(side.effective(side.column.rows)))
        for side, some in zip((reference, current), rows, strict=True)
    ]
    return difference(shares[1], shares[0])


def _new_labels(current: Column) -> str:
    new = sorted(current.new_labels.items(), key=lambda one: -one[1])
    return ", ".join(f"{label} ({rows:,} rows)" for label, rows in new[:5] if rows >= LEAST_SHOWN)


def _vanished(reference: Side, current: Side) -> Estimate | None:
    """Return how many labels have no row any more, of which chance explains none at the level.

    A label with a share p has none of m rows with a probability of at most exp(-m p); over all labels these add up
    (Bonferroni). The share is that of the reference less two of its standard errors.
    """
    if reference.column.kind != "label":
        return None
    before, after = (side.column.labels for side in (reference, current))
    rows, m = reference.column.rows, current.effective(current.column.rows)
    if not rows or not m:
        return Estimate.undefined(round(m), "one side has no rows")
    gone = [label for label, count in before.items() if count and not after.get(label, 0)]
    n = reference.effective(rows)
    shares = np.array([reference.effective(before[label]) / n for label in gone])
    least = np.maximum(shares - 2 * np.sqrt(shares * (1 - shares) / n), 0.0)
    chance = np.minimum(len(before) * np.exp(-m * least), 1.0)

    def beyond(level: float) -> float:
        return float((chance <= level).sum())

    reason = ", ".join(str(gone[place]) for place in np.argsort(chance)[:5])
    return Estimate(
        beyond(0.5), rows + current.column.rows, "no row by chance, Bonferroni", beyond, lambda _l: float(len(gone)),
        reason=reason,
    )  # fmt: skip


MEASURES: Mapping[str, Measure] = {
    "jensen_shannon_distance": _of_frequencies(distances.jensen_shannon_distance),
    "jensen_shannon_divergence": _of_frequencies(distances.jensen_shannon_divergence),
    "hellinger_distance": _of_frequencies(distances.hellinger_distance),
    "population_stability_index": _of_frequencies(distances.population_stability_index),
    "total_variation": _of_frequencies(distances.total_variation),
    "l_infinity": _of_frequencies(distances.l_infinity),
    "kolmogorov_smirnov": _of_order(distances.kolmogorov_smirnov),
    "wasserstein_distance": _of_order(distances.wasserstein_distance, has_centres=True),
    "mean_difference": _means,
    "missing_share_difference": _missing,
    "unseen_share": _unseen,
    "atom_ratio": _of_values(atom_ratio),
    "minority_ratio": _of_values(minority_ratio),
    "missing_ratio": _of_values(missing_ratio),
    "rare_share": _rare,
    "vanished_labels": _vanished,
}
_UNITS = {
    "missing_share_difference": "share",
    "unseen_share": "share",
    "atom_ratio": "times",
    "minority_ratio": "times",
    "missing_ratio": "times",
    "rare_share": "share",
    "vanished_labels": "labels",
}


def column_drift(
    measure: str, name: str, reference: Profile, current: Profile, splits: tuple[str, str], window: str = ""
) -> Measurement | None:
    """Measure how far a column has moved; None where the measure is not defined for such a column.

    Parameters
    ----------
    measure
        A key of `MEASURES`.
    reference, current
        Profiles with the same bins.
    splits
        What both are called.
    window
        Of the current split, where only that is measured.
    """
    before, after = Side.of(name, reference), Side.of(name, current)
    found = MEASURES[measure](before, after)
    if found is None:
        return None
    if measure not in _UNITS and before.column.kind == "text":
        found = _of_lengths(found)
    elif measure not in _UNITS:
        remark = _remark(before.column, after.column, splits) if found.value else ""
        found = replace(found, reason=remark or _unseen_by_distances(before, after) or found.reason)
    # `n` is what was compared with the reference, so that judged_share weighs all columns alike.
    found = replace(found, n=current.rows)
    details = _histograms(name, before.column, after.column, (splits[0], window or splits[1]))
    return Measurement.of(in_window(f"{measure}[{name}]", window), found, unit=_UNITS.get(measure, ""), details=details)


def _of_lengths(found: Estimate) -> Estimate:
    """Return a distance of texts, which is one of their lengths: it may prove that they differ, never that they do not.

    At its end lies the upper bound of a distance from 0 to 1; no limit below 1 passes.
    """
    if found.value is None:
        return found
    return replace(found, upper=lambda level: max(1.0, found.upper(level)), reason=LENGTHS_ALONE)


def nothing_to_compare(measure: str, reference: Profile) -> Measurement:
    """Return what is measured of a table of which no column is one for a measure that every gate asks for: a ratio."""
    reason = "no column has such values"
    return Measurement.exact(1.0, name=measure, n=reference.rows, unit=_UNITS[measure], reason=reason)


def incomparable_columns(
    wanted: Iterable[str], reference: Profile, current: Profile, splits: tuple[str, str]
) -> Measurement:
    """Count columns that one side lacks, has in another type, or has no value of, and say which.

    Parameters
    ----------
    wanted
        The columns to compare.
    """
    names = list(wanted)
    wrong = {name: why for name in names if (why := _why_not(name, reference, current, splits))}
    details = {
        "kind": "rules",
        "rules": [{"rule": why, "count": 1, "column": name} for name, why in wrong.items()],
    }
    return Measurement.exact(
        len(wrong),
        name="incomparable_columns",
        n=len(names),
        unit="columns",
        reason="; ".join(f"{name}: {why}" for name, why in list(wrong.items())[:5]),
        details=details,
    )


def row_ratio(reference: Profile, current: Profile, window: str = "") -> Measurement:
    """Return the number of rows, of a window or of all, as a multiple of the reference's."""
    reason = f"{current.rows:,} rows, {reference.rows:,} in the reference"
    return Measurement.exact(
        current.rows / max(reference.rows, 1), name=in_window("row_ratio", window), n=current.rows, reason=reason
    )


def in_window(name: str, window: str) -> str:
    """Return the name of what was measured in a window, the window in the brackets."""
    if not window:
        return name
    return f"{name.removesuffix(']')}, {window}]" if name.endswith("]") else f"{name}[{window}]"


def _why_not(name: str, reference: Profile, current: Profile, splits: tuple[str, str]) -> str:
    for profile, split in zip((reference, current), splits, strict=True):
        if name in profile.unprofiled:
            return f"{profile.unprofiled[name]} in {split}"
        if name not in profile.columns:
            return f"not in {split}"
    if why := current.columns[name].mismatch:
        return why
    for profile, split in zip((reference, current), splits, strict=True):
        column = profile.columns[name]
        if column.rows and column.missing == column.rows:
            return f"no value in {split}"
    return ""


def _remark(reference: Column, current: Column, splits: tuple[str, str]) -> str:
    """Return what may be wrong with columns that can be compared, and what to do; an empty string where nothing is."""
    if reference.is_constant:
        return f"all of {splits[0]} is one value: is it the right reference, or a column for [skew] ignore?"
    if reference.kind == current.kind == "time" and reference.has_zone != current.has_zone:
        without = splits[reference.has_zone]
        return f"times of {without} have no zone and are read as UTC: write those of both splits with their zone"
    return ""


def _unseen_by_distances(reference: Side, current: Side) -> str:
    """Return how many rows are in what labels too rare to be compared, where these are most of the rows."""
    if reference.column.kind != "label":
        return ""
    counts = frequencies(reference, current)[0]
    share = counts[-1] / max(counts.sum(), 1.0)
    if share <= 1 / 2:
        return ""
    return f"{share:.0%} of the rows have labels too rare to be compared one by one: see rare_share and unseen_share"


def _histograms(name: str, reference: Column, current: Column, splits: tuple[str, str]) -> dict[str, Any]:
    """Return what a picture of both sides needs: all bins of a number, the labels that are most frequent in either."""
    counts = reference.counts, current.counts
    # The infinite bins of a number, and all labels beyond the first few, are shown as one.
    shown = len(reference.centres) or min(len(reference.bins), MOST_SHOWN)
    return {
        "kind": "histogram_pair",
        "column": name,
        "names": list(splits),
        "counts": [list(side[:shown]) for side in counts],
        "categories": list(reference.bins[:shown]),
        "other": [sum(side[shown:]) for side in counts],
        "missing": [reference.missing, current.missing],
    }
