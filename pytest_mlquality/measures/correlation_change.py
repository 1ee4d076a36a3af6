"""Whether columns go together as they did: by how much the correlations of a column have moved between two splits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measurement import INTERVAL_LEVEL, Measurement
from pytest_mlquality.measures.drift import in_window
from pytest_mlquality.statistics.correlations import Correlations, change_bounds, largest_change
from pytest_mlquality.statistics.estimate import Estimate

if TYPE_CHECKING:
    from pytest_mlquality.data.profiles import Pairs

NAME = "correlation_change"
# Fewer independent rows say nothing of a correlation.
LEAST_ROWS = 50
# A change is named where it is not chance, at this level.
LEVEL = 0.05
NAMED, RANKED = 3, 10

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Sides:
    """How columns go together on both sides.

    Parameters
    ----------
    reference, current
        With the same scores.
    worths
        How many independent rows a row is worth on either side.
    """

    reference: Pairs
    current: Pairs
    worths: tuple[float, float] = (1.0, 1.0)


def correlation_changes(names: Iterable[str], sides: Sides, window: str = "") -> list[Measurement]:
    """Measure, column by column, the largest absolute change of its correlations with the others.

    Of numbers these are rank correlations, with the ranks that the reference gives to values; a label is 1 where it is
    and 0 where it is not, for labels of at least 5% of the reference. Missing values stand in the middle. Times and
    texts have none.

    Parameters
    ----------
    names
        The columns to look at, and to correlate with each other.
    window
        Of the current split, where only that is measured.
    """
    wanted = set(names)
    scores, left_out = sides.reference.scores, sides.reference.left_out
    of_reference, of_current = (
        side.correlations(worth) for side, worth in zip((sides.reference, sides.current), sides.worths, strict=True)
    )
    known = np.isfinite(of_reference.value) & np.isfinite(of_current.value)
    measured = []
    for name in dict.fromkeys(score.column for score in scores if score.column in wanted):
        own = np.array([score.column == name for score in scores])
        others = np.array([score.column in wanted and score.column != name for score in scores])
        rows, columns = np.nonzero(known & own[:, None] & others[None, :])
        label = in_window(f"{NAME}[{name}]", window)
        found, details = _change((rows, columns), of_reference, of_current, [score.name for score in scores])
        measured.append(Measurement.of(label, replace(found, n=sides.current.rows), details=details))
    for name in left_out:
        if name in wanted:
            reason = f"more than {len(scores)} numbers and labels: the first are looked at"
            nothing = Estimate.undefined(sides.current.rows, reason)
            measured.append(Measurement.of(in_window(f"{NAME}[{name}]", window), nothing))
    return measured


def _change(
    pairs: tuple[Places, Places], reference: Correlations, current: Correlations, names: list[str]
) -> tuple[Estimate, dict[str, Any] | None]:
    if min(reference.n, current.n) < LEAST_ROWS:
        few = f"{min(reference.n, current.n):,.0f} independent rows: fewer than {LEAST_ROWS} say nothing"
        return Estimate.undefined(0, few), None
    if not len(pairs[0]):
        return Estimate.undefined(0, "it, or all that it could go with, is constant on one side"), None
    before, after = reference.between(pairs), current.between(pairs)
    order = np.argsort(-np.abs(after.value - before.value))
    down, up = change_bounds(before, after, LEVEL / (2 * len(order)))
    said = [
        f"{names[pairs[0][at]]} with {names[pairs[1][at]]}: {before.value[at]:.2f} to {after.value[at]:.2f}"
        for at in order[:NAMED]
        if down[at] > 0 or up[at] < 0
    ]
    found = replace(largest_change(before, after), reason="; ".join(said))
    return found, _ranking(pairs, order, (before, after), names)


def _ranking(
    pairs: tuple[Places, Places], order: Places, sides: tuple[Correlations, Correlations], names: list[str]
) -> dict[str, Any]:
    """Return the pairs that have changed most, for a picture."""
    change = sides[1].value - sides[0].value
    down, up = change_bounds(*sides, INTERVAL_LEVEL)
    items = [
        {
            "name": f"{names[pairs[0][at]]} with {names[pairs[1][at]]}",
            "value": float(change[at]),
            "interval": [float(down[at]), float(up[at])],
        }
        for at in order[:RANKED]
    ]
    return {"kind": "ranking", "label": "change of correlation", "items": items, "total": len(order)}
