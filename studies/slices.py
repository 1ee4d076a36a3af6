"""Are gaps between slices judged rightly, and weak slices found? ``python studies/slices.py`` writes slices.json.

How often the bounds of a gap exclude the truth, on slices of several sizes; and on rows in which nobody hid a weak
slice, and in which somebody did, how often the search names one.
"""

from __future__ import annotations

import hashlib
import json
import platform
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.weak_slices import weak_slices
from pytest_mlquality.statistics.auc import roc_auc
from pytest_mlquality.statistics.independent import difference
from pytest_mlquality.statistics.proportion import share

SEED = 2026
ROOT = Path(__file__).parents[1] / "pytest_mlquality"
COVERED = (
    "measures/slice_conditions.py", "measures/slices.py", "measures/weak_slices.py", "statistics/independent.py",
)  # fmt: skip
OUTPUT = Path(__file__).with_name("slices.json")
ROWS, SHARES = (2_000, 20_000), (0.01, 0.05, 0.3)
ACCURACY, AUC_SHIFT = 0.85, 1.8
DRAWS = {"accuracy": 100_000, "roc_auc": 1_000}
LEVELS = {"accuracy": (0.05, 1e-3), "roc_auc": (0.05,)}
RUNS, SEARCHED, LOWER = 200, 20_000, 0.15
HIDDEN = ("nothing", "two columns", "two labels", "two numbers")


def main() -> None:
    with ProcessPoolExecutor() as workers:
        gaps = [cell for cells in workers.map(gap, *zip(*product(DRAWS, ROWS, SHARES), strict=True)) for cell in cells]
        searches = []
        for hidden in HIDDEN:
            runs = list(workers.map(search, [hidden] * RUNS, range(RUNS), chunksize=5))
            searches.append(
                {
                    "hidden": hidden,
                    "rows": SEARCHED,
                    "runs": RUNS,
                    "named": sum(named for named, _, _ in runs),
                    "found": sum(found for _, found, _ in runs),
                    "share": round(float(np.mean([share for _, _, share in runs])), 4),
                }
            )
            print(searches[-1], flush=True)
    covers = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in COVERED}
    versions = {name: version(name) for name in ("numpy", "pandas", "scipy")} | {"python": platform.python_version()}
    record = {"seed": SEED, "versions": versions, "covers": covers, "gaps": gaps, "searches": searches}
    OUTPUT.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


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


def search(hidden: str, run: int) -> tuple[bool, bool, float]:
    """Return whether a slice is named, whether it is the hidden one, and how many of the rows were hidden in it."""
    draw = np.random.default_rng([SEED, HIDDEN.index(hidden), run])
    rows = pd.DataFrame({f"n{place}": draw.normal(size=SEARCHED) for place in range(6)})
    rows["age"] = draw.integers(17, 90, SEARCHED)
    for place, levels in enumerate((2, 5, 9, 20)):
        rows[f"t{place}"] = draw.integers(0, levels, SEARCHED).astype(str)
    weak = {
        "nothing": np.zeros(SEARCHED, dtype=bool),
        "two columns": np.asarray((rows.age >= 61) & (rows.t3 == "7")),
        "two labels": np.asarray((rows.t2 == "3") & (rows.t1 == "1")),
        "two numbers": np.asarray((rows.n0 > 1.08) & (rows.n1 < -1.08)),
    }[hidden]
    truth = draw.integers(0, 2, SEARCHED)
    right = draw.random(SEARCHED) < np.where(weak, ACCURACY - LOWER, ACCURACY)
    answers = Answers(target=truth, predicted=np.where(right, truth, 1 - truth), classes=(0, 1), seed=run)
    measured = [one.name for one in weak_slices("accuracy", answers, rows, depth=2, least_rows=50)]
    named = [name for name in measured if name != "accuracy_gap[any slice]"]
    return bool(named), any(_is_hidden(name, rows, weak) for name in named), float(weak.mean())


def _is_hidden(name: str, rows: pd.DataFrame, weak: np.ndarray[Any, Any]) -> bool:
    """Return whether a slice, read from its words, is half of the hidden one or more, and mostly that."""
    held = np.ones(len(rows), dtype=bool)
    for words in name.removeprefix("accuracy_gap[").removesuffix("]").split(" and "):
        held &= _holds(words, rows)
    both = (held & weak).sum()
    return bool(weak.any() and both >= 0.5 * weak.sum() and both >= 0.5 * held.sum())


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
