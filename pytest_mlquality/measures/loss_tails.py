"""Whether the losses of single rows have too heavy a tail for the bounds of a metric that nothing bounds."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.losses import RowLosses
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.row_losses import row_losses
from pytest_mlquality.statistics.clusters import clusters
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.pivot import Pivot
from pytest_mlquality.statistics.scale import Scale
from pytest_mlquality.statistics.tails import without_heavy_tails

# What is removed of a sum of squares; of these a resample sees the rows that the sample has, again and again.
OF_SQUARES = frozenset({"r2", "explained_variance"})


def without_tails(found: Estimate, metric: Metric, answers: Answers) -> Estimate:
    """Return an estimate without its bounds on the side of an unbounded loss whose tail is heavy among `answers`."""
    if found.value is None or metric.function is not None:
        return found
    if metric.name in OF_SQUARES and answers.task == "regression":
        return _of_squares(found, metric, answers)
    losses = row_losses(metric, answers)
    if losses is None or losses.support[1] < inf:
        return found
    return _oriented(found, losses, metric, answers)


def without_tails_of_difference(found: Estimate, metric: Metric, judged: Answers, other: Answers) -> Estimate:
    """Return a difference of two means of unbounded losses without its bounds on a side whose tail is heavy."""
    if found.value is None or metric.function is not None:
        return found
    a, b = row_losses(metric, judged), row_losses(metric, other)
    if a is None or b is None or a.is_root or a.support[1] < inf:
        return found
    weight = judged.weight if a.weight is None else a.weight
    return without_heavy_tails(found, a.values - b.values, unit=judged.unit, weight=weight, support=(-inf, inf))


def _oriented(found: Estimate, losses: RowLosses, metric: Metric, answers: Answers) -> Estimate:
    """Return an estimate without its upper bound as a loss, which is the lower one where higher is better."""
    weight = answers.weight if losses.weight is None else losses.weight
    if not metric.higher_is_better:
        return without_heavy_tails(found, losses.values, unit=answers.unit, weight=weight, support=losses.support)
    low, high = losses.support
    return without_heavy_tails(found, -losses.values, unit=answers.unit, weight=weight, support=(-high, -low))


def _of_squares(found: Estimate, metric: Metric, answers: Answers) -> Estimate:
    """Return the share of removed squares without bounds at levels at which too few rows contribute to its variance.

    ``1 - sum(e^2) / sum(d^2)`` is linear in ``e^2 - (1 - value) d^2``, of which few rows may carry most.
    """
    error, spread = answers.truth - answers.decision, answers.truth - np.average(answers.truth, weights=answers.weight)
    if metric.name == "explained_variance":
        error = error - np.average(error, weights=answers.weight)
    rows = clusters(len(answers), answers.unit, answers.weight)
    left = 1 - float(found.value or 0.0)
    parts = error**2 - left * spread**2
    of_units = rows.totals(rows.weight * parts)
    pivot = Pivot.of(0.0, of_units - of_units.mean(), Scale((-inf, inf)), rounding=0.0)
    held = replace(
        found,
        lower=lambda level: found.lower(level) if pivot.trusted(level) else -inf,
        upper=lambda level: found.upper(level) if pivot.trusted(level) else metric.support[1],
    )
    said = f"few rows decide the squares: worth {pivot.participants:,.0f} equal contributions"
    if not pivot.trusted(0.05):
        held = replace(held, reason="; ".join(part for part in (held.reason, said) if part))
    return without_heavy_tails(held, -parts, unit=answers.unit, weight=answers.weight, support=(-inf, inf))
