"""Bounds of operating points that hold at any number of rows, without resampling.

A threshold chosen on the rows is itself an estimate. So a bound is drawn in two steps, each at half the level: first
the threshold that surely lies on the safe side of the true one (its share has a bound on the right side of the value
it is held to), then a bound of what is measured, at that threshold. The union bound makes the level hold where the
bounds of shares do: exactly so for independent rows, where these are those of Clopper and Pearson 1934.

Where precision is measured, or held, it is taken for granted that it falls as more rows are called: scores that rank
rows the wrong way round leave bounds of precision at a threshold that may be too close.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.operating_points import Thresholds
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.weighted_share import weighted_share_of

Flags = NDArray[np.bool_]

# Of a precision that is held, so many thresholds are looked at, equally many positive rows apart: looking at all would
# find one that chance favours.
LOOKED_AT = 40


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Shares of rows at a threshold, with bounds.

    Parameters
    ----------
    score, positive
        Of each row, shape (n,).
    beside
        Unit and weight of each row, as the estimator of a share takes them.
    """

    score: NDArray[np.float64]
    positive: Flags
    beside: dict[str, NDArray[Any] | None]

    def called(self, threshold: float) -> Estimate:
        """Return the share of rows that are called."""
        return self._share(self.score >= threshold, np.ones_like(self.positive))

    def recall(self, threshold: float) -> Estimate:
        """Return the share of positive rows that are called."""
        return self._share(self.score >= threshold, self.positive)

    def false_positive_rate(self, threshold: float) -> Estimate:
        """Return the share of negative rows that are called."""
        return self._share(self.score >= threshold, ~self.positive)

    def precision(self, threshold: float) -> Estimate:
        """Return the share of called rows that are positive."""
        return self._share(self.positive, self.score >= threshold)

    def _share(self, success: Flags, among: Flags) -> Estimate:
        of_them = {name: None if array is None else array[among] for name, array in self.beside.items()}
        return weighted_share_of(success[among], **of_them)


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """Which thresholds surely lie on either side of the one at which a share has a value.

    Parameters
    ----------
    thresholds
        In falling order: more and more rows are called.
    held
        The share at a threshold.
    value
        What it is held to.
    grows
        Whether the share grows as more rows are called.
    """

    thresholds: NDArray[np.float64]
    held: Callable[[float], Estimate]
    value: float
    grows: bool

    def short(self, level: float) -> float | None:
        """Return the last threshold at which surely too few rows are called; None where there is none."""
        if self.grows:
            place = self._first(lambda found: found.upper(level) > self.value) - 1
            return float(self.thresholds[place]) if place >= 0 else None
        sure = [threshold for threshold in self._few() if self.held(threshold).lower(level) >= self.value]
        return sure[-1] if sure else None

    def beyond(self, level: float) -> float:
        """Return the first threshold at which surely too many rows are called; the last one calls all there are."""
        if self.grows:
            place = self._first(lambda found: found.lower(level) >= self.value)
            return float(self.thresholds[min(place, len(self.thresholds) - 1)])
        sure = (threshold for threshold in self._few() if self.held(threshold).upper(level) < self.value)
        return next(sure, float(self.thresholds[-1]))

    def _first(self, holds: Callable[[Estimate], bool]) -> int:
        """Return the place of the first threshold for which a condition holds, by halving: once it does, it does."""
        low, high = 0, len(self.thresholds)
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if holds(self.held(float(self.thresholds[middle]))) else (middle + 1, high)
        return low

    def _few(self) -> list[float]:
        places = np.unique(np.linspace(0, len(self.thresholds) - 1, LOOKED_AT + 1).astype(int)[1:])
        return [float(threshold) for threshold in self.thresholds[places]]


def operating_bounds(metric: Metric, answers: Answers, value: float) -> Estimate:
    """Return the value of an operating point with bounds; `answers` are binary, with rows of both classes."""
    score = np.asarray(answers.score, dtype=np.float64)
    rates = Rates(score, answers.positives, {"unit": answers.unit, "weight": answers.weight})
    search, measured, grows = _search(metric, rates)

    @cache
    def lower(level: float) -> float:
        threshold = search.short(level / 2) if grows else search.beyond(level / 2)
        return 0.0 if threshold is None else min(value, measured(threshold).lower(level / 2))

    @cache
    def upper(level: float) -> float:
        threshold = search.beyond(level / 2) if grows else search.short(level / 2)
        return 1.0 if threshold is None else max(value, measured(threshold).upper(level / 2))

    method = "shares at a threshold with bounds of its own, half the level each"
    return Estimate(value, len(answers), method, lower, upper)


def _search(metric: Metric, rates: Rates) -> tuple[Search, Callable[[float], Estimate], bool]:
    """Return what is held, what is measured there, and whether that grows as more rows are called."""
    value = metric.parameter or 0.0
    thresholds = Thresholds.of(rates.score, rates.positive, None).score
    if metric.family == "recall_at_precision":
        of_positives = Thresholds.of(rates.score[rates.positive], rates.positive[rates.positive], None).score
        return Search(of_positives, rates.precision, value, grows=False), rates.recall, True
    if metric.family == "recall_at_fpr":
        return Search(thresholds, rates.false_positive_rate, value, grows=True), rates.recall, True
    if metric.family == "precision_at_recall":
        return Search(thresholds, rates.recall, value, grows=True), rates.precision, False
    return Search(thresholds, rates.called, value / len(rates.score), grows=True), rates.precision, False
