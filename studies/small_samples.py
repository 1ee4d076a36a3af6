"""How often bounds of few rows err, and what they can prove: metrics of a confusion matrix, and average precision.

Rows are drawn from models whose metric is known; a bound errs where the truth lies beyond it. Looked at are the bounds
that a gate uses (those of resamples where these are trusted, else those that hold at any number of rows), and how often
a limit fails or passes. Takes some minutes on one core:

    python studies/small_samples.py
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from record import origin, write
from scipy.special import ndtr

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.confusion import Confusion, of_confusion
from pytest_mlquality.measures.metrics import find
from pytest_mlquality.measures.performance import metric
from pytest_mlquality.measures.small_samples import sure_bounds
from pytest_mlquality.statistics.confusion_region import Bounds

SEED = 20260801
LEVELS = (0.05, 0.01, 1e-3)
LEVEL_OF_CI = 1e-5
FILE = Path(__file__).with_suffix(".json")
COVERED = ("statistics/confusion_region.py", "statistics/precision_bands.py", "statistics/simplex.py")
OF_LABELS = (
    "matthews_corrcoef",
    "cohen_kappa_score",
    "f1_macro",
    "precision_macro",
    "jaccard_weighted",
    "positive_likelihood_ratio",
)
RUNS, RUNS_OF_RESAMPLES, RUNS_OF_POWER = 600, 100, 40

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """A confusion matrix of shares of rows by truth and decision, shape (classes, classes)."""

    name: str
    shares: Floats

    def draw(self, rows: int, random: np.random.Generator) -> Answers:
        """Return answers on so many rows."""
        classes = len(self.shares)
        pairs = random.choice(classes**2, size=rows, p=self.shares.ravel())
        labels = tuple(range(classes))
        task, positive = ("binary", 1) if classes == 2 else ("multiclass", None)
        return Answers(pairs // classes, pairs % classes, classes=labels, task=task, positive=positive)

    def truth(self, name: str) -> float:
        """Return the value of a metric on all rows there could be."""
        value = of_confusion(find(name))
        assert value is not None
        return value(Confusion(self.shares, len(self.shares)))


def binary(name: str, positives: float, recall: float, specificity: float) -> Model:
    """Return a model of two classes."""
    rates = np.array([[specificity, 1 - specificity], [1 - recall, recall]])
    return Model(name, rates * np.array([[1 - positives], [positives]]))


def several(name: str, shares: list[float], right: float) -> Model:
    """Return a model of several classes, wrong in favour of each alike."""
    frequency = np.array(shares)
    wrong = (1 - right) / (len(shares) - 1)
    rates = np.full((len(shares), len(shares)), wrong) + np.eye(len(shares)) * (right - wrong)
    return Model(name, rates * frequency[:, None])


MODELS = (
    binary("good, half positive", 0.5, 0.85, 0.85),
    binary("good, 5% positive", 0.05, 0.7, 0.97),
    binary("sharp, 20% positive", 0.2, 0.98, 0.99),
    binary("blind, 30% positive", 0.3, 0.4, 0.6),
    binary("wrong way round", 0.4, 0.35, 0.4),
    several("four classes, one rare", [0.5, 0.3, 0.17, 0.03], 0.8),
)


def area(positives: float, distance: float) -> float:
    """Return the average precision of normal scores that lie so far apart, by quadrature over recalls."""
    score = np.linspace(-9.0, 9.0 + abs(distance), 400_001)[::-1]
    hits, alarms = ndtr(distance - score), ndtr(-score)
    called = positives * hits + (1 - positives) * alarms
    precision = np.divide(positives * hits, called, out=np.ones_like(called), where=called > 0)
    return float(np.trapezoid(precision, hits))


def scored(rows: int, positives: float, distance: float, random: np.random.Generator, *, tied: bool = False) -> Answers:
    """Return answers whose scores are normal, or tell only whether they are above a threshold."""
    truth = (random.random(rows) < positives).astype(int)
    score = random.normal(size=rows) + distance * truth
    chance = np.where(score > distance / 2, 0.8, 0.2) if tied else ndtr(score / 3)
    return Answers(truth, (chance > 0.5).astype(int), np.column_stack([1 - chance, chance]), classes=(0, 1), positive=1)


def tied_area(positives: float, distance: float) -> float:
    """Return the average precision of a score that has two values."""
    hits, alarms = ndtr(distance / 2), ndtr(-distance / 2)
    precision = positives * hits / (positives * hits + (1 - positives) * alarms)
    return float(hits * precision + (1 - hits) * positives)


def errors(bounds: list[Bounds], truth: float) -> dict[str, float]:
    """Return how often bounds err on either side, by side and level; nothing where no run has bounds."""
    found: dict[str, float] = {}
    if not bounds:
        return found
    for level in LEVELS:
        found[f"lower {level:g}"] = float(np.mean([lower(level) > truth + 1e-9 for lower, _ in bounds]))
        found[f"upper {level:g}"] = float(np.mean([upper(level) < truth - 1e-9 for _, upper in bounds]))
    return found


def coverage_of(name: str, model: str, rows: int, truth: float, draw: Callable[[], Answers]) -> dict[str, Any]:
    """Return how often the bounds of a metric err: the sure ones alone, and those that the gate uses."""
    sure: list[Bounds] = []
    while len(sure) < RUNS:
        answers = draw()
        if answers.truth.sum() > 0:
            found = sure_bounds(find(name), answers)
            if found is not None:
                sure.append(found)
    used = [metric(name, draw()) for _ in range(RUNS_OF_RESAMPLES)]
    return {
        "metric": name,
        "model": model,
        "rows": rows,
        "truth": truth,
        "runs": RUNS,
        "sure": errors(sure, truth),
        "runs_of_used": sum(one.value is not None for one in used),
        "used": errors([(one.lower, one.upper) for one in used if one.value is not None], truth),
    }


def coverage(random: np.random.Generator) -> list[dict[str, Any]]:
    """Return how often bounds err, for every metric, model and number of rows."""
    cells = []
    for model, rows, name in product(MODELS, (60, 300), OF_LABELS):
        if name == "positive_likelihood_ratio" and len(model.shares) > 2:
            continue
        draw_rows = partial(model.draw, rows, random)
        cells.append(coverage_of(name, model.name, rows, model.truth(name), draw_rows))
    for positives, distance, tied in ((0.3, 1.5, False), (0.1, 0.0, False), (0.5, -0.7, False), (0.3, 1.5, True)):
        truth = (tied_area if tied else area)(positives, distance)
        title = f"{positives:.0%} positive, {distance} sd apart{', two scores' if tied else ''}"
        for rows in (60, 300):
            draw_rows = partial(scored, rows, positives, distance, random, tied=tied)
            cells.append(coverage_of("average_precision", title, rows, truth, draw_rows))
    return cells


def power(random: np.random.Generator) -> list[dict[str, Any]]:
    """Return how often a limit of 0.6 fails at the level of `ci`, and passes at 0.05."""
    cells = []
    for title, model in (
        ("sign flipped", binary("", 0.35, 0.37, 0.38)),
        ("useless", binary("", 0.35, 0.5, 0.5)),
        ("0.40", binary("", 0.35, 0.7, 0.7)),
        ("good", binary("", 0.35, 0.95, 0.95)),
    ):
        for name in ("matthews_corrcoef", "cohen_kappa_score", "f1_macro"):
            for rows in (200, 500, 1_000):
                found = [metric(name, model.draw(rows, random)) for _ in range(RUNS_OF_POWER)]
                cells.append(_verdicts(name, title, rows, model.truth(name), found))
    for positives, distance in ((0.2, -1.0), (0.2, 0.0), (0.2, 3.0)):
        for rows in (200, 500, 1_000):
            found = [
                metric("average_precision", scored(rows, positives, distance, random)) for _ in range(RUNS_OF_POWER)
            ]
            title = f"{positives:.0%} positive, {distance} sd apart"
            cells.append(_verdicts("average_precision", title, rows, area(positives, distance), found))
    return cells


def _verdicts(name: str, title: str, rows: int, truth: float, found: list[Any]) -> dict[str, Any]:
    judged = [one for one in found if one.value is not None]
    return {
        "metric": name,
        "model": title,
        "rows": rows,
        "truth": truth,
        "limit": 0.6,
        "runs": len(judged),
        "fails": float(np.mean([one.upper(LEVEL_OF_CI) < 0.6 for one in judged])),
        "passes": float(np.mean([one.lower(0.05) >= 0.6 for one in judged])),
    }


def main() -> None:
    random = np.random.default_rng(SEED)
    study = origin(SEED, ("numpy", "scipy", "scikit-learn"), COVERED)
    write(FILE, study | {"levels": list(LEVELS), "coverage": coverage(random), "power": power(random)})


if __name__ == "__main__":
    main()
