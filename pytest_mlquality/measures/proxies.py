"""How well columns of a row tell its group: whether they stand in for what the model is not to see."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measurement import Measurement, Measurements
from pytest_mlquality.measures.group_cells import Grouping, why_no_group
from pytest_mlquality.measures.joint_drift import joint_drift
from pytest_mlquality.measures.slicing import Slice
from pytest_mlquality.statistics.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

NAME = "proxy_roc_auc"


def proxy_roc_auc(rows: pd.DataFrame, grouping: Grouping, *, unit: NDArray[Any] | None, seed: int) -> Measurements:
    """Measure the AUC with which a classifier tells each group from all other rows that it has not seen.

    0.5: nothing in the columns tells; 1: they are as good as the group itself. The reason names the columns that do.

    Parameters
    ----------
    rows
        The columns to look at, without those that make the groups, shape (n, columns).
    grouping
        Groups of these rows; of two groups one tells all.
    unit
        What is independent, shape (n,). None: every row.
    """
    groups = [one for one in grouping.groups if one.rows.any()]
    judged = groups[:1] if len(groups) == 2 else groups
    items = [_of(rows, one, grouping.min_rows, unit, seed) for one in judged]
    return Measurements(NAME, items, least_judged_share=grouping.least_judged)


def _of(rows: pd.DataFrame, group: Slice, min_rows: int, unit: NDArray[Any] | None, seed: int) -> Measurement:
    name, n = f"{NAME}[{group.name}]", int(np.count_nonzero(group.rows))
    reason = why_no_group(group.name, n, min_rows)
    if reason:
        return Measurement.of(name, Estimate.undefined(n, reason))
    units = (unit[~group.rows], unit[group.rows]) if unit is not None else (None, None)
    found = joint_drift(rows[~group.rows], rows[group.rows], unit=units, seed=seed)
    return replace(found, name=name, n=n)
