"""Losses of single rows, of which a metric is the mean: means have better bounds than resamples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.confusion import LabelSets, of_each_row
from pytest_mlquality.measures.gains import Gains
from pytest_mlquality.measures.losses import RowLosses
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.ranking import RANKINGS, ranking_losses

Floats = NDArray[np.float64]


def row_losses(metric: Metric, answers: Answers) -> RowLosses | None:
    """Return the losses of which the metric, or its negative, is the mean; None where it is no mean of losses.

    The metric must be defined on these answers: of a deviance, the numbers have the signs that it asks for.
    """
    if metric.family in RANKINGS:
        return ranking_losses(metric, answers)
    if answers.task == "multilabel":
        return _hamming(answers) if metric.name == "hamming_loss" else _of_label_sets(metric, answers)
    if metric.gain is not None:
        gains = Gains.of(metric.gain, answers.classes or ())
        return RowLosses(-gains.of_rows(answers.truth, answers.decision), (-gains.most, -gains.least))
    if metric.parameter is not None:
        of_parameter = _LOSSES_OF_A_PARAMETER.get(metric.family)
        return None if of_parameter is None else of_parameter(answers, metric.parameter)
    loss = _LOSSES.get(metric.name.removeprefix("neg_"))
    return None if loss is None else loss(answers)


def _log_loss(answers: Answers) -> RowLosses:
    # Clipped as scikit-learn clips, at the precision of the model's own numbers.
    smallest = float(np.finfo(answers.score.dtype).eps)
    of_truth = np.clip(_probability_of_truth(answers), smallest, 1 - smallest)
    worst = -log(smallest)
    return RowLosses(np.minimum(-np.log(of_truth), worst), (0.0, worst))


def _brier(answers: Answers) -> RowLosses:
    if answers.task == "binary":
        return RowLosses((answers.truth - answers.score.astype(float)) ** 2, (0.0, 1.0))
    squares = (answers.score.astype(float) ** 2).sum(axis=1)
    return RowLosses(np.clip(squares + 1 - 2 * _probability_of_truth(answers), 0.0, 2.0), (0.0, 2.0))


def _probability_of_truth(answers: Answers) -> Floats:
    score = answers.score.astype(float)
    if answers.task == "binary":
        return np.where(answers.positives, score, 1 - score)
    return np.asarray(score[np.arange(len(score)), answers.truth])


def _hamming(answers: Answers) -> RowLosses:
    return RowLosses((answers.truth != answers.decision).mean(axis=1), (0.0, 1.0))


def _of_label_sets(metric: Metric, answers: Answers) -> RowLosses | None:
    sets = LabelSets(
        *(each.sum(axis=1) for each in (answers.truth * answers.decision, answers.truth, answers.decision))
    )
    scores = of_each_row(metric, sets)
    return None if scores is None else RowLosses(-scores, (-1.0, 0.0))


def _absolute(answers: Answers) -> RowLosses:
    return RowLosses(np.abs(answers.truth - answers.decision))


def _pinball(answers: Answers, quantile: float = 0.5) -> RowLosses:
    short = answers.truth - answers.decision
    return RowLosses(np.maximum(quantile * short, (quantile - 1) * short))


def _squared(answers: Answers) -> RowLosses:
    return RowLosses((answers.truth - answers.decision) ** 2)


def _percentage(answers: Answers) -> RowLosses:
    size = np.maximum(np.abs(answers.truth), np.finfo(np.float64).eps)
    return RowLosses(np.abs(answers.truth - answers.decision) / size)


def _squared_log(answers: Answers) -> RowLosses:
    return RowLosses((np.log1p(answers.truth) - np.log1p(answers.decision)) ** 2)


def _poisson(answers: Answers) -> RowLosses:
    truth, mean = answers.truth, answers.decision
    return RowLosses(np.clip(2 * (xlogy(truth, truth / mean) - truth + mean), 0.0, None))


def _gamma(answers: Answers) -> RowLosses:
    ratio = answers.truth / answers.decision
    return RowLosses(np.clip(2 * (ratio - 1 - np.log(ratio)), 0.0, None))


def _tweedie(answers: Answers, power: float) -> RowLosses:
    """Return the unit deviances of a Tweedie distribution (Joergensen 1987); those of 0, 1 and 2 are limits."""
    if power in _TWEEDIE:
        return _TWEEDIE[power](answers)
    truth, mean = answers.truth, answers.decision
    # Of powers below 0 only the positive part of the truth has a term of its own.
    own = np.maximum(truth, 0.0) ** (2 - power) / ((1 - power) * (2 - power))
    rest = mean ** (2 - power) / (2 - power) - truth * mean ** (1 - power) / (1 - power)
    return RowLosses(np.clip(2 * (own + rest), 0.0, None))


_TWEEDIE: dict[float, Callable[[Answers], RowLosses]] = {0.0: _squared, 1.0: _poisson, 2.0: _gamma}
_LOSSES_OF_A_PARAMETER: dict[str, Callable[[Answers, float], RowLosses]] = {
    "mean_pinball_loss": _pinball,
    "mean_tweedie_deviance": _tweedie,
}
_LOSSES: dict[str, Callable[[Answers], RowLosses]] = {
    "log_loss": _log_loss,
    "brier_score": _brier,
    "brier_score_loss": _brier,
    "mean_absolute_error": _absolute,
    "mean_absolute_percentage_error": _percentage,
    "mean_gamma_deviance": _gamma,
    "mean_pinball_loss": _pinball,
    "mean_poisson_deviance": _poisson,
    "mean_squared_error": _squared,
    "mean_squared_log_error": _squared_log,
    "mean_tweedie_deviance": _squared,
    "root_mean_squared_error": lambda answers: replace(_squared(answers), is_root=True),
    "root_mean_squared_log_error": lambda answers: replace(_squared_log(answers), is_root=True),
}
