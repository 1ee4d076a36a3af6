"""Bounds of the calibration error and of the reliability, that hold for well calibrated models too.

Both are norms of the gaps of the bins, whose estimates have no normal distribution near 0. But a norm is the largest
mean of the rows' misses over all ways to weigh the bins (Hoelder: signs for the absolute gaps, a unit vector for the
squared ones), and a mean has bounds:

- from above by the mean with the weights that fit these rows best, which is at least the one with the true weights;
- from below by the mean with weights that other rows chose: a third of them choose, the others are measured.

So nothing is taken off for bias; the upper bound is the wider for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.calibration import Forecasts
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.sample import Sample
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.mean import mean

Floats = NDArray[np.float64]
Weights = Callable[[Forecasts, Floats], Floats]

CHOOSE = 3


def signs(_forecasts: Forecasts, gap: Floats) -> Floats:
    """Return the weights of the bins that make the mean of the misses the mean absolute gap."""
    return np.sign(gap)


def direction(forecasts: Forecasts, gap: Floats) -> Floats:
    """Return the weights of the bins that make the mean of the misses the root of the mean squared gap."""
    length = float(np.sqrt((forecasts.bins.share * gap**2).sum()))
    return gap / length if length > 0 else np.zeros_like(gap)


NORMS: dict[str, Weights] = {"expected_calibration_error": signs, "brier_reliability": direction}


def calibration_bounds(metric: Metric, answers: Answers, value: float) -> Estimate:
    """Return a norm of the gaps with bounds; its square for the reliability."""
    forecasts, weights = Forecasts.of(Sample.of(answers)), NORMS[metric.name]
    chooses = answers.one_in(CHOOSE, np.random.default_rng(answers.seed))
    above = _mean(forecasts, weights(forecasts, forecasts.bins.gap), answers, np.ones_like(chooses))
    chosen = replace(forecasts, weight=np.where(chooses, forecasts.weight, 0.0)).bins.gap
    below = _mean(forecasts, weights(forecasts, chosen), answers, ~chooses)
    power = 2 if weights is direction else 1

    @cache
    def lower(level: float) -> float:
        return min(value, max(0.0, below.lower(level)) ** power)

    @cache
    def upper(level: float) -> float:
        return min(1.0, max(value, above.upper(level) ** power))

    return Estimate(value, len(answers), f"largest mean of misses over weights of bins; {above.method}", lower, upper)


def _mean(forecasts: Forecasts, weights: Floats, answers: Answers, among: NDArray[np.bool_]) -> Estimate:
    """Return the mean of the misses, each times the weight of its bin."""
    weighed = (weights[forecasts.bin] * forecasts.miss)[among]
    most = max(float(np.abs(weights).max()), np.finfo(float).tiny)
    beside = {
        name: None if array is None else array[among]
        for name, array in (("unit", answers.unit), ("weight", answers.weight))
    }
    return mean(weighed, support=(-most, most), **beside)
