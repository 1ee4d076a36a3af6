"""Metrics of calibration on resampled rows: rows are sorted once, so that a bin is a stretch of them.

Where the bins of a resample lie in that order follows from how often each row was drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import nan

import numpy as np

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.calibration import FEWEST_ROWS, OF_CALIBRATION, Bins, Forecasts, bins_of
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.sample import Rows, Sample

OnRows = Callable[[Rows], float]


def of_bins(metric: Metric, answers: Answers) -> OnRows | None:
    """Return a function from row numbers to a metric of calibration; NaN where it is undefined.

    None where a row has a label that the model does not know.
    """
    if int(answers.truth.max(initial=0)) >= len(answers.classes or ()):
        return None
    forecasts = Forecasts.of(Sample.of(answers))
    order = np.argsort(forecasts.probability, kind="stable")
    rising = forecasts.probability[order]
    # Rows of one probability are in one bin: it starts where the first of them stands.
    starts = np.flatnonzero(np.append(True, rising[1:] != rising[:-1])[: len(rising)])
    # Weights of 1 add up to numbers of rows, which are known.
    terms = np.ascontiguousarray(np.stack(forecasts.terms[2 if answers.weight is None else 0 :])[:, order])
    outcome, two_labels = forecasts.outcome[order], metric.name == "brier_resolution"
    of_sums, times = OF_CALIBRATION[metric.name], np.empty(len(order))

    def on_rows(rows: Rows) -> float:
        if len(rows) < FEWEST_ROWS:
            return nan
        drawn = np.bincount(rows, minlength=len(order))
        np.take(drawn.astype(np.float64), order, out=times, mode="clip")
        if two_labels and not 0 < times @ outcome < len(rows):
            return nan
        passed = np.concatenate(([0.0], np.cumsum(times)))
        below = passed[starts]
        # Bin k of so many starts with the first row that has k / bins of all rows or more below it.
        bins = bins_of(len(rows))
        first = np.searchsorted(below * bins, np.arange(bins) * len(rows))
        edges = [*starts[np.unique(first[first < len(starts)])], len(order)]
        sums = [terms[:, start:end] @ times[start:end] for start, end in pairwise(edges)]
        counted = [np.diff(passed[edges])] * 2 if answers.weight is None else []
        return of_sums(Bins(*counted, *np.stack(sums, axis=1)))

    return on_rows
