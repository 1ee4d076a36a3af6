"""The ROC curve as a picture needs it: few points, and at least ten rows from one to the next."""

from __future__ import annotations

from typing import Any

import numpy as np

from pytest_mlquality.measures.answers import Answers

MOST_POINTS = 50
# No step of the curve may show what is true of fewer rows.
LEAST_ROWS = 10


def roc_curve(answers: Answers) -> dict[str, Any] | None:
    """Return details of the kind ``curve``; None where there are too few rows to show any step."""
    score = np.asarray(answers.score, dtype=np.float64)
    order = np.argsort(-score, kind="stable")
    cuts = _cuts(score[order])
    if not cuts:
        return None
    weight = np.ones(len(answers)) if answers.weight is None else answers.weight
    positive = answers.positives[order]
    rates = [
        np.concatenate([[0.0], np.cumsum(np.where(of_class, weight[order], 0.0))[np.array(cuts) - 1]])
        for of_class in (~positive, positive)
    ]
    x, y = ([float(rate) for rate in np.clip(counts / counts[-1], 0, 1)] for counts in rates)
    return {
        "kind": "curve",
        "title": "ROC curve",
        "x_label": "false positive rate",
        "y_label": "true positive rate",
        "series": [{"name": "model", "x": x, "y": y}],
        "diagonal": True,
    }


def _cuts(falling: np.ndarray[Any, np.dtype[np.float64]]) -> list[int]:
    """Return after how many rows the points of the curve lie, rows of one score staying together."""
    n = len(falling)
    if n < LEAST_ROWS:
        return []
    step = max(LEAST_ROWS, -(-n // (MOST_POINTS - 2)))
    ends = np.append(np.flatnonzero(np.diff(falling)) + 1, n)
    cuts: list[int] = []
    for end in ends.tolist():
        if end - (cuts[-1] if cuts else 0) >= step and (n - end >= LEAST_ROWS or end == n):
            cuts.append(end)
    if not cuts or cuts[-1] != n:
        cuts.append(n)
    return cuts
