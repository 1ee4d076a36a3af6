"""Is joint drift judged rightly, and found? ``python studies/joint_drift.py`` writes joint_drift.json.

How often bounds exclude the truth where two small sides are alike, with independent rows, with units, with rows that
stand on both sides or repeat, and by other ways to use the rows twice; and how often 5,000 rows a side pass, fail and
name the column at the default limit, where they are alike and where a fault is hidden in the relation of columns.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from math import sqrt
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pandas as pd
from jointly import faulty, narrow, wide
from record import origin, write
from scipy.special import ndtri

from pytest_mlquality.measures.domain_classifier import DomainClassifier, one_thread
from pytest_mlquality.measures.joint_drift import DEFAULT_AT_MOST, joint_drift
from pytest_mlquality.measures.joint_encoding import encoded
from pytest_mlquality.statistics.auc import roc_auc
from pytest_mlquality.statistics.estimate import Estimate

SEED = 2026
COVERED = (
    "measures/domain_classifier.py", "measures/joint_drift.py", "measures/joint_encoding.py",
    "measures/joint_halves.py", "statistics/averaged.py",
)  # fmt: skip
OUTPUT = Path(__file__).with_name("joint_drift.json")
LEVELS = (0.05, 0.01)
SMALL, UNIT, SHARED, COPIES, FOLDS = 300, 5, 60, 10, 5
ALIKE = {
    "halves": 1_000,
    "halves, units": 150,
    "halves, rows on both sides": 150,
    "five folds": 150,
    "halves, rows that repeat": 150,
}
ROWS = 5_000
FALSE_FAIL, FALSE_PASS = 1e-5, 0.05
# What is hidden in, how strongly columns go together, and the runs.
HIDDEN = (
    ("nothing", 0.7, 100), ("shuffled", 0.7, 100), ("shuffled", 0.5, 15), ("shuffled", 0.3, 5), ("swapped", 0.7, 5),
    ("label shuffled", 0.7, 5),
)  # fmt: skip


def main() -> None:
    with ProcessPoolExecutor() as workers:
        alike = []
        for world, runs in ALIKE.items():
            alike += _levels(world, list(workers.map(small, [world] * runs, range(runs), chunksize=20)))
        hidden = []
        for fault, correlation, runs in HIDDEN:
            found = list(workers.map(large, [fault] * runs, [correlation] * runs, range(runs)))
            hidden.append({"hidden": fault, "correlation": correlation, "rows": ROWS, "runs": runs, **_verdicts(found)})
            print(hidden[-1], flush=True)
    made = origin(SEED, ("numpy", "pandas", "scipy", "scikit-learn"), COVERED)
    write(OUTPUT, made | {"at_most": DEFAULT_AT_MOST, "alike": alike, "searches": hidden})


def small(world: str, run: int) -> tuple[float, list[float], list[float]]:
    """Return the AUC of two small sides that are alike, and its lower and upper bounds at `LEVELS`."""
    draw = np.random.default_rng([SEED, list(ALIKE).index(world), run])
    units: tuple[Any, Any] = (None, None)
    reference, current = narrow(SMALL, draw), narrow(SMALL, draw)
    if world == "halves, units":
        # Rows of a unit are alike, so that what is learned of a unit would show its others.
        sides = [narrow(SMALL // UNIT, draw).loc[np.arange(SMALL) // UNIT] for _ in range(2)]
        reference, current = (one.assign(a=one["a"] + draw.normal(scale=0.2, size=SMALL)) for one in sides)
        units = np.arange(SMALL) // UNIT, SMALL + np.arange(SMALL) // UNIT
    if world == "halves, rows on both sides":
        current = pd.concat([reference.iloc[:SHARED], current.iloc[SHARED:]])
    if world == "halves, rows that repeat":
        reference, current = (pd.concat([side] * COPIES) for side in (reference, current))
    if world == "five folds":
        with one_thread():
            found = _folds(reference, current, run)
    else:
        measured = joint_drift(reference, current, unit=units, seed=run)
        assert measured.value is not None
        found = Estimate(measured.value, 2 * SMALL, "", measured.lower, measured.upper)
    assert found.value is not None
    return found.value, [found.lower(level) for level in LEVELS], [found.upper(level) for level in LEVELS]


def _folds(reference: pd.DataFrame, current: pd.DataFrame, seed: int) -> Estimate:
    """Return the mean AUC of five folds, as if their errors were independent: what one would do without thinking."""
    rows = encoded(reference, current)
    fold = np.random.default_rng(seed).permutation(len(rows.values)) % FOLDS
    aucs, square = [], 0.0
    for place in range(FOLDS):
        judged = fold == place
        classifier = DomainClassifier(rows, ~judged, seed=seed)
        score = classifier.score(classifier.seen(rows.values[judged]))
        found = roc_auc(rows.is_current[judged], score)
        assert found.value is not None
        aucs.append(found.value)
        square += ((found.upper(0.05) - found.lower(0.05)) / 2 / ndtri(0.95)) ** 2 / FOLDS**2
    value, error = float(np.mean(aucs)), sqrt(square)
    return Estimate(
        value, 0, "", lambda level: value + ndtri(level) * error, lambda level: value - ndtri(level) * error
    )


def _levels(world: str, found: list[tuple[float, list[float], list[float]]]) -> list[dict[str, Any]]:
    """Return how often either bound excludes 0.5, and the mean AUC."""
    aucs = np.array([auc for auc, _, _ in found])
    common = {"world": world, "rows": SMALL, "runs": len(found), "mean_auc": round(float(aucs.mean()), 5)}
    common["mean_error"] = round(float(aucs.std() / sqrt(len(aucs))), 5)
    cells = []
    for place, level in enumerate(LEVELS):
        spread = round(sqrt(level * (1 - level) / len(found)), 5)
        above = float(np.mean([lower[place] > 0.5 for _, lower, _ in found]))
        below = float(np.mean([upper[place] < 0.5 for _, _, upper in found]))
        for side, error in (("lower", above), ("upper", below)):
            cells.append({**common, "side": side, "level": level, "error": error, "standard_error": spread})
            print(cells[-1], flush=True)
    return cells


def large(fault: str, correlation: float, run: int) -> tuple[float, bool, bool, str, float]:
    """Return AUC, pass, fail, the columns named and the seconds it took, at the size at which the limit was chosen."""
    draw = np.random.default_rng([SEED, 99, round(100 * correlation), run])
    reference = wide(ROWS, correlation, draw)
    current = faulty(wide(ROWS, correlation, draw), fault, draw)
    begin = process_time()
    found = joint_drift(reference, current, unit=(None, None), seed=run)
    seconds = process_time() - begin
    assert found.value is not None
    passes, fails = found.upper(FALSE_PASS) <= DEFAULT_AT_MOST, found.lower(FALSE_FAIL) > DEFAULT_AT_MOST
    return found.value, passes, fails, found.reason, seconds


def _verdicts(found: list[tuple[float, bool, bool, str, float]]) -> dict[str, Any]:
    aucs = [run[0] for run in found]
    return {
        "mean_auc": round(float(np.mean(aucs)), 4),
        "lowest_auc": round(min(aucs), 4),
        "highest_auc": round(max(aucs), 4),
        "pass": sum(run[1] for run in found),
        "fail": sum(run[2] for run in found),
        "named": sum(bool(run[3]) for run in found),
        "named_first": sum(run[3].startswith(("n3 ", "n6 ", "l8 ")) for run in found),
        "cpu_seconds": round(float(np.median([run[4] for run in found])), 2),
    }


if __name__ == "__main__":
    main()
