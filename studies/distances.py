"""Do bounds of distances hold, and do limits find faults? ``python studies/distances.py`` writes distances.json.

How often the bounds exclude the true distance, how often a lower bound exceeds 0 where both samples are of one
distribution, how often the proposed limits fail rows with a fault, and what shift each limit corresponds to.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from distance_populations import FAULTS, counts, meaning, shares, shifted
from numpy.typing import NDArray
from record import origin, write

from pytest_mlquality.statistics import distances
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.shifts import missing_share_difference

SEED = 2026
COVERED = tuple(
    f"statistics/{name}.py"
    for name in ("distances", "divergence", "frequencies", "largest_gap", "noncentral", "shifts", "total_gap")
)
OUTPUT = Path(__file__).with_name("distances.json")
SIZES = ((500, 5_000), (500, 50_000), (5_000, 5_000), (5_000, 50_000), (50_000, 5_000), (50_000, 50_000))
SHAPES = ((2, "tied"), (5, "tied"), *product((20, 100, 1_000), ("even", "tied")))
DISTANCES = (0.0, 0.02, 0.1, 0.3)
SIDES = (("lower", 0.025), ("upper", 0.025), ("lower", 0.05), ("upper", 0.05), ("lower", 1e-3))
FEWER_SIZES = ((500, 5_000), (5_000, 50_000), (50_000, 50_000))
RUNS = {
    "jensen_shannon_distance": 150,
    "hellinger_distance": 60,
    "population_stability_index": 60,
    "total_variation": 50,
    "l_infinity": 60,
    "kolmogorov_smirnov": 50,
    "wasserstein_distance": 50,
}
# They take up to a tenth of a second with a thousand bins, and a profile has no such numbers.
UP_TO_A_HUNDRED_BINS = ("total_variation", "kolmogorov_smirnov", "wasserstein_distance")
ALIKE = (("jensen_shannon_distance", 10_000), ("l_infinity", 10_000), ("kolmogorov_smirnov", 3_000))
LIMITS = {
    "jensen_shannon_distance": 0.08,
    "hellinger_distance": 0.07,
    "population_stability_index": 0.1,
    "total_variation": 0.1,
    "l_infinity": 0.05,
    "kolmogorov_smirnov": 0.1,
    "wasserstein_distance": 0.2,
}
MISSING_LIMIT, FALSE_FAIL, FALSE_PASS = 0.02, 1e-5, 0.05
POWER_RUNS = 100
Counts = NDArray[np.int64]


def main() -> None:
    cells = [
        (name, shape, sizes)
        for name, shape, sizes in product(RUNS, SHAPES, SIZES)
        if name == "jensen_shannon_distance" or sizes in FEWER_SIZES
        if shape[0] <= 100 or name not in UP_TO_A_HUNDRED_BINS
    ]
    with ProcessPoolExecutor() as workers:
        covered = [cell for found in workers.map(coverage, cells) for cell in found]
        alike = list(workers.map(false_alarms, product(ALIKE, ((500, 5_000, 20), (5_000, 5_000, 100)))))
        power = [cell for found in workers.map(powers, FAULTS) for cell in found]
    figures = {
        "limits": LIMITS | {"missing_share_difference": MISSING_LIMIT},
        "meaning": {name: meaning(name, limit) for name, limit in LIMITS.items()},
        "coverage": covered,
        "alike": alike,
        "power": power,
    }
    write(OUTPUT, origin(SEED, ("numpy", "scipy"), COVERED) | figures)


def coverage(cell: tuple[str, tuple[int, str], tuple[int, int]]) -> list[dict[str, Any]]:
    """Return how often each bound excludes the true distance of all bins, at several true distances."""
    name, (bins, shape), (n, reference_n) = cell
    draw = np.random.default_rng([SEED, list(RUNS).index(name), bins, len(shape), n, reference_n])
    reference = shares(bins, shape)
    found = []
    for distance in DISTANCES:
        current = shifted(name, reference, distance)
        if current is None:
            continue
        estimates = [
            estimate(name, draw.multinomial(reference_n, reference), draw.multinomial(n, current), reference)
            for _ in range(RUNS[name])
        ]
        found.append(
            _errors(name, estimates, distance) | {"bins": bins, "shape": shape, "n": n, "reference_n": reference_n}
        )
    return found


def _errors(name: str, estimates: list[Estimate], distance: float) -> dict[str, Any]:
    values = [one.value for one in estimates if one.value is not None]
    errors: dict[str, float | None] = {}
    for side, level in SIDES:
        wrong = [
            one.lower(level) > distance + 1e-9 if side == "lower" else one.upper(level) < distance - 1e-9
            for one in estimates
            if one.value is not None
        ]
        errors[f"{side} {level:g}"] = round(float(np.mean(wrong)), 5) if wrong else None
    return {
        "distance": name,
        "truth": distance,
        "runs": len(estimates),
        "judged": len(values),
        "value": round(float(np.mean(values)), 4) if values else None,
        "errors": errors,
    }


def estimate(name: str, reference: Counts, current: Counts, shares_of_reference: NDArray[np.float64]) -> Estimate:
    """Return the distance of two tables of counts."""
    if name == "wasserstein_distance":
        return distances.wasserstein_distance(reference, current, np.arange(len(shares_of_reference)))
    of_counts: Callable[[Counts, Counts], Estimate] = getattr(distances, name)
    return of_counts(reference, current)


def false_alarms(case: tuple[tuple[str, int], tuple[int, int, int]]) -> dict[str, Any]:
    """Return how often lower bounds at small levels exceed 0 where both samples are of one distribution."""
    (name, runs), (n, reference_n, bins) = case
    draw = np.random.default_rng([SEED, n, reference_n, bins])
    reference = shares(bins, "tied")
    levels = (1e-3, 1e-4, 1e-5)
    above = np.zeros(len(levels), dtype=int)
    for _ in range(runs):
        found = estimate(name, draw.multinomial(reference_n, reference), draw.multinomial(n, reference), reference)
        for place, level in enumerate(levels):
            if found.lower(level) == 0:
                break
            above[place] += 1
    return {"distance": name, "n": n, "reference_n": reference_n, "bins": bins, "runs": runs} | {
        f"above 0 at {level:g}": int(count) for level, count in zip(levels, above, strict=True)
    }


def powers(fault: str) -> list[dict[str, Any]]:
    """Return how often each limit fails, and passes, 5,000 rows with a fault against 5,000 of the reference."""
    draw = np.random.default_rng([SEED, FAULTS.index(fault)])
    names = ["missing_share_difference"] if fault.startswith("missing") else list(LIMITS)
    verdicts = {name: np.zeros(2, dtype=int) for name in names}
    for _ in range(POWER_RUNS):
        for name in names:
            found, limit = _judged(name, fault, draw)
            verdicts[name] += (found.lower(FALSE_FAIL) > limit, found.upper(FALSE_PASS) <= limit)
    return [
        {"fault": fault, "distance": name, "runs": POWER_RUNS, "fail": int(failed), "pass": int(passed)}
        for name, (failed, passed) in verdicts.items()
    ]


def _judged(name: str, fault: str, draw: np.random.Generator) -> tuple[Estimate, float]:
    if name == "missing_share_difference":
        reference, current = draw.binomial(5_000, 0.01), draw.binomial(5_000, 0.1)
        return missing_share_difference((reference, 5_000), (current, 5_000)), MISSING_LIMIT
    reference, current, centres = counts(fault, draw)
    if name == "wasserstein_distance":
        return distances.wasserstein_distance(reference, current, centres), LIMITS[name]
    return estimate(name, reference, current, centres), LIMITS[name]


if __name__ == "__main__":
    main()
