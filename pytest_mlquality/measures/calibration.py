"""Whether probabilities mean what they say: the calibration error, and Murphy's decomposition of the Brier score.

Rows are put into 15 bins of equally many by their probability (Roelofs et al. 2022, Mitigating bias in calibration
error estimation), rows of one probability into one bin, fewer bins where there would be fewer than 10 rows in one.
What is measured is the calibration of the bins: that of the probabilities themselves can be no better (Kumar, Liang
and Ma 2019, Verified uncertainty calibration, proposition 3.3). Of several classes the probability of the chosen one is
judged.

Frequencies differ from probabilities by chance too, so that the plain estimates are too high, the more so the fewer
the rows. The estimates here are corrected for that, rows being independent: the squared error by its variance (Ferro
and Fricker 2012, A bias-corrected decomposition of the Brier score), the absolute one by the mean of a normal error
around what was seen (Kumar, Liang and Ma 2019), which leaves a part of the bias where calibration is perfect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import nan

import numpy as np
from numpy.typing import NDArray
from scipy.stats import foldnorm

from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.sample import Sample
from pytest_mlquality.measures.undefined import Score

Floats = NDArray[np.float64]

BINS = 15
LEAST_ROWS = 10
FEWEST_BINS = 2


@dataclass(frozen=True, eq=False)
class Forecasts:
    """Probabilities, what came of them, and the bins.

    Parameters
    ----------
    probability
        Of the positive class, or of the chosen one of several, shape (n,).
    outcome
        1 where it is the true one, else 0, shape (n,).
    weight
        Of each row, shape (n,).
    """

    probability: Floats
    outcome: Floats
    weight: Floats

    @classmethod
    def of(cls, sample: Sample) -> Forecasts:
        """Return the forecasts of a binary or multiclass sample."""
        score = np.asarray(sample.score, dtype=np.float64)
        weight = np.ones(len(score)) if sample.weight is None else sample.weight
        if sample.task == "binary":
            return cls(score, (sample.truth == 1).astype(np.float64), weight)
        chosen = score[np.arange(len(score)), sample.decision]
        return cls(chosen, (sample.truth == sample.decision).astype(np.float64), weight)

    @cached_property
    def bin(self) -> NDArray[np.intp]:
        """The bin of each row, in the order of the probabilities, shape (n,)."""
        n = len(self.probability)
        bins = max(1, min(BINS, n // LEAST_ROWS))
        below = np.searchsorted(np.sort(self.probability), self.probability, side="left")
        return np.unique(below * bins // n, return_inverse=True)[1].astype(np.intp)

    @cached_property
    def share(self) -> Floats:
        """Share of the weight in each bin, shape (bins,)."""
        return np.asarray(self._totals(self.weight) / self.weight.sum())

    @property
    def miss(self) -> Floats:
        """Outcome less probability of each row, shape (n,)."""
        return self.outcome - self.probability

    @cached_property
    def gap(self) -> Floats:
        """Mean of the misses of each bin, shape (bins,)."""
        return self.mean(self.miss)

    @cached_property
    def variance(self) -> Floats:
        """Variance of each gap over samples of independent rows, shape (bins,); 0 for one row alone."""
        spread = self.mean((self.miss - self.gap[self.bin]) ** 2)
        # Kish's effective number of rows.
        rows = self._totals(self.weight) ** 2 / np.maximum(self._totals(self.weight**2), np.finfo(float).tiny)
        return np.divide(spread, rows - 1, out=np.zeros_like(spread), where=rows > 1)

    def mean(self, values: Floats) -> Floats:
        """Return the weighted mean of values in each bin, shape (bins,); 0 where nothing weighs."""
        total = self._totals(self.weight)
        return np.divide(self._totals(self.weight * values), total, out=np.zeros_like(total), where=total > 0)

    def _totals(self, values: Floats) -> Floats:
        return np.bincount(self.bin, weights=values).astype(np.float64)


def calibration(metric: Metric, sample: Sample) -> Score:
    """Return the value of one of the metrics of `OF_CALIBRATION`, or why it has none."""
    needed = FEWEST_BINS * LEAST_ROWS
    if len(sample.truth) < needed:
        return Score(nan, f"{len(sample.truth):,} rows are too few for bins: it takes {needed}")
    return Score(OF_CALIBRATION[metric.name](Forecasts.of(sample)))


def expected_calibration_error(forecasts: Forecasts) -> float:
    """Return the mean absolute gap, less the bias that a normal error of the gaps gives it; not below 0."""
    gap, deviation = np.abs(forecasts.gap), np.sqrt(forecasts.variance)
    deviation = np.maximum(deviation, np.finfo(float).tiny)
    around = foldnorm.mean(gap / deviation, scale=deviation)
    return max(0.0, float((forecasts.share * (2 * gap - around)).sum()))


def reliability(forecasts: Forecasts) -> float:
    """Return the mean squared gap (Murphy 1973, A new vector partition of the probability score), less its bias."""
    return max(0.0, float((forecasts.share * (forecasts.gap**2 - forecasts.variance)).sum()))


def refinement(forecasts: Forecasts) -> float:
    """Return what of the Brier score no better calibration would mend: the score less the reliability."""
    return brier(forecasts) - reliability(forecasts)


def resolution(forecasts: Forecasts) -> float:
    """Return by how much the refinement is better than that of the share of positive rows, said of every row.

    What probabilities tell within a bin counts too, so that reliability - resolution + uncertainty is the Brier score
    to the last digit (Stephenson, Coelho and Jolliffe 2008, Two extra components in the Brier score decomposition).
    """
    return uncertainty(forecasts) - refinement(forecasts)


def uncertainty(forecasts: Forecasts) -> float:
    """Return the Brier score of the share of positive rows, said of every row."""
    share = float(np.average(forecasts.outcome, weights=forecasts.weight))
    return share * (1 - share)


def brier(forecasts: Forecasts) -> float:
    """Return the Brier score of the rows."""
    return float(np.average(forecasts.miss**2, weights=forecasts.weight))


OF_CALIBRATION: dict[str, Callable[[Forecasts], float]] = {
    "expected_calibration_error": expected_calibration_error,
    "brier_reliability": reliability,
    "brier_refinement": refinement,
    "brier_resolution": resolution,
}
