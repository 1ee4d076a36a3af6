"""By how much each group fares worse than under another model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pytest_mlquality.measurement import Measurement, Measurements
from pytest_mlquality.measures import baseline as against
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.group_cells import Grouping, why_no_group
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.on_same_rows import loss_on_same_rows
from pytest_mlquality.measures.scoring import suiting
from pytest_mlquality.statistics.estimate import Estimate


def loss_to_baseline(
    metric: str | Metric, challenger: Answers, baseline: Answers, grouping: Grouping, *, exact: bool = False
) -> Measurements:
    """Measure by how much every group is served worse than by the baseline, on the same rows; negative means better.

    Raises
    ------
    ModelError
        If there is no such metric, or it does not suit the task or what one of the models answers.
    DataError
        If the two were not asked about the same rows.
    """
    against.check_same_rows(challenger, baseline)
    wanted = suiting(metric, challenger, baseline)
    items = []
    for group in grouping.groups:
        rows = int(np.count_nonzero(group.rows))
        reason = why_no_group(group.name, rows, grouping.min_rows)
        if reason:
            found = Estimate.undefined(rows, reason)
        else:
            inside, beside = challenger.of_rows(group.rows), baseline.of_rows(group.rows)
            found = loss_on_same_rows(wanted, inside, beside, exact=exact)
        # `n` is the group's own, so that judged_share is the share of rows in judged groups.
        name = f"loss_to_baseline[{metric}, {group.name}]"
        items.append(Measurement.of(name, replace(found, n=rows), unit=wanted.unit))
    return Measurements(f"loss_to_baseline[{metric}]", items, least_judged_share=grouping.least_judged)
