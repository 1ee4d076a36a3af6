"""Do bounds hold in situations that no bound was made for? ``python studies/situations.py`` writes situations.json.

Weights of which a few dominate, errors and attributions with heavy tails, and rare rows that decide: how often bounds
exclude the truth, and how often there is one, by the plain estimators ("before") and by those that look for what
few rows decide ("after"). And from how many rows on a model that answers no row otherwise passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from math import e, isfinite, sqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from record import origin, write

from pytest_mlquality.concerns.attributed import MANY_ROWS
from pytest_mlquality.measurement import Measurement
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.attribution_shares import largest_share
from pytest_mlquality.measures.attribution_tails import movement_is_seen, where_movement_is_seen
from pytest_mlquality.measures.column_importance import Importance
from pytest_mlquality.measures.estimates import bootstrapped, estimate
from pytest_mlquality.measures.metrics import find
from pytest_mlquality.measures.on_same_rows import loss_on_same_rows
from pytest_mlquality.measures.scoring import on_rows
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.extremes import largest
from pytest_mlquality.statistics.mean import mean
from pytest_mlquality.statistics.proportion import share_of
from pytest_mlquality.statistics.weighted_share import weighted_share_of

SEED = 2026
COVERED = (
    "statistics/weighted_share.py", "statistics/tails.py", "measures/attribution_tails.py", "measures/loss_tails.py",
    "measures/median_bounds.py", "measures/unchanged.py",
)  # fmt: skip
OUTPUT = Path(__file__).with_name("situations.json")
LEVELS = (0.05, 1e-3, 1e-5)
RUNS, RESAMPLED_RUNS = 1_000, 200
# Of the limit that a re-release is held to, and the numbers of rows that are tried.
LOSS, ROWS = 0.005, (1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 50_000, 100_000)

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator], tuple[Estimate, Estimate | Measurement, float]]


@dataclass(frozen=True, slots=True)
class Situation:
    """What is drawn: the estimate before and after, and the truth; and the side on which bounds are looked at."""

    draw: Draw
    side: str
    runs: int = RUNS


def main() -> None:
    with ProcessPoolExecutor(max_workers=1) as workers:
        cells = list(workers.map(judged, SITUATIONS))
    released = [released_from(metric) for metric in ("f1", "roc_auc", "average_precision", "log_loss")]
    write(OUTPUT, origin(SEED, ("numpy", "scipy"), COVERED) | {"cells": cells, "released": released})


def judged(name: str) -> dict[str, Any]:
    """Return how often bounds exclude the truth, and how often they are there, before and after."""
    situation = SITUATIONS[name]
    wrong, there = np.zeros((2, len(LEVELS))), np.zeros((2, len(LEVELS)))
    for run in range(situation.runs):
        *estimates, truth = situation.draw(np.random.default_rng([SEED, list(SITUATIONS).index(name), run]))
        for place, found in enumerate(estimates):
            bounds = np.array([getattr(found, situation.side)(level) for level in LEVELS])
            wrong[place] += bounds > truth if situation.side == "lower" else bounds < truth
            there[place] += [isfinite(bound) and bound not in (0.0, 1.0) for bound in bounds]
    cell: dict[str, Any] = {"situation": name, "side": situation.side, "runs": situation.runs}
    for place, when in enumerate(("before", "after")):
        cell[when] = {
            f"{level:g}": {"error": wrong[place, at] / situation.runs, "decides": there[place, at] / situation.runs}
            for at, level in enumerate(LEVELS)
        }
    print(cell, flush=True)
    return cell


def dominated(draw: np.random.Generator, *, heavy: float, light: float) -> tuple[Estimate, Estimate, float]:
    """Return an accuracy of 500 rows, of which 100 weigh a hundred times as much."""
    weight = np.where(np.arange(500) < 100, 100.0, 1.0)
    right = np.where(weight > 1, heavy, light)
    success = draw.random(500) < right
    found = [one(success, weight=weight) for one in (share_of, weighted_share_of)]
    return found[0], found[1], float(np.average(right, weights=weight))


def weighted_rate(draw: np.random.Generator, n: int) -> tuple[Estimate, Estimate, float]:
    """Return a rate of 0.05 with weights that have nothing to do with it, of which 2% are 100."""
    success, weight = draw.random(n) < 0.05, np.where(draw.random(n) < 0.02, 100.0, 1.0)
    return share_of(success, weight=weight), weighted_share_of(success, weight=weight), 0.05


def heavy_errors(draw: np.random.Generator, n: int, *, freedom: float) -> tuple[Estimate, Estimate, float]:
    """Return the mean absolute error of t-distributed errors."""
    return *_of_errors("mean_absolute_error", draw.standard_t(freedom, size=n)), _mean_of_t(freedom)


def large_errors(draw: np.random.Generator, n: int, name: str) -> tuple[Estimate, Estimate, float]:
    """Return a metric of normal errors, of which 0.5% are a hundred times as large."""
    errors = draw.normal(size=n) * np.where(draw.random(n) < 0.005, 100.0, 1.0)
    square = 0.995 + 0.005 * 100**2
    truth = {"mean_absolute_error": sqrt(2 / np.pi) * (0.995 + 0.5), "r2": 1 - square / (9 + square)}
    truth["median_absolute_error"] = 0.6784
    return *_of_errors(name, errors), truth[name]


class _Explained:
    columns, method, unit = tuple("abcde"), "known", "points"

    def __init__(self, sizes: Floats) -> None:
        self.values = sizes[:, :, None]


def shares_of_columns(draw: np.random.Generator, n: int, tail: str) -> tuple[Estimate, Measurement, float]:
    """Return the largest share of five columns in what moves answers, of which the first has a heavy tail.

    As the gate does, `MANY_ROWS` are explained where n do not show what moves the answers.
    """
    found = _explained(draw, n, tail)
    before = largest([mean(one, weight=found.weight, support=(0.0, 1.0)) for one in found.parts.T])
    if not movement_is_seen(found):
        found = _explained(draw, MANY_ROWS, tail)
    return before, where_movement_is_seen(largest_share(found), found), _true_share(tail)


def _explained(draw: np.random.Generator, n: int, tail: str) -> Importance:
    found = _Explained(_attributions(draw, n, tail))
    return Importance.of_attributions(found, unit=None, weight=None)  # type: ignore[arg-type]


def _of_errors(name: str, errors: Floats) -> tuple[Estimate, Estimate]:
    predicted = 3 * np.random.default_rng(len(errors)).normal(size=len(errors))
    answers, metric = Answers(predicted + errors, predicted, task="regression"), find(name)
    plain = (
        mean(np.abs(errors), support=(0.0, np.inf))
        if name == "mean_absolute_error"
        else bootstrapped(metric, on_rows(metric, answers), answers, support=metric.support)
    )
    return plain, estimate(metric, answers)


@cache
def _mean_of_t(freedom: float) -> float:
    return float(np.abs(np.random.default_rng(0).standard_t(freedom, size=10_000_000)).mean())


TAILS: dict[str, Callable[[np.random.Generator, int], Floats]] = {
    "none": lambda draw, n: 3 * np.abs(draw.normal(size=n)),
    "rare rows": lambda draw, n: 3 * np.abs(draw.normal(size=n)) * np.where(draw.random(n) < 0.02, 100.0, 1.0),
    "log-normal": lambda draw, n: draw.lognormal(0, 2, size=n),
    "t of 1.5": lambda draw, n: 2 * np.abs(draw.standard_t(1.5, size=n)),
}


def _attributions(draw: np.random.Generator, n: int, tail: str) -> Floats:
    others = np.abs(draw.normal(size=(n, 4))) * [2.0, 1.0, 1.0, 1.0]
    return np.column_stack([TAILS[tail](draw, n), others])


@cache
def _true_share(tail: str) -> float:
    size = _attributions(np.random.default_rng(0), 2_000_000, tail).sum(axis=0)
    first = {"rare rows": 3 * sqrt(2 / np.pi) * 2.98, "log-normal": e**2, "t of 1.5": 2 * _mean_of_t(1.5)}
    if tail in first:
        rest = 5 * sqrt(2 / np.pi)
        return first[tail] / (first[tail] + rest)
    return float(size[0] / size.sum())


def _situations() -> Iterator[tuple[str, Situation]]:
    yield "accuracy 0.97, 100 of 500 rows dominate", Situation(partial(dominated, heavy=0.97, light=0.97), "lower")
    yield "the same, light rows err more", Situation(partial(dominated, heavy=0.97, light=0.8), "lower")
    for n in (1_000, 5_000):
        yield f"rate 0.05, 2% of {n:,} rows weigh 100", Situation(partial(weighted_rate, n=n), "upper")
    for freedom, n in ((2.5, 100), (2.5, 1_000), (1.5, 100)):
        name = f"mean absolute error, t of {freedom:g}, {n:,} rows"
        yield name, Situation(partial(heavy_errors, n=n, freedom=freedom), "upper")
    for n in (300, 500, 1_000):
        large = partial(large_errors, n=n)
        of_few = f"0.5% of {n:,} errors x 100"
        yield f"mean absolute error, {of_few}", Situation(partial(large, name="mean_absolute_error"), "upper")
        yield f"R2, {of_few}", Situation(partial(large, name="r2"), "lower", RESAMPLED_RUNS)
        median = partial(large, name="median_absolute_error")
        yield f"median absolute error, {of_few}", Situation(median, "upper", RESAMPLED_RUNS)
    for tail in TAILS:
        for n in (50, 100, 500):
            drawn = partial(shares_of_columns, n=n, tail=tail)
            yield f"largest share, tail: {tail}, {n} rows", Situation(drawn, "upper", RUNS // 2)


SITUATIONS = dict(_situations())


def released_from(metric: str) -> dict[str, Any]:
    """Return from how many rows on a model that answers no row otherwise loses surely no more than `LOSS`."""
    for n in ROWS:
        draw = np.random.default_rng([SEED, n])
        signal = draw.normal(size=n)
        likely = 1 / (1 + np.exp(-3 * signal - 1.5))
        target, decided = (draw.random(n) < likely).astype(int), (likely >= 0.5).astype(int)
        answers = Answers(target, decided, np.column_stack([1 - likely, likely]), (0, 1))
        if loss_on_same_rows(find(metric), answers, answers).upper(LEVELS[0]) <= LOSS:
            return {"metric": metric, "at_most": LOSS, "rows": n}
    return {"metric": metric, "at_most": LOSS, "rows": None}


if __name__ == "__main__":
    main()
