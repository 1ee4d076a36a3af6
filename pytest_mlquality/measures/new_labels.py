"""Labels that the reference has not, named where a column is compared: a renamed one is told from an odd one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlquality.measurement import Measurement

if TYPE_CHECKING:
    from pytest_mlquality.data.profiles.column import Column

# A label in fewer rows may point at a person.
ROWS_TO_BE_NAMED = 10
MOST_NAMED = 5


def naming_new_labels(measure: str, measured: Measurement, current: Column) -> Measurement:
    """Return how far a column has moved, with the new labels that many rows have: in its reason and its picture."""
    if current.kind != "label":
        return measured
    often = sorted(current.new_labels.items(), key=lambda one: (-one[1], one[0]))
    named = {label: rows for label, rows in often[:MOST_NAMED] if rows >= ROWS_TO_BE_NAMED}
    if not named or measured.value is None:
        return measured
    told = "new: " + ", ".join(f"{label} ({rows:,} rows)" for label, rows in named.items())
    # What is missing has no label, and some measures name new ones themselves.
    is_told = measure == "missing_share_difference" or all(label in measured.reason for label in named)
    reason = measured.reason if is_told else "; ".join(filter(None, [measured.reason, told]))
    return replace(measured, reason=reason, details=_pictured(measured.details, named))


def _pictured(details: dict[str, Any] | None, named: dict[str, int]) -> dict[str, Any] | None:
    """Return a picture in which new labels stand by themselves, and no longer among all others."""
    if details is None or details.get("kind") != "histogram_pair":
        return details
    rows = sum(named.values())
    reference, current = (list(side) for side in details["counts"])
    other = list(details["other"])
    # They stand in the last bin, which may be among those that are shown.
    if other[1] >= rows:
        other[1] -= rows
        place = len(current)
    elif current and current[-1] >= rows:
        current[-1] -= rows
        place = len(current) - 1
    else:
        return details
    counts = [
        [*reference[:place], *[0] * len(named), *reference[place:]],
        [*current[:place], *named.values(), *current[place:]],
    ]
    categories = list(details["categories"])
    return {
        **details,
        "counts": counts,
        "categories": [*categories[:place], *named, *categories[place:]],
        "other": other,
    }
