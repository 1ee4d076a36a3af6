"""Do bounds of a change of correlation hold their level? ``python studies/correlations.py`` writes correlations.json.

Two columns as their scores have it: ranks of numbers in 20 groups, some with much of one value; labels of several
shares; independent and not. How often the lower bound of the absolute change is above the truth, and the upper below.
And whole tables of 30 columns, alike or with a relation broken: how often which columns fail.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from math import sqrt
from pathlib import Path

import numpy as np
from moved_columns import POWER, RELATIONS, alike, unrelated
from numpy.typing import NDArray
from record import origin, write
from scipy.special import ndtri
from scipy.stats import multivariate_normal

from pytest_mlquality.data import in_memory
from pytest_mlquality.data.profiles import pairs, profile
from pytest_mlquality.measures.correlation_change import Sides, correlation_changes
from pytest_mlquality.statistics.correlations import Correlations, change_bounds, correlations

SEED = 2026
COVERED = (
    "statistics/correlations.py", "measures/correlation_change.py", "data/profiles/pairing.py",
    "data/profiles/pairs.py", "data/profiles/scores.py",
)  # fmt: skip
OUTPUT = Path(__file__).with_name("correlations.json")
LEVELS = (0.05, 0.01, 1e-3, 1e-4)
ROWS = (500, 5_000, 50_000)
RUNS, CHUNK = 40_000, 10_000

# Whole tables, as other drift is tried on them.
FALSE_FAIL, AT_MOST, TABLE_RUNS, NOTHING = 1e-5, 0.2, 50, "nothing"

Floats = NDArray[np.float64]
EVEN = np.full(20, 0.05)
# Most rows of a number are one value.
ATOM = np.array([0.7, *np.full(10, 0.03)])
# Shares of the groups of two columns, and the correlation of the normal variables behind them, before and after.
WORLDS: dict[str, tuple[Floats, Floats, float, float]] = {
    "numbers, independent": (EVEN, EVEN, 0.0, 0.0),
    "numbers, 0.7": (EVEN, EVEN, 0.7, 0.7),
    "numbers, 0.95": (EVEN, EVEN, 0.95, 0.95),
    "numbers, 0.7 to 0.5": (EVEN, EVEN, 0.7, 0.5),
    "numbers, 0.3 to -0.3": (EVEN, EVEN, 0.3, -0.3),
    "mostly one value, 0.5": (ATOM, EVEN, 0.5, 0.5),
    "number and label of 5%, 0": (EVEN, np.array([0.95, 0.05]), 0.0, 0.0),
    "number and label of 5%, 0.7": (EVEN, np.array([0.95, 0.05]), 0.7, 0.7),
    "labels of 5%, 0": (np.array([0.95, 0.05]), np.array([0.95, 0.05]), 0.0, 0.0),
    "labels of 5%, 0.7": (np.array([0.95, 0.05]), np.array([0.95, 0.05]), 0.7, 0.7),
    "labels of 5% and 30%, -0.7": (np.array([0.95, 0.05]), np.array([0.7, 0.3]), -0.7, -0.7),
    "labels of 30%, 0.6 to 0": (np.array([0.7, 0.3]), np.array([0.7, 0.3]), 0.6, 0.0),
}


def main() -> None:
    cells = []
    with ProcessPoolExecutor() as workers:
        for world, rows in product(WORLDS, ROWS):
            starts = range(RUNS // CHUNK)
            parts = list(workers.map(errors, [world] * len(starts), [rows] * len(starts), starts))
            for level, (lower, upper) in zip(LEVELS, np.mean(parts, axis=0).tolist(), strict=True):
                error = round(sqrt(level * (1 - level) / RUNS), 7)
                cell = {"world": world, "rows": rows, "level": level, "lower": lower, "upper": upper}
                cells.append({**cell, "standard_error": error})
                print(cells[-1], flush=True)
        tables = []
        for fault in (NOTHING, *RELATIONS):
            columns = RELATIONS.get(fault, set())
            failed = list(workers.map(changed, [fault] * TABLE_RUNS, range(TABLE_RUNS)))
            named = Counter(name for names in failed for name in names)
            found = sum(bool(names) and columns <= names for names in failed)
            tables.append({"fault": fault, "rows": POWER, "runs": TABLE_RUNS, "at_most": AT_MOST, "found": found})
            tables[-1]["named"] = dict(named.most_common())
            print(tables[-1], flush=True)
    made = origin(SEED, ("numpy", "scipy"), COVERED)
    write(OUTPUT, made | {"runs": RUNS, "cells": cells, "tables": tables})


def changed(fault: str, run: int) -> set[str]:
    """Return the columns of a table that fail at the limit, where a relation is broken or none is."""
    before, after = alike(POWER, run) if fault == NOTHING else unrelated(fault, run)
    table = in_memory("reference", before, "drawn")
    reference = profile(table)
    sides = Sides(pairs(table, reference), pairs(in_memory("current", after, "drawn"), reference))
    found = correlation_changes(reference.columns, sides)
    return {one.name.partition("[")[2].rstrip("]") for one in found if one.lower(FALSE_FAIL) > AT_MOST}


def errors(world: str, rows: int, start: int) -> list[list[float]]:
    """Return, by level, how often the lower bound of the absolute change exceeds the truth, and the upper is below."""
    draw = np.random.default_rng([SEED, list(WORLDS).index(world), rows, start])
    x, y, before, after = WORLDS[world]
    truth = abs(_drawn(x, y, after, None, draw).value[0] - _drawn(x, y, before, None, draw).value[0])
    reference, current = (_drawn(x, y, behind, rows, draw) for behind in (before, after))
    found = []
    for level in LEVELS:
        down, up = change_bounds(reference, current, level / 2)
        lower = np.maximum(np.maximum(down, -up), 0.0)
        down, up = change_bounds(reference, current, level)
        # A label without a row has no correlation, and is not compared.
        found.append([float((lower > truth + 1e-12).mean()), float((np.maximum(up, -down) < truth - 1e-12).mean())])
    return found


def _drawn(x: Floats, y: Floats, behind: float, rows: int | None, draw: np.random.Generator) -> Correlations:
    """Return the correlation in each of `CHUNK` samples; without `rows`, in the population."""
    cells = _cells(x, y, behind)
    counts = cells[None] * 1e9 if rows is None else draw.multinomial(rows, cells, CHUNK).astype(np.float64)
    of_x, of_y = (_scores(shares) for shares in (x, y))
    values = np.stack([np.repeat(of_x, len(y)), np.tile(of_y, len(x))])
    powers = (values, values), (values**2, values), (values**3, values), (values**2, values**2)
    xy, xxy, xxxy, xxyy = (np.einsum("rc,ic,jc->rij", counts, left, right, optimize=True) for left, right in powers)
    found = correlations(counts @ values.T, (xy, xxy, xxxy, xxyy), round(counts[0].sum()))
    return Correlations(found.value[:, 0, 1], found.variance[:, 0, 1], found.n)


def _scores(shares: Floats) -> Floats:
    return np.array([0.0, 1.0]) if len(shares) == 2 else 2 * np.cumsum(shares) - shares - 1


def _cells(x: Floats, y: Floats, behind: float) -> Floats:
    """Return the shares of all pairs of groups of two normal variables with a correlation."""
    if not behind:
        return np.outer(x, y).ravel()
    normal = multivariate_normal([0, 0], [[1, behind], [behind, 1]])
    edges = [np.clip(ndtri(np.clip(np.append(0, np.cumsum(side)), 0, 1)), -9, 9) for side in (x, y)]
    below = normal.cdf(np.stack(np.meshgrid(*edges, indexing="ij"), axis=-1))
    cells = np.clip(np.diff(np.diff(below, axis=0), axis=1), 0, None).ravel()
    found: Floats = cells / cells.sum()
    return found


if __name__ == "__main__":
    main()
