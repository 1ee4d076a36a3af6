"""Does a challenger pass that loses as much as it may not? ``python studies/comparisons.py`` writes comparisons.json.

Two models on the same rows. Where the challenger truly loses the margin, a verdict of ``pass`` is an error; where it
loses nothing, ``pass`` is the power and ``fail`` the false alarm. And a year of retrains: every day another challenger
as good as the champion, on the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import product
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
from record import origin, write
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import norm

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.baseline import bounded
from pytest_mlquality.measures.metrics import find

SEED = 2026
COVERED = ("measures/baseline.py", "statistics/auc.py", "statistics/mean.py", "statistics/paired.py")
OUTPUT = Path(__file__).with_name("comparisons.json")

# The second is the size of the example's test split.
ROWS = (2_000, 13_757)
# What the example's gate lets a challenger lose.
MARGINS = {"accuracy": 0.005, "neg_brier_score": 0.002, "roc_auc": 0.005}
# Shares move in steps, so that the last digit of their size takes more runs.
RUNS, CHUNK = {"accuracy": 40_000, "neg_brier_score": 10_000, "roc_auc": 10_000}, 250
DAYS, YEARS = 365, 3
FALSE_PASS, FALSE_FAIL = 0.05, 1e-5
# The models see the same rows and mostly err on the same ones.
CORRELATION = 0.95
CHAMPION = sqrt(2) * norm.ppf(0.90)


def main() -> None:
    cells = []
    with ProcessPoolExecutor() as workers:
        for metric, rows, lost in product(MARGINS, ROWS, ("the margin", "nothing")):
            runs = RUNS[metric]
            starts = range(0, runs, CHUNK)
            parts = list(workers.map(verdicts, *zip(*((metric, rows, lost, start) for start in starts), strict=True)))
            passed, failed = np.sum(parts, axis=0).tolist()
            cell = {"metric": metric, "rows": rows, "margin": MARGINS[metric], "lost": lost, "runs": runs}
            cells.append({**cell, "pass": passed / runs, "fail": failed / runs})
            print(cells[-1], flush=True)
        years = list(workers.map(year, *zip(*product(MARGINS, range(YEARS)), strict=True)))
    retrains = {"days": DAYS, "years": YEARS, "rows": ROWS[1], "metrics": list(MARGINS), "failed": sum(years)}
    print(retrains)
    made = origin(SEED, ("numpy", "scipy", "scikit-learn"), COVERED)
    write(OUTPUT, made | {"verdicts": cells, "retrains": retrains})


def verdicts(metric: str, rows: int, lost: str, start: int) -> tuple[int, int]:
    """Return how many of the runs from `start` on pass and fail."""
    margin = MARGINS[metric]
    strength = weaker(metric, margin if lost == "the margin" else 0.0)
    passed = failed = 0
    for run in range(start, start + CHUNK):
        draw = np.random.default_rng([SEED, list(MARGINS).index(metric), rows, lost == "nothing", run])
        truth = draw.integers(0, 2, rows)
        shared = draw.normal(size=rows)
        upper, lower = judged(metric, truth, shared, draw, strength)
        passed += upper <= margin
        failed += lower > margin
    return passed, failed


def year(metric: str, number: int) -> int:
    """Return how many of a year's retrains fail, judged day by day on the same rows against the same champion."""
    draw = np.random.default_rng([SEED, 9, list(MARGINS).index(metric), number])
    truth, shared = draw.integers(0, 2, ROWS[1]), draw.normal(size=ROWS[1])
    return sum(judged(metric, truth, shared, draw, CHAMPION)[1] > MARGINS[metric] for _ in range(DAYS))


def judged(
    metric: str,
    truth: np.ndarray[Any, Any],
    shared: np.ndarray[Any, Any],
    draw: np.random.Generator,
    strength: float,
) -> tuple[float, float]:
    """Return both bounds of the challenger's loss, at the levels of pass and fail, on rows hard for both models."""
    own = draw.normal(size=len(truth))
    noise = CORRELATION * shared + sqrt(1 - CORRELATION**2) * own
    if metric == "accuracy":
        mine, champions = is_right(truth, noise, strength), is_right(truth, shared, CHAMPION)
        return of_counts(len(truth), int((champions & ~mine).sum()), int((mine & ~champions).sum()))
    return bounds(metric, answers(truth, noise, strength), answers(truth, shared, CHAMPION))


def bounds(metric: str, challenger: Answers, champion: Answers) -> tuple[float, float]:
    """Return the bounds alone: what scikit-learn says of the value is tested elsewhere, and takes most of the time."""
    found = bounded(find(metric), challenger, champion, 0.0)
    return found.upper(FALSE_PASS), found.lower(FALSE_FAIL)


@cache
def of_counts(rows: int, lost: int, won: int) -> tuple[float, float]:
    """Return the bounds for so many rows that only the champion, and only the challenger, decides rightly."""
    truth, place = np.zeros(rows, dtype=int), np.arange(rows)
    wrong = place < lost, (place >= lost) & (place < lost + won)
    return bounds("accuracy", *(Answers(truth, flags.astype(int), classes=(0, 1), positive=1) for flags in wrong))


def answers(truth: np.ndarray[Any, Any], noise: np.ndarray[Any, Any], strength: float) -> Answers:
    """Return what a model says that sees the truth through normal noise, `strength` standard deviations apart."""
    chance = expit(strength * (strength * (truth - 0.5) + noise))
    return Answers(truth, (chance >= 0.5).astype(int), np.column_stack([1 - chance, chance]), (0, 1), "binary", 1)


def is_right(truth: np.ndarray[Any, Any], noise: np.ndarray[Any, Any], strength: float) -> np.ndarray[Any, Any]:
    """Return which rows such a model decides rightly: its chance is at least a half where what it sees is above 0."""
    right: np.ndarray[Any, Any] = (strength * (truth - 0.5) + noise >= 0) == truth
    return right


def weaker(metric: str, margin: float) -> float:
    """Return the strength of a model that is worse than the champion by the margin."""
    value = VALUES[metric]
    goal = value(CHAMPION) - margin
    return CHAMPION if margin == 0 else float(brentq(lambda strength: value(strength) - goal, 0.5, CHAMPION))


def _accuracy(strength: float) -> float:
    return float(norm.cdf(strength / 2))


def _roc_auc(strength: float) -> float:
    return float(norm.cdf(strength / sqrt(2)))


def _neg_brier_score(strength: float) -> float:
    def at(noise: float) -> float:
        return float((1 - expit(strength * (strength / 2 + noise))) ** 2 * norm.pdf(noise))

    return -float(quad(at, -10, 10)[0])


VALUES: dict[str, Callable[[float], float]] = {
    "accuracy": _accuracy,
    "neg_brier_score": _neg_brier_score,
    "roc_auc": _roc_auc,
}


if __name__ == "__main__":
    main()
