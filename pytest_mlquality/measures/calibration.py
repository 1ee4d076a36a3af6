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
FEWEST_ROWS = 2 * LEAST_ROWS


@dataclass(frozen=True, eq=False)
class Bins:
    """What the rows of each bin add up to, each of shape (bins,).

    Parameters
    ----------
    weight, squared_weight
        Weights of the rows, and their squares.
    outcome, miss, squared_miss
        Outcomes, misses (outcome less probability) and their squares, each times the weight of its row.
    """

    weight: Floats
    squared_weight: Floats
    outcome: Floats
    miss: Floats
    squared_miss: Floats

    @cached_property
    def share(self) -> Floats:
        """Share of the weight in each bin."""
        return np.asarray(self.weight / self.weight.sum())

    @cached_property
    def gap(self) -> Floats:
        """Mean of the misses of each bin; 0 where nothing weighs."""
        return self._mean(self.miss)

    @cached_property
    def variance(self) -> Floats:
        """Variance of each gap over samples of independent rows; 0 for one row alone."""
        spread = np.maximum(self._mean(self.squared_miss) - self.gap**2, 0.0)
        # Kish's effective number of rows.
        rows = self.weight**2 / np.maximum(self.squared_weight, np.finfo(float).tiny)
        return np.divide(spread, rows - 1, out=np.zeros_like(spread), where=rows > 1)

    def _mean(self, total: Floats) -> Floats:
        return np.divide(total, self.weight, out=np.zeros_like(total), where=self.weight > 0)


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
        below = np.searchsorted(np.sort(self.probability), self.probability, side="left")
        return np.unique(below * bins_of(n) // n, return_inverse=True)[1].astype(np.intp)

    @property
    def miss(self) -> Floats:
        """Outcome less probability of each row, shape (n,)."""
        return self.outcome - self.probability

    @property
    def terms(self) -> tuple[Floats, ...]:
        """What a row adds to each sum of `Bins`, if it is there once, each of shape (n,)."""
        weight, miss = self.weight, self.miss
        return weight, weight**2, weight * self.outcome, weight * miss, weight * miss**2

    @cached_property
    def bins(self) -> Bins:
        """What the rows of each bin add up to."""
        return Bins(*(np.bincount(self.bin, weights=term).astype(np.float64) for term in self.terms))


def bins_of(rows: int) -> int:
    """Return into how many bins so many rows are put at most."""
    return max(1, min(BINS, rows // LEAST_ROWS))


def calibration(metric: Metric, sample: Sample) -> Score:
    """Return the value of one of the metrics of `OF_CALIBRATION`, or why it has none."""
    if len(sample.truth) < FEWEST_ROWS:
        return Score(nan, f"{len(sample.truth):,} rows are too few for bins: it takes {FEWEST_ROWS}")
    return Score(OF_CALIBRATION[metric.name](Forecasts.of(sample).bins))


def expected_calibration_error(bins: Bins) -> float:
    """Return the mean absolute gap, less the bias that a normal error of the gaps gives it; not below 0."""
    gap, deviation = np.abs(bins.gap), np.sqrt(bins.variance)
    deviation = np.maximum(deviation, np.finfo(float).tiny)
    around = foldnorm.mean(gap / deviation, scale=deviation)
    return max(0.0, float((bins.share * (2 * gap - around)).sum()))


def reliability(bins: Bins) -> float:
    """Return the mean squared gap (Murphy 1973, A new vector partition of the probability score), less its bias."""
    return max(0.0, float((bins.share * (bins.gap**2 - bins.variance)).sum()))


def refinement(bins: Bins) -> float:
    """Return what of the Brier score no better calibration would mend: the score less the reliability."""
    return brier(bins) - reliability(bins)


def resolution(bins: Bins) -> float:
    """Return by how much the refinement is better than that of the share of positive rows, said of every row.

    What probabilities tell within a bin counts too, so that reliability - resolution + uncertainty is the Brier score
    to the last digit (Stephenson, Coelho and Jolliffe 2008, Two extra components in the Brier score decomposition).
    """
    return uncertainty(bins) - refinement(bins)


def uncertainty(bins: Bins) -> float:
    """Return the Brier score of the share of positive rows, said of every row."""
    share = float(bins.outcome.sum() / bins.weight.sum())
    return share * (1 - share)


def brier(bins: Bins) -> float:
    """Return the Brier score of the rows."""
    return float(bins.squared_miss.sum() / bins.weight.sum())


OF_CALIBRATION: dict[str, Callable[[Bins], float]] = {
    "expected_calibration_error": expected_calibration_error,
    "brier_reliability": reliability,
    "brier_refinement": refinement,
    "brier_resolution": resolution,
}
