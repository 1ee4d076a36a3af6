"""Is the default limit of regression held rightly? ``python studies/error_ratios.py`` writes error_ratios.json.

How often the bounds of the smallest ratio of mean absolute errors exclude the truth, over 2 and 9 groups, equal and
very unequal, alike or half of them at the limit of 0.8, of errors from normal to heavily skewed; and how often groups
that are alike are proven to be within that limit, and groups beyond it fail.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from fairness import COVERED, LEVELS, SHAPES, sizes_of
from numpy.typing import NDArray
from record import origin, write

from pytest_mlquality.statistics.mean import mean
from pytest_mlquality.statistics.pairwise import smallest_ratio

OUTPUT = Path(__file__).with_name("error_ratios.json")
SEED = 20_264
GROUPS, ROWS = (2, 9), (1_000, 20_000)
LIMIT = 0.8
# What is true of every second group, as a part of the errors of the others: a limit beyond it must not be held.
TRUTHS = (1.0, LIMIT, 0.6)
# By groups: bounds of many small ones take long.
RUNS = {2: 500, 9: 100}
# An absolute error cannot be negative, and nobody knows how large one may be.
SUPPORT = (0.0, np.inf)

Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]
ERRORS: dict[str, Draw] = {
    "normal": lambda draw, n: np.abs(draw.normal(size=n)),
    "Laplace": lambda draw, n: draw.exponential(size=n),
    "log-normal": lambda draw, n: draw.lognormal(size=n),
}


def main() -> None:
    with ProcessPoolExecutor() as workers:
        cells = list(workers.map(judged, *zip(*product(ERRORS, TRUTHS, GROUPS, ROWS, SHAPES), strict=True)))
    covered = (*COVERED, "statistics/mean.py")
    write(OUTPUT, origin(SEED, ("numpy", "scipy"), covered) | {"limit": LIMIT, "cells": cells})


def judged(errors: str, truth: float, groups: int, n: int, shape: str) -> dict[str, Any]:
    """Return how often the bounds exclude the truth, and how often the default limit passes and fails, by level."""
    sizes = sizes_of(groups, n, shape)
    draw = np.random.default_rng(
        [SEED, list(ERRORS).index(errors), TRUTHS.index(truth), groups, n, SHAPES.index(shape)]
    )
    counts = {said: np.zeros(len(LEVELS), dtype=int) for said in ("lower", "upper", "passes", "fails")}
    for _ in range(RUNS[groups]):
        scales = [1.0 if place % 2 else truth for place in range(groups)]
        drawn = [scale * ERRORS[errors](draw, size) for scale, size in zip(scales, sizes, strict=True)]
        found = smallest_ratio([[mean(some, support=SUPPORT) for some in drawn]])
        if found.value is None:
            continue
        for place, level in enumerate(LEVELS):
            lower, upper = found.lower(level), found.upper(level)
            counts["lower"][place] += lower > truth + 1e-12
            counts["upper"][place] += upper < truth - 1e-12
            counts["passes"][place] += lower >= LIMIT
            counts["fails"][place] += upper < LIMIT
    cell = {"errors": errors, "truth": truth, "groups": groups, "rows": n, "shape": shape, "smallest_group": min(sizes)}
    for said, some in counts.items():
        cell[said] = dict(zip(map(str, LEVELS), (some / RUNS[groups]).tolist(), strict=True))
    print(cell, flush=True)
    return {**cell, "runs": RUNS[groups]}


if __name__ == "__main__":
    main()
