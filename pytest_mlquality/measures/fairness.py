"""How groups of people fare: a rate or metric of each group, and how far the groups are apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np

from pytest_mlquality.errors import ModelError
from pytest_mlquality.measurement import INTERVAL_LEVEL, Measurement, Measurements, number_text
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.disparity import Disparity, disparity
from pytest_mlquality.measures.group_cells import Cell, Grouping, Key, cells, compared, of_class
from pytest_mlquality.measures.group_rates import Rate
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.scoring import suiting
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.extremes import largest, smallest
from pytest_mlquality.statistics.pairwise import largest_difference, smallest_ratio

Rates = dict[Key, list[Cell]]


def among_groups(asked: str | Disparity, answers: Answers, grouping: Grouping, *, exact: bool = False) -> Measurements:
    """Measure what is asked of groups; groups that are too small to judge stand beside it, with the reason.

    Values are fairlearn's, where all groups are judged; a rate that a group leaves undefined, such as the true positive
    rate where nobody is positive, has no value, where fairlearn takes 0. Of multiclass models rates are those of each
    class against the rest, and the class in which groups are farthest apart counts. With strata, groups are compared
    within each, and the stratum in which they are farthest apart counts.

    Parameters
    ----------
    exact
        Whether the rows are all there are: then values are their own bounds.

    Raises
    ------
    ModelError
        If there is no measure of that name, or it does not suit the task or what the model answers.
    """
    wanted = disparity(asked) if isinstance(asked, str) else asked
    for one in wanted.asked:
        _check_suits(one, answers)
    found = cells(wanted.asked, answers, grouping, exact=exact)
    if wanted.among == "each":
        return Measurements(wanted.name, list(_each(wanted, found)), least_judged_share=grouping.least_judged)
    if wanted.among in ("difference", "ratio"):
        found = compared(found)
    main = _main(wanted, answers, grouping, found)
    aside = [
        Measurement.of(f"{wanted.name}[{cell.name}]", Estimate.undefined(cell.rows, cell.reason))
        for cell in found
        if cell.reason
    ]
    return Measurements(wanted.name, [main, *aside], least_judged_share=grouping.least_judged)


def _check_suits(one: Rate | Metric, answers: Answers) -> None:
    if isinstance(one, Metric):
        suiting(one, answers)
    elif answers.task not in one.tasks:
        raise ModelError(
            f"{one.name} is for {' and '.join(sorted(one.tasks))} models, and the task is {answers.task}",
            "choose a measure of this task (run `mlquality list metrics`), or drop this one: name = false",
        )


def _each(wanted: Disparity, found: Sequence[Cell]) -> list[Measurement]:
    """Return a measurement for every group, and of multiclass for every class."""
    items = []
    for cell in found:
        if not cell.estimates:
            items.append(Measurement.of(f"{wanted.name}[{cell.name}]", Estimate.undefined(cell.rows, cell.reason)))
        for (_, label, _), one in cell.estimates.items():
            name = f"{wanted.name}[{cell.name}{f', class {label}' if label else ''}]"
            # `n` is the group's own, so that judged_share is the share of rows in judged groups.
            items.append(Measurement.of(name, replace(one, n=cell.rows), unit=_unit(wanted)))
    return items


def _main(wanted: Disparity, answers: Answers, grouping: Grouping, found: Sequence[Cell]) -> Measurement:
    """Return what is made of all groups together."""
    rates: Rates = {}
    for cell in found:
        for key in cell.estimates:
            if cell.value(key) is not None:
                rates.setdefault(key, []).append(cell)
    estimates = [[cell.estimates[key] for cell in some] for key, some in rates.items()]
    combined = _combined(wanted, estimates, independent=not _share_units(answers, grouping))
    judged = sum(cell.rows for cell in found if not cell.reason)
    said, details = "", None
    if combined.value is not None:
        key = max(rates, key=lambda one: _apart(wanted, one, rates[one]))
        low, high = _ends(key, rates[key])
        named = {"group_min": (low,), "group_max": (high,)}.get(wanted.among, (low, high))
        said = f"{_words(key)}: {', '.join(_of(cell, key) for cell in named)}"
        details = _details(grouping.by, key, said, [cell for cell in found if cell.stratum == key[2]])
    reason = "; ".join(part for part in (said, combined.reason) if part)
    return Measurement.of(
        f"{wanted.name}[{grouping.by}]",
        replace(combined, n=judged, reason=reason),
        unit=_unit(wanted) if wanted.among != "ratio" else "",
        details=details,
    )


def _combined(wanted: Disparity, rates: Sequence[Sequence[Estimate]], *, independent: bool) -> Estimate:
    if wanted.among == "difference":
        return largest_difference(rates, independent=independent)
    if wanted.among == "ratio":
        return smallest_ratio(rates, independent=independent)
    every = [one for some in rates for one in some]
    return smallest(every) if wanted.among == "group_min" else largest(every)


def _apart(wanted: Disparity, key: Key, some: Sequence[Cell]) -> float:
    """Return by how much a rate sets the groups apart, in the sense of what is asked."""
    low, high = (cell.value(key) or 0.0 for cell in _ends(key, some))
    judgements: dict[str, Callable[[], float]] = {
        "difference": lambda: high - low,
        "ratio": lambda: -low / high if high else -1.0,
        "group_min": lambda: -low,
        "group_max": lambda: high,
    }
    return judgements[wanted.among]()


def _ends(key: Key, some: Sequence[Cell]) -> tuple[Cell, Cell]:
    def value(cell: Cell) -> float:
        return cell.estimates[key].value or 0.0

    return min(some, key=value), max(some, key=value)


def _words(key: Key) -> str:
    stratum = key[2]
    return of_class(key) + (f" within {stratum}" if stratum else "")


def _of(cell: Cell, key: Key) -> str:
    found = cell.estimates[key]
    return f"{cell.group} {number_text(found.value)} of {found.n:,}"


def _details(by: str, key: Key, title: str, some: Sequence[Cell]) -> dict[str, Any]:
    groups = []
    for cell in some:
        found = cell.estimates.get(key) or Estimate.undefined(cell.rows, cell.reason)
        interval = None
        if found.value is not None:
            ends = found.lower(INTERVAL_LEVEL), found.upper(INTERVAL_LEVEL)
            interval = [end if isfinite(end) else None for end in ends]
        one = {"name": cell.group, "value": found.value, "n": found.n, "interval": interval}
        groups.append(one if found.value is not None else {**one, "reason": found.reason or cell.reason})
    return {"kind": "groups", "title": title, "by": by, "metric": _words(key), "groups": groups}


def _unit(wanted: Disparity) -> str:
    first = wanted.asked[0]
    return first.unit if isinstance(first, Metric) else ""


def _share_units(answers: Answers, grouping: Grouping) -> bool:
    """Return whether a unit has rows in two groups."""
    if answers.unit is None:
        return False
    import pandas as pd

    group = np.zeros(len(answers), dtype=np.intp)
    for place, one in enumerate(grouping.groups):
        group[one.rows] = place
    unit = pd.factorize(answers.unit)[0]
    return len(np.unique(unit * len(grouping.groups) + group)) > len(np.unique(unit))
