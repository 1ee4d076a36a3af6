"""The measures whose levels the study looks at: truth, how rows push them, and the estimate under test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

import numpy as np
from level_populations import (
    Design,
    Floats,
    Population,
    disagreements,
    successes,
    two_classes,
    two_scores,
)
from numpy.typing import NDArray

from pytest_mlquality.statistics.auc import roc_auc, roc_auc_difference
from pytest_mlquality.statistics.bootstrap import bootstrap
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.mean import mean
from pytest_mlquality.statistics.paired import share_difference
from pytest_mlquality.statistics.proportion import share_of

Cells = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure on one design.

    Parameters
    ----------
    population
        What rows are drawn from.
    truth
        The true value.
    push
        What a row of each class and cell adds to the estimate, linearised, shape (classes, cells).
    estimate
        The estimate under test, from the cells of the rows.
    """

    population: Population
    truth: float
    push: Floats
    estimate: Callable[[Cells], Estimate]
    value_of_cell: Floats = field(default_factory=lambda: np.empty(0))


def rows_share(design: Design, positives: int) -> Measure:
    return _share(design, positives / len(design.kind))


def recall(design: Design, positives: int) -> Measure:
    return _share(design, design.world.recall)


def share_gap(design: Design, positives: int) -> Measure:
    n = len(design.kind)
    population = disagreements(positives / n, design.world.correlation)
    push = np.array([[-1.0, 0.0, 1.0]]) / n

    def estimate(cell: Cells) -> Estimate:
        return share_difference(cell == 2, cell == 0, unit=design.unit)

    return Measure(population, 0.0, push, estimate)


def auc(design: Design, positives: int) -> Measure:
    population, score = two_classes(design.world)
    truth, push = _auc_push(population, score, design, positives)
    return Measure(population, truth, push, lambda cell: roc_auc(design.kind == 1, score[cell], unit=design.unit))


def auc_gap(design: Design, positives: int) -> Measure:
    population, first, second = two_scores(design.world)
    truth_a, push_a = _auc_push(population, first, design, positives)
    truth_b, push_b = _auc_push(population, second, design, positives)

    def estimate(cell: Cells) -> Estimate:
        return roc_auc_difference(design.kind == 1, first[cell], second[cell], unit=design.unit)

    return Measure(population, truth_a - truth_b, push_a - push_b, estimate)


def brier(design: Design, positives: int) -> Measure:
    return _loss(design, positives, lambda p, y: (p - y) ** 2, (0.0, 1.0))


def log_loss(design: Design, positives: int) -> Measure:
    return _loss(design, positives, lambda p, y: -np.log(np.where(y == 1, p, 1 - p)), (0.0, inf))


def f1(design: Design, positives: int) -> Measure:
    """F1 at the threshold at which as many rows are called positive as are."""
    population, score = two_classes(design.world)
    n = len(design.kind)
    upper = np.cumsum(population.marginal[:, ::-1], axis=1)[:, ::-1]
    called = upper[1] * positives + upper[0] * (n - positives)
    cut = int(np.argmin(np.abs(called - positives)))
    hits = upper[1, cut] * positives
    size = called[cut] + positives
    truth = 2 * hits / size
    call = (np.arange(len(score)) >= cut).astype(float)
    push = np.array([-truth * call / size, ((2 - truth) * call - truth) / size])
    push -= (push * population.marginal).sum(axis=1, keepdims=True)
    kind = design.kind == 1

    def estimate(cell: Cells) -> Estimate:
        positive_call = cell >= cut
        hit = (positive_call & kind).astype(float)
        both = positive_call.astype(float) + kind

        def score_of(rows: Cells) -> float:
            total = both[rows].sum()
            return float(2 * hit[rows].sum() / total) if total else 0.0

        return bootstrap(score_of, n, unit=design.unit, seed=int(cell[:7].sum()), support=(0.0, 1.0))

    return Measure(population, float(truth), push, estimate)


def resampled_log_loss(design: Design, positives: int) -> Measure:
    """The mean log loss again, as a function that the bootstrap knows nothing of."""
    measure = log_loss(design, positives)
    values = measure.value_of_cell

    def estimate(cell: Cells) -> Estimate:
        value = values[cell]

        def mean_of(rows: Cells) -> float:
            return float(value[rows].mean())

        return bootstrap(mean_of, len(value), unit=design.unit, seed=int(cell[:7].sum()), support=(0.0, inf))

    return Measure(measure.population, measure.truth, measure.push, estimate)


def _share(design: Design, rate: float) -> Measure:
    population = successes(rate, design.world.correlation)
    n = len(design.kind)
    truth = float(population.marginal[0, 1])
    push = np.array([[-truth, 1 - truth]]) / n
    return Measure(population, truth, push, lambda cell: share_of(cell == 1, unit=design.unit))


def _auc_push(population: Population, score: Floats, design: Design, positives: int) -> tuple[float, Floats]:
    cell_of = np.unique(score, return_inverse=True)[1]
    negative, positive = (np.bincount(cell_of, weights=cells) for cells in population.marginal)
    below = (np.cumsum(negative) - negative / 2)[cell_of]
    above = (1 - np.cumsum(positive) + positive / 2)[cell_of]
    truth = float((population.marginal[1] * below).sum())
    negatives = len(design.kind) - positives
    return truth, np.array([(above - truth) / negatives, (below - truth) / positives])


def _loss(
    design: Design, positives: int, loss: Callable[[Floats, Floats], Floats], support: tuple[float, float]
) -> Measure:
    population, score = two_classes(design.world)
    n = len(design.kind)
    distance = design.world.distance
    odds = np.exp(distance * (score - distance / 2)) * positives / (n - positives)
    # Cut where scikit-learn's log_loss cuts.
    probability = np.clip(odds / (1 + odds), np.finfo(float).eps, 1 - np.finfo(float).eps)
    values = np.array([loss(probability, np.zeros_like(score)), loss(probability, np.ones_like(score))])
    # The number of positives is part of the design here, and drawn in what is judged: rows are drawn with their class.
    prevalence = positives / n
    return _mixed(population, values, prevalence, design, support)


def _mixed(
    population: Population, values: Floats, prevalence: float, design: Design, support: tuple[float, float]
) -> Measure:
    """Return the mean of a value over rows whose class is drawn too: one class whose cells are class and cell."""
    cells = np.concatenate([(1 - prevalence) * population.cells[0], prevalence * population.cells[1]], axis=1)
    joint = Population(population.effects, cells[None])
    value = values.ravel()
    truth = float((joint.marginal[0] * value).sum())
    push = ((value - truth) / len(design.kind))[None]
    return Measure(joint, truth, push, lambda cell: mean(value[cell], unit=design.unit, support=support), value)


@dataclass(frozen=True, slots=True)
class Entry:
    """How a measure is set up.

    Parameters
    ----------
    make
        Makes it for a design and its number of positives.
    tested
        The function of the package whose bounds are looked at.
    classes
        Classes of the rows of its design: with 2, their numbers are fixed.
    positives_only
        Whether it looks at the positive rows alone.
    draws
        How many samples are drawn where importance sampling is needed.
    more_from
        Rows from which on ten times as many are drawn: where the smallest level is judged and hard to show.
    """

    make: Callable[[Design, int], Measure]
    tested: Callable[..., Estimate]
    classes: int = 1
    positives_only: bool = False
    draws: int = 4000
    more_from: float = inf


# What the prevalence is to each: the rate of success, the rate of disagreement, or that of the positive class.
MEASURES = {
    "share": Entry(rows_share, share_of),
    "share of positives": Entry(recall, share_of, positives_only=True),
    "share_difference": Entry(share_gap, share_difference),
    "mean (Brier)": Entry(brier, mean),
    "mean (log loss)": Entry(log_loss, mean),
    "roc_auc": Entry(auc, roc_auc, classes=2, draws=2000),
    "roc_auc_difference": Entry(auc_gap, roc_auc_difference, classes=2, draws=2000),
    "bootstrap (F1)": Entry(f1, bootstrap, classes=2, draws=1500),
    "bootstrap (log loss)": Entry(resampled_log_loss, bootstrap, draws=1500, more_from=2000),
}
