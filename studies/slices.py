"""Are gaps between slices judged rightly, and weak slices found? ``python studies/slices.py`` writes slices.json.

How often the bounds of a gap exclude the truth, on slices of several sizes; and on rows in which nobody hid a weak
slice, and in which somebody did, how often the search names one, and how many of those named are none. From which
limit on rows pass where nothing is found, how often rows pass of which a fifth is worse by exactly that, and what is
named on copies of rows.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pandas as pd
from planted import ACCURACY, SEED, columns, is_hidden, planted
from planted import ROWS as PLANTED
from record import origin, write

from pytest_mlquality.measurement import Measurements
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.equal_rows import hashed
from pytest_mlquality.measures.repeats import repeat
from pytest_mlquality.measures.weak_slices import weak_slices
from pytest_mlquality.statistics.auc import roc_auc
from pytest_mlquality.statistics.independent import difference
from pytest_mlquality.statistics.proportion import share

COVERED = (
    "measures/equal_rows.py", "measures/repeats.py", "measures/slice_cells.py", "measures/slice_conditions.py",
    "measures/slice_search.py", "measures/slices.py", "measures/surplus.py", "measures/unseen_gap.py",
    "measures/weak_slices.py", "statistics/independent.py",
)  # fmt: skip
OUTPUT = Path(__file__).with_name("slices.json")
ROWS, SHARES = (2_000, 20_000), (0.01, 0.05, 0.3)
AUC_SHIFT = 1.8
DRAWS = {"accuracy": 100_000, "roc_auc": 1_000}
LEVELS = {"accuracy": (0.05, 1e-3), "roc_auc": (0.05,)}
RUNS = 200
# What is hidden in, and whether columns depend on each other.
WORLDS = (
    ("nothing", False), ("two columns", False), ("two labels", False), ("two numbers", False),
    ("nothing", True), ("two columns", True),
)  # fmt: skip
# Rows of which a fifth may be worse, and runs of each.
FEW = {300: 100, 500: 100, 1_000: 100, 5_000: 40, 20_000: 20}
FIFTHS = ("one label of five", "two columns by two", "one number by itself")
DIFFERENT, COPIES, COPIED_RUNS = 1_000, ((3, 3), (2, 5)), 20


def main() -> None:
    with ProcessPoolExecutor() as workers:
        gaps = [cell for cells in workers.map(gap, *zip(*product(DRAWS, ROWS, SHARES), strict=True)) for cell in cells]
        searches = []
        for hidden, dependent in WORLDS:
            runs = list(workers.map(search, [hidden] * RUNS, [dependent] * RUNS, range(RUNS), chunksize=5))
            searches.append({"hidden": hidden, "dependent": dependent, "rows": PLANTED, "runs": RUNS, **_summed(runs)})
            print(searches[-1], flush=True)
        unseen = [cell for cells in workers.map(reached, FEW) for cell in cells]
        copied = list(workers.map(copies, COPIES))
    made = origin(SEED, ("numpy", "pandas", "scipy"), COVERED)
    write(OUTPUT, made | {"gaps": gaps, "searches": searches, "unseen": unseen, "copies": copied})


def gap(metric: str, n: int, slice_share: float) -> list[dict[str, Any]]:
    """Return how often either bound of a gap excludes the truth, which is 0: slice and rest are alike."""
    draw = np.random.default_rng([SEED, n, int(slice_share * 1000)])
    sizes = round(n * slice_share), n - round(n * slice_share)
    levels = LEVELS[metric]
    wrong = np.zeros((2, len(levels)))
    for _ in range(DRAWS[metric]):
        found = difference(*(_estimate(metric, size, draw) for size in sizes))
        for place, level in enumerate(levels):
            wrong[0, place] += found.lower(level) > 0
            wrong[1, place] += found.upper(level) < 0
    cells = []
    for (side, name), (place, level) in product(enumerate(("lower", "upper")), enumerate(levels)):
        error = wrong[side, place] / DRAWS[metric]
        spread = float(np.sqrt(max(error, level) / DRAWS[metric]))
        cell = {"metric": metric, "rows": n, "share": slice_share, "side": name, "level": level}
        cells.append({**cell, "error": round(float(error), 6), "standard_error": round(spread, 6)})
        print(cells[-1], flush=True)
    return cells


def _estimate(metric: str, n: int, draw: np.random.Generator) -> Any:  # noqa: ANN401 - an estimate
    if metric == "accuracy":
        return share(int(draw.binomial(n, ACCURACY)), n)
    positive = draw.random(n) < 0.5
    return roc_auc(positive, draw.normal(size=n) + AUC_SHIFT * positive)


@dataclass(frozen=True, slots=True)
class Run:
    """What one search named: how many slices, how many of them are no weaker than the rest, and of what share of rows.

    `found` tells whether one of them is the hidden one.
    """

    named: int
    false: int
    found: bool
    share: float
    seconds: float


def _summed(runs: list[Run]) -> dict[str, Any]:
    return {
        "named": sum(run.named > 0 for run in runs),
        "found": sum(run.found for run in runs),
        "slices_named": round(float(np.mean([run.named for run in runs])), 2),
        "false_discovery_rate": round(float(np.mean([run.false / max(run.named, 1) for run in runs])), 4),
        "share": round(float(np.mean([run.share for run in runs])), 4),
        "cpu_seconds": round(float(np.median([run.seconds for run in runs])), 2),
    }


def search(hidden: str, dependent: bool, run: int) -> Run:
    """Hide a slice, search, and return what was named."""
    world = planted(hidden, run, dependent=dependent)
    rows, weak = world.rows, world.weak
    answers = Answers(target=world.truth, predicted=world.decision, classes=(0, 1), seed=run)
    begin = process_time()
    measured = [one.name for one in weak_slices("accuracy", answers, rows, depth=2, least_rows=50)]
    seconds = process_time() - begin
    named = [rows_of(name, rows) for name in measured if name != "accuracy_gap[any slice]"]
    false = sum(weak[held].mean() <= weak.mean() for held in named)
    return Run(len(named), int(false), any(is_hidden(held, weak) for held in named), float(weak.mean()), seconds)


def reached(n: int) -> list[dict[str, Any]]:
    """Return from which limit on half of the runs pass with nothing hidden, and how many do with that hidden."""
    bounds = [one.upper(0.05) for run in range(FEW[n]) for one in _of_a_fifth(n, "nothing", 0.0, run)]
    limit = round(float(np.median(bounds)), 3)
    cells = []
    for hidden in FIFTHS:
        runs = [_of_a_fifth(n, hidden, limit, run) for run in range(FEW[n])]
        passed = sum(all(one.value is not None and one.upper(0.05) <= limit for one in found) for found in runs)
        cells.append({"rows": n, "hidden": hidden, "limit": limit, "runs": FEW[n], "passed": passed})
        print(cells[-1], flush=True)
    return cells


def _of_a_fifth(n: int, hidden: str, lower: float, run: int) -> Measurements:
    """Return what is measured where a fifth of the rows is less accurate by so much than the others."""
    draw = np.random.default_rng([SEED, n, run, round(lower * 1000), ("nothing", *FIFTHS).index(hidden)])
    rows = columns(draw, n)
    weak: np.ndarray[Any, Any] = {
        "nothing": np.zeros(n, dtype=bool),
        "one label of five": (rows.t1 == "3").to_numpy(),
        "two columns by two": ((rows.t0 == "1") & (rows.n0 > 0.2533)).to_numpy(),
        "one number by itself": (rows.n1 > 0.8416).to_numpy(),
    }[hidden]
    wrong = draw.random(n) >= np.where(weak, ACCURACY - lower, ACCURACY)
    answers = Answers(target=np.zeros(n, int), predicted=wrong.astype(int), classes=(0, 1), seed=run)
    return weak_slices("accuracy", answers, rows, depth=2, least_rows=50)


def copies(often: tuple[int, int]) -> dict[str, Any]:
    """Return in how many runs copies of rows are seen, and slices named with the rows and with copies as units."""
    seen, named = 0, {"rows": 0, "copies": 0}
    for run in range(COPIED_RUNS):
        draw = np.random.default_rng([SEED, *often, run])
        times = draw.integers(often[0], often[1] + 1, DIFFERENT)
        wrong = np.repeat((draw.random(DIFFERENT) >= ACCURACY).astype(int), times)
        rows = columns(draw, DIFFERENT)
        rows = rows.loc[rows.index.repeat(times)].reset_index(drop=True)
        same = hashed(rows.assign(wrong=wrong))
        seen += repeat(same, [partial(rows[name].to_numpy, float) for name in rows.select_dtypes("number")])
        for unit, of_row in (("rows", np.arange(len(rows))), ("copies", same)):
            answers = Answers(target=np.zeros_like(wrong), predicted=wrong, classes=(0, 1), unit=of_row, seed=run)
            found = weak_slices("accuracy", answers, rows, depth=2, least_rows=50)
            named[unit] += found[0].name != "accuracy_gap[any slice]"
    cell = {"times": list(often), "runs": COPIED_RUNS, "seen": seen, "runs_that_name": named}
    print(cell, flush=True)
    return cell


def rows_of(name: str, rows: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return which rows a slice has, read from its words."""
    held = np.ones(len(rows), dtype=bool)
    for words in name.removeprefix("accuracy_gap[").removesuffix("]").split(" and "):
        held &= _holds(words, rows)
    return held


def _holds(words: str, rows: pd.DataFrame) -> np.ndarray[Any, Any]:
    if " in {" in words:
        column, labels = words.removesuffix("}").split(" in {")
        return rows[column].isin(labels.split(", ")).to_numpy()
    if " = " in words:
        column, label = words.split(" = ")
        return (rows[column] == label).to_numpy()
    return np.asarray(rows.eval(words))


if __name__ == "__main__":
    main()
