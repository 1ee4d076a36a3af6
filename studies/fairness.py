"""Are groups told apart rightly? ``python studies/fairness.py`` writes fairness.json.

How often the bounds of the largest difference, of the smallest ratio and of equalized odds exclude the truth, over 2, 9
and 18 groups, equal and very unequal, whose rates are alike or half of which are as far apart as the limit; how often a
difference beyond the limit fails; and for two groups, summed over all counts, how often at the smallest levels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from record import origin, write
from scipy.stats import binom

from pytest_mlquality.statistics.auc import roc_auc
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.extremes import largest, smallest
from pytest_mlquality.statistics.pairwise import largest_difference, smallest_ratio
from pytest_mlquality.statistics.proportion import share

COVERED = ("statistics/extremes.py", "statistics/pairwise.py", "statistics/proportion.py")
OUTPUT = Path(__file__).with_name("fairness.json")
SEED = 20_261
GROUPS, ROWS, SHAPES = (2, 9, 18), (1_000, 20_000), ("equal", "very unequal")
RUNS, POWER_RUNS, AUC_RUNS = 10_000, 4_000, 1_000
LEVELS = (0.05, 0.01, 1e-3)
FALSE_PASS = (0.05, 0.01)
FALSE_FAIL = (0.01, 1e-5)
# The smallest groups that [fairness] min_rows lets anyone judge.
LEAST_ROWS = 10
AUC_SHIFT = 1.8

Rates = list[list[Estimate]]
Function = Callable[[Rates], Estimate]


def _largest(rates: Rates) -> Estimate:
    return largest(rates[0])


def _smallest(rates: Rates) -> Estimate:
    return smallest(rates[0])


# What is measured; the rates of every second group, those of the others, one for each rate; and the true value.
WORLDS: dict[str, tuple[Function, tuple[float, ...], tuple[float, ...], float]] = {
    "difference, alike": (largest_difference, (0.3,), (0.3,), 0.0),
    "difference, rare and alike": (largest_difference, (0.03,), (0.03,), 0.0),
    "difference of 0.1": (largest_difference, (0.4,), (0.3,), 0.1),
    "ratio, alike": (smallest_ratio, (0.3,), (0.3,), 1.0),
    "ratio of 0.8": (smallest_ratio, (0.4,), (0.32,), 0.8),
    "equalized odds, alike": (largest_difference, (0.8, 0.1), (0.8, 0.1), 0.0),
    "equalized odds, 0.1": (largest_difference, (0.8, 0.2), (0.7, 0.1), 0.1),
    "largest": (_largest, (0.3,), (0.3,), 0.3),
    "smallest": (_smallest, (0.3,), (0.3,), 0.3),
}
# Rates of the first and last group of the power cells, which are `apart`; the others lie in the middle.
POWER = ((2, 0.0, 0.05), (2, 0.1, 0.05), (9, 0.0, 0.10), (9, 0.1, 0.10))
EXACT_SIZES = ((100, 100), (100, 900), (500, 500), (100, 4_000), (10_000, 10_000))
EXACT_SHARES = ((0.5, 0.5), (0.05, 0.05), (0.98, 0.98), (0.4, 0.3), (0.99, 0.9))
EXACT_LEVEL = 1e-5


def main() -> None:
    with ProcessPoolExecutor(1) as workers:
        coverage = list(workers.map(cover, *zip(*product(WORLDS, GROUPS, ROWS, SHAPES), strict=True)))
        power = [cell for cells in workers.map(find, POWER) for cell in cells]
        exact = list(workers.map(summed, *zip(*product(EXACT_SIZES, EXACT_SHARES), strict=True)))
        auc = list(workers.map(cover_auc, (2, 9)))
    cells = {"coverage": coverage, "power": power, "exact": exact, "roc_auc": auc}
    write(OUTPUT, origin(SEED, ("numpy", "scipy"), COVERED) | cells)


def sizes_of(groups: int, n: int, shape: str) -> list[int]:
    """Return how many rows the groups have; in very unequal ones the first has most, the last as few as are judged."""
    weights = np.ones(groups) if shape == "equal" else 1 / np.arange(1, groups + 1) ** 2.5
    rest = np.maximum(np.round(n * weights[1:] / weights.sum()).astype(int), LEAST_ROWS)
    if shape != "equal":
        rest[-1] = LEAST_ROWS
    return [n - int(rest.sum()), *rest.tolist()]


@cache
def counted(k: int, n: int) -> Estimate:
    """Return a share whose bounds are computed once."""
    found = share(k, n)
    return Estimate(found.value, n, found.method, cache(found.lower), cache(found.upper), n)


def _drawn(draw: np.random.Generator, sizes: Sequence[int], shares: Sequence[float]) -> list[Estimate]:
    return [counted(int(k), n) for k, n in zip(draw.binomial(sizes, shares), sizes, strict=True)]


def cover(world: str, groups: int, n: int, shape: str) -> dict[str, Any]:
    """Return how often a limit at the true value fails, and how often a limit just beyond it passes."""
    function, even, odd, truth = WORLDS[world]
    sizes = sizes_of(groups, n, shape)
    draw = np.random.default_rng([SEED, list(WORLDS).index(world), groups, n, SHAPES.index(shape)])
    # Positive and negative rows by halves, where there are two rates.
    of_rate = [max(size // len(even), LEAST_ROWS // 2) for size in sizes]
    shares = [[(one if place % 2 == 0 else other) for place in range(groups)] for one, other in zip(even, odd)]  # noqa: B905
    below, above = np.zeros(len(LEVELS)), np.zeros(len(LEVELS))
    for _ in range(RUNS):
        found = function([_drawn(draw, of_rate, rate) for rate in shares])
        if found.value is None:
            continue
        below += [found.lower(level) > truth + 1e-12 for level in LEVELS]
        above += [found.upper(level) < truth - 1e-12 for level in LEVELS]
    errors = {
        f"{side} {level:g}": round(float(wrong[place] / RUNS), 6)
        for side, wrong in (("lower", below), ("upper", above))
        for place, level in enumerate(LEVELS)
    }
    cell = {"world": world, "groups": groups, "rows": n, "shape": shape, "smallest_group": min(sizes), "errors": errors}
    print(cell, flush=True)
    return {**cell, "runs": RUNS}


def find(asked: tuple[int, float, float]) -> list[dict[str, Any]]:
    """Return how often a difference that lies beyond its limit fails."""
    groups, limit, beyond = asked
    apart = limit + beyond
    shares = [0.5 - apart / 2, *[0.5] * (groups - 2), 0.5 + apart / 2]
    cells = []
    for shape in SHAPES:
        sizes = sizes_of(groups, 20_000, shape)
        draw = np.random.default_rng([SEED, groups, round(1000 * limit), SHAPES.index(shape)])
        failed = np.zeros(len(FALSE_FAIL))
        for _ in range(POWER_RUNS):
            found = largest_difference([_drawn(draw, sizes, shares)])
            failed += [found.lower(level) > limit for level in FALSE_FAIL]
        fails = {f"{level:g}": round(float(failed[place] / POWER_RUNS), 4) for place, level in enumerate(FALSE_FAIL)}
        cell = {"groups": groups, "rows": 20_000, "shape": shape, "smallest_group": min(sizes), "limit": limit}
        cells.append({**cell, "beyond": beyond, "runs": POWER_RUNS, "fails": fails})
        print(cells[-1], flush=True)
    return cells


def summed(sizes: tuple[int, int], shares: tuple[float, float]) -> dict[str, Any]:
    """Return how often a limit at the true value fails at the default level: the probability of all such counts."""
    kept = []
    for n, p in zip(sizes, shares, strict=True):
        weights = binom.pmf(np.arange(n + 1), n, p)
        kept.append([(k, float(weights[k])) for k in np.flatnonzero(weights > EXACT_LEVEL**2).tolist()])
    truth, ratio = shares[0] - shares[1], shares[1] / shares[0]
    errors = {"difference": 0.0, "ratio": 0.0}
    for (k, of_k), (other, of_other) in product(*kept):
        rates = [[counted(k, sizes[0]), counted(other, sizes[1])]]
        apart = k / sizes[0] - other / sizes[1]
        # Bounds lie beyond the value, so that only counts beyond the truth can err.
        if abs(apart) > truth and largest_difference(rates).lower(EXACT_LEVEL) > truth + 1e-12:
            errors["difference"] += of_k * of_other
        found = smallest_ratio(rates)
        if found.value is not None and found.value < ratio and found.upper(EXACT_LEVEL) < ratio - 1e-12:
            errors["ratio"] += of_k * of_other
    cell = {"sizes": sizes, "shares": shares, "level": EXACT_LEVEL, "errors": errors}
    print(cell, flush=True)
    return cell


def cover_auc(groups: int) -> dict[str, Any]:
    """Return how often groups whose scores rank alike fail at a limit of 0, of 20,000 rows in all."""
    draw = np.random.default_rng([SEED, groups])
    wrong = np.zeros(len(LEVELS))
    for _ in range(AUC_RUNS):
        rows = []
        for size in sizes_of(groups, 20_000, "equal"):
            positive = draw.random(size) < 0.3
            rows.append(roc_auc(positive, draw.normal(size=size) + AUC_SHIFT * positive))
        found = largest_difference([rows])
        wrong += [found.lower(level) > 0 for level in LEVELS]
    errors = {f"lower {level:g}": round(float(wrong[place] / AUC_RUNS), 4) for place, level in enumerate(LEVELS)}
    cell = {"groups": groups, "rows": 20_000, "runs": AUC_RUNS, "errors": errors}
    print(cell, flush=True)
    return cell


if __name__ == "__main__":
    main()
