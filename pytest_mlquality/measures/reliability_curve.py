"""How often what was forecast came true, bin by bin, as a picture needs it: no bin of fewer than ten rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.calibration import LEAST_ROWS, Forecasts
from pytest_mlquality.measures.sample import Sample
from pytest_mlquality.statistics.weighted_share import weighted_share_of

# Both ends of the band of a bin together: a 95% interval.
LEVEL = 0.025


def reliability_curve(answers: Answers) -> dict[str, Any] | None:
    """Return details of the kind ``curve``, with a band of 95% intervals; None where no bin has enough rows."""
    forecasts = Forecasts.of(Sample.of(answers))
    weight = forecasts.bins.weight
    forecast = np.bincount(forecasts.bin, weights=forecasts.weight * forecasts.probability)
    points = [
        (float(forecast[place] / weight[place]), *_frequency(answers, forecasts, forecasts.bin == place))
        for place in range(len(forecast))
        if np.count_nonzero(forecasts.bin == place) >= LEAST_ROWS and weight[place] > 0
    ]
    if not points:
        return None
    x, y, lower, upper = (list(column) for column in zip(*points, strict=True))
    of_what = "positive rows" if answers.task == "binary" else "right decisions"
    return {
        "kind": "curve",
        "title": f"Reliability: {of_what} by forecast, bins of about equally many rows",
        "x_label": "mean probability",
        "y_label": f"share of {of_what}",
        "series": [{"name": "model", "x": x, "y": y, "lower": lower, "upper": upper}],
        "diagonal": True,
    }


def _frequency(
    answers: Answers, forecasts: Forecasts, among: np.ndarray[Any, np.dtype[np.bool_]]
) -> tuple[float, float, float]:
    """Return the share of outcomes among some rows, and the ends of its interval."""
    beside = {
        name: None if array is None else array[among]
        for name, array in (("unit", answers.unit), ("weight", answers.weight))
    }
    found = weighted_share_of(forecasts.outcome[among] == 1, **beside)
    return found.value or 0.0, found.lower(LEVEL), found.upper(LEVEL)
