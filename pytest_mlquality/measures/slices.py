"""A metric slice by slice, and by how much each slice lags behind all other rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from pytest_mlquality.measurement import Measurement, Measurements
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.estimates import estimate
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.scoring import suiting
from pytest_mlquality.measures.slicing import Slice
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.independent import difference


def metric_by_slice(
    metric: str | Metric,
    answers: Answers,
    slices: Sequence[Slice],
    *,
    min_rows: int,
    least_judged: float,
    exact: bool = False,
) -> Measurements:
    """Measure a metric, or that of a name, on each slice; one of fewer than `min_rows` rows is too small to judge.

    Raises
    ------
    ModelError
        If there is no such metric, or it does not suit the task or what the model answers.
    """
    wanted = suiting(metric, answers)

    def of(one: Slice) -> Estimate:
        return estimate(wanted, answers.of_rows(one.rows), exact=exact)

    return _measured(str(metric), wanted.unit, slices, of, min_rows, least_judged)


def gap_by_slice(
    metric: str | Metric,
    answers: Answers,
    slices: Sequence[Slice],
    *,
    min_rows: int,
    least_judged: float,
    exact: bool = False,
) -> Measurements:
    """Measure by how much each slice is worse than all other rows; negative means better.

    The metric of the rest less that of the slice where higher is better, slice less rest for a loss.
    """
    wanted = suiting(metric, answers)

    def of(one: Slice) -> Estimate:
        return gap(wanted, answers, one, exact=exact)

    return _measured(f"{metric}_gap", wanted.unit, slices, of, min_rows, least_judged)


def gap(metric: Metric, answers: Answers, one: Slice, *, exact: bool = False) -> Estimate:
    """Return by how much a slice is worse than all other rows, with bounds."""
    if one.rows.all():
        return Estimate.undefined(len(answers), "all rows belong to it: there is no rest to compare with")
    inside, rest = answers.of_rows(one.rows), answers.of_rows(~one.rows)
    of_slice, of_rest = estimate(metric, inside, exact=exact), estimate(metric, rest, exact=exact)
    return difference(*metric.loss_of(of_slice, of_rest), independent=not _share_units(inside, rest))


def _share_units(one: Answers, other: Answers) -> bool:
    if one.unit is None or other.unit is None:
        return False
    return not set(one.unit.tolist()).isdisjoint(other.unit.tolist())


def _measured(
    name: str,
    unit: str,
    slices: Sequence[Slice],
    of: Callable[[Slice], Estimate],
    min_rows: int,
    least_judged: float,
) -> Measurements:
    items = []
    for one in slices:
        rows = int(np.count_nonzero(one.rows))
        if rows < min_rows:
            found = Estimate.undefined(rows, f"{rows:,} rows, fewer than min_rows = {min_rows:,}")
        else:
            found = of(one)
        # `n` is the slice's own, so that judged_share is the share of rows in judged slices.
        items.append(Measurement.of(f"{name}[{one.name}]", replace(found, n=rows), unit=unit))
    return Measurements(name, items, least_judged_share=least_judged)
