"""Rows that are not independent, in skew: ``python studies/dependent_rows.py`` writes dependent_rows.json (2 minutes).

How often a column of rows in units passes or fails, moved or not; how often the bounds of a mean miss 0 where few rows
have not drawn a rare sentinel; how often columns fail whose days are like the days before them, with rows, days or
blocks as units; and how often days that are independent are said to be alike.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from record import origin, write
from scipy.stats import norm

from pytest_mlquality.statistics import distances
from pytest_mlquality.statistics.design_effect import Worths, over_design_effects
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.serial_dependence import serial_dependence
from pytest_mlquality.statistics.shifts import Moments, mean_difference

Floats = NDArray[np.float64]

SEED = 2026
COVERED = ("statistics/design_effect.py", "statistics/serial_dependence.py", "statistics/shifts.py")
OUTPUT = Path(__file__).with_name("dependent_rows.json")
# A claim of 30 columns fails one at this level.
FALSE_FAIL, FALSE_PASS, LIMIT = 1e-3 / 30, 0.05, 0.08
EDGES = norm.ppf(np.linspace(0, 1, 21))[1:-1]

INTRACLASS, UNIT_RUNS = (0.1, 0.5), 150
UNITS = ((100, 50), (1_000, 50), (2_000, 10))
SHIFTS = (0.0, 0.3)
DISTANCES: dict[str, Callable[..., Estimate]] = {
    "jensen_shannon_distance": distances.jensen_shannon_distance,
    "population_stability_index": distances.population_stability_index,
    "kolmogorov_smirnov": distances.kolmogorov_smirnov,
}

SENTINEL, SENTINEL_RUNS, LEVELS = -999.0, 1_000, (0.05, 1e-3, FALSE_FAIL)
SENTINEL_SHARES, SENTINEL_SIDES = (1e-4, 1e-3, 1e-2), ((20_000, 200), (200, 20_000), (5_000, 200), (5_000, 5_000))

# Autocorrelation of days, standard deviation of a day's mean; days of reference and current, rows a day.
DAYS = ((0.7, 0.4), (0.9, 0.6), (0.95, 0.9))
SPANS, ROWS_A_DAY, DAY_RUNS, COLUMNS = ((360, 90), (1_800, 360)), 30, 33, 3
BLOCKS = (0, 1, 7, 14, 28)
ALIKE_DAYS, ALIKE_LEVEL, ALIKE_RUNS = (30, 90, 365), 0.01, 2_000


def main() -> None:
    units = [of_units(intraclass, *size, shift) for intraclass in INTRACLASS for size in UNITS for shift in SHIFTS]
    sentinels = [of_sentinel(share, *sides) for share in SENTINEL_SHARES for sides in SENTINEL_SIDES]
    days = [of_days(*world, *span, block) for world in DAYS for span in SPANS for block in BLOCKS]
    alike = [independent_days(days) for days in ALIKE_DAYS]
    found = {"units": units, "sentinels": sentinels, "days": days, "independent_days": alike}
    write(OUTPUT, origin(SEED, ("numpy", "scipy"), COVERED) | found)


def of_units(intraclass: float, units: int, rows: int, shift: float) -> dict[str, Any]:
    """Return how often distances of a normal column of rows in units pass and fail, and their bounds err."""
    names = {name: {"pass": 0, "fail": 0, "upper_below": 0, "lower_above": 0} for name in DISTANCES}
    once_passed = 0
    truths = {name: _truth(distance, shift) for name, distance in DISTANCES.items()}
    for run in range(UNIT_RUNS):
        draw = np.random.default_rng([SEED, 1, int(100 * intraclass), units, rows, int(100 * shift), run])
        counts = [_counted(_in_units(draw, intraclass, units, rows) + moved) for moved in (0.0, shift)]
        for name, distance in DISTANCES.items():
            found = _over(distance, counts, (1 / rows, 1 / rows))
            upper, lower = found.upper(FALSE_PASS), found.lower(FALSE_FAIL)
            names[name]["upper_below"] += upper < truths[name] - 1e-9
            names[name]["lower_above"] += lower > truths[name] + 1e-9
            names[name]["pass"] += upper <= LIMIT
            names[name]["fail"] += lower > LIMIT
        # As it was: both bounds with the fewest rows that units may be worth.
        sizes = (units, units)
        once_passed += distances.jensen_shannon_distance(*counts, effective_n=sizes).upper(FALSE_PASS) <= LIMIT
    cell: dict[str, Any] = {"intraclass": intraclass, "units": units, "rows": rows, "shift": shift, "runs": UNIT_RUNS}
    cell |= {"truth": round(truths["jensen_shannon_distance"], 4), "passed_before": once_passed, "distances": names}
    print(
        {key: value for key, value in cell.items() if key != "distances"}, names["jensen_shannon_distance"], flush=True
    )
    return cell


def of_sentinel(share: float, reference: int, current: int) -> dict[str, Any]:
    """Return how often the lower bound of a mean's shift is above 0 where nothing has moved."""
    above, undecided = dict.fromkeys(LEVELS, 0), 0
    for run in range(SENTINEL_RUNS):
        draw = np.random.default_rng([SEED, 2, int(1e5 * share), reference, current, run])
        sides = [np.where(draw.random(n) < share, SENTINEL, draw.normal(size=n)) for n in (reference, current)]
        found = mean_difference(*map(_moments, sides))
        for level in LEVELS:
            above[level] += found.lower(level) > 0
        undecided += found.upper(0.05) == np.inf
    cell: dict[str, Any] = {"share": share, "reference": reference, "current": current, "runs": SENTINEL_RUNS}
    cell |= {"lower_above_0": {f"{level:.2g}": count for level, count in above.items()}, "undecided": undecided}
    print(cell, flush=True)
    return cell


def of_days(autocorrelation: float, spread: float, before: int, after: int, block: int) -> dict[str, Any]:
    """Return how often a column fails of days that are like those before; `block` days are a unit, of 0 each row."""
    failed = passed = runs_failed = 0
    for run in range(DAY_RUNS):
        draw = np.random.default_rng([SEED, 3, int(100 * autocorrelation), before, run])
        fails = 0
        for _ in range(COLUMNS):
            days = spread * _series(draw, autocorrelation, before + after)
            rows = np.repeat(days, ROWS_A_DAY)
            rows += np.sqrt(1 - spread**2) * draw.standard_normal(len(rows))
            sides = np.split(rows, [before * ROWS_A_DAY])
            worths = _worth(before, block), _worth(after, block)
            found = _over(distances.jensen_shannon_distance, [_counted(side) for side in sides], worths)
            fails += found.lower(FALSE_FAIL) > LIMIT
            passed += found.upper(FALSE_PASS) <= LIMIT
        failed += fails
        runs_failed += fails > 0
    cell = {"autocorrelation": autocorrelation, "spread": spread, "days": [before, after], "block": block}
    cell |= {"runs": DAY_RUNS, "runs_failed": runs_failed, "columns": DAY_RUNS * COLUMNS}
    cell |= {"columns_failed": failed, "columns_passed": passed}
    print(cell, flush=True)
    return cell


def independent_days(days: int) -> dict[str, Any]:
    """Return how often days that are independent are said to be like those before."""
    draw = np.random.default_rng([SEED, 4, days])
    said = sum(serial_dependence(draw.normal(size=days), ALIKE_LEVEL) is not None for _ in range(ALIKE_RUNS))
    cell = {"days": days, "level": ALIKE_LEVEL, "runs": ALIKE_RUNS, "said": said}
    print(cell, flush=True)
    return cell


def _over(distance: Callable[..., Estimate], counts: list[Floats], worths: Worths) -> Estimate:
    rows = [float(side.sum()) for side in counts]

    def measure(some: Worths) -> Estimate:
        return distance(*counts, effective_n=(rows[0] * some[0], rows[1] * some[1]))

    return over_design_effects(measure, worths, is_squared=distance is distances.population_stability_index)


def _in_units(draw: np.random.Generator, intraclass: float, units: int, rows: int) -> Floats:
    of_unit, own = draw.standard_normal((units, 1)), draw.standard_normal((units, rows))
    values: Floats = np.sqrt(intraclass) * of_unit + np.sqrt(1 - intraclass) * own
    return values.ravel()


def _series(draw: np.random.Generator, autocorrelation: float, length: int) -> Floats:
    """Return a stationary series of variance 1, each value like the one before (AR(1))."""
    steps: Floats = np.sqrt(1 - autocorrelation**2) * draw.standard_normal(length)
    steps[0] = draw.standard_normal()
    for place in range(1, length):
        steps[place] += autocorrelation * steps[place - 1]
    return steps


def _worth(days: int, block: int) -> float:
    """Return how many independent rows a row is worth, by Kish, where `block` days are a unit; of 0, each row."""
    if not block:
        return 1.0
    sizes = ROWS_A_DAY * np.bincount(np.arange(days) // block)
    return float(sizes.sum() / (sizes**2).sum())


def _truth(distance: Callable[..., Estimate], shift: float) -> float:
    shares = [np.diff(np.concatenate([[0.0], norm.cdf(EDGES - moved), [1.0]])) for moved in (0.0, shift)]
    value = distance(*(1e9 * side for side in shares), effective_n=(1e9, 1e9)).value
    assert value is not None
    return value


def _counted(values: Floats) -> Floats:
    return np.bincount(np.searchsorted(EDGES, values), minlength=20).astype(np.float64)


def _moments(values: Floats) -> Moments:
    deviations, mean = values - values.mean(), float(values.mean())
    sd = float(np.sqrt((deviations**2).mean()))
    third, fourth = (float((deviations**power).mean()) / sd**power for power in (3, 4))
    return Moments(len(values), mean, sd, third, fourth)


if __name__ == "__main__":
    main()
