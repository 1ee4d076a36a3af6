"""Whether the rows explained show what moves the answers: few rows may have most of all movement."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pytest_mlquality.measurement import Measurement
from pytest_mlquality.measures.column_importance import Importance
from pytest_mlquality.statistics.clusters import clusters
from pytest_mlquality.statistics.tails import tail_index_at_least

# Movement with fewer moments than this has rows that few samples hold, and that have much of it (docs/explanation.md).
LEAST_INDEX = 1.7
# Rows of a kind that one in forty is are missing among so many with a probability of 5%.
LEAST_UNITS = 119


def movement_is_seen(importance: Importance) -> bool:
    """Return whether rows such as these hold nearly all that moves the answers."""
    if importance.attributions is None or not importance.moves:
        return True
    units = clusters(len(importance.parts), importance.unit, None)
    return units.units >= LEAST_UNITS and tail_index_at_least(units.totals(importance.weight)) >= LEAST_INDEX


def where_movement_is_seen(measured: Measurement, importance: Importance) -> Measurement:
    """Return a measured share without bounds where rows that nobody has explained may have most of the movement."""
    if measured.value is None or measured.method == "exact" or movement_is_seen(importance):
        return measured
    heaviest = np.sort(importance.weight)[::-1][: max(1, len(importance.weight) // 100)].sum()
    part = float(heaviest / importance.weight.sum())
    reason = (
        f"too few rows explained: 1% of {len(importance.parts):,} have {part:.0%} of the movement, so that others may "
        "have more; raise [explanation] rows, or budget"
    )
    low, high = importance.support
    return replace(
        measured,
        lower=lambda _level: low,
        upper=lambda _level: high,
        reason="; ".join(filter(None, [reason, measured.reason])),
    )
