"""Do 30 columns that have not moved raise an alarm, and are faults found? ``python studies/skew.py`` writes skew.json.

Two samples, profiled, every column held to the default limits of [skew.metrics]: how often any column fails where both
are of one distribution, and how often the right column, and a wrong one, does where one column has a fault.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jointly import wide

from pytest_mlquality.data import in_memory
from pytest_mlquality.data.profiles import profile
from pytest_mlquality.measures.drift import MEASURES, column_drift
from pytest_mlquality.settings import SkewSettings

SEED = 2026
ROOT = Path(__file__).parents[1] / "pytest_mlquality"
COVERED = (
    "measures/drift.py",
    *sorted(f"data/profiles/{path.name}" for path in (ROOT / "data" / "profiles").glob("*.py")),
)
OUTPUT = Path(__file__).with_name("skew.json")
FALSE_FAIL, FALSE_PASS = 1e-5, 0.05
LIMITS = {
    measure: limit.at_most
    for measure, limit in SkewSettings().metrics.items()
    if measure in MEASURES and limit.at_most is not None
}
CLEAN, CLEAN_RUNS = (500, 5_000, 50_000), 200
POWER, POWER_RUNS = 5_000, 100
CORRELATION = 0.7

Rows = pd.DataFrame
Draw = np.random.Generator


def _some(rows: Rows, share: float, draw: Draw) -> Any:  # noqa: ANN401 - flags
    return draw.random(len(rows)) < share


# The columns that a fault is in, and what it makes of the current rows.
FAULTS: dict[str, tuple[set[str], Callable[[Rows, Draw], Rows]]] = {
    "mean + 0.5 sd": ({"n12"}, lambda rows, _: rows.assign(n12=rows["n12"] + 0.5)),
    "scale x 1.5": ({"n13"}, lambda rows, _: rows.assign(n13=rows["n13"] * 1.5)),
    "x 100 in 5% of rows": (
        {"n14"},
        lambda rows, draw: rows.assign(n14=rows["n14"] * np.where(_some(rows, 0.05, draw), 100, 1)),
    ),
    "missing 1% -> 10%": ({"n15"}, lambda rows, draw: rows.assign(n15=rows["n15"].mask(_some(rows, 0.091, draw)))),
    "new label at 3%": (
        {"l12"},
        lambda rows, draw: rows.assign(l12=np.where(_some(rows, 0.03, draw), "new", rows["l12"])),
    ),
    "two columns swapped": ({"n16", "n18"}, lambda rows, _: rows.assign(n16=rows["n18"], n18=rows["n16"])),
    "column constant": ({"n17"}, lambda rows, _: rows.assign(n17=0.0)),
    "last third of the time is missing": (
        {"time"},
        lambda rows, draw: rows.assign(time=rows["time"].min() + (rows["time"] - rows["time"].min()) * 2 / 3),
    ),
}


def main() -> None:
    with ProcessPoolExecutor() as workers:
        clean = []
        for rows in CLEAN:
            runs = list(workers.map(alike, [rows] * CLEAN_RUNS, range(CLEAN_RUNS), chunksize=5))
            clean.append({"rows": rows, "runs": len(runs), **_of_clean(runs)})
            print(clean[-1], flush=True)
        power = []
        for fault, (columns, _) in FAULTS.items():
            failed = list(workers.map(faulty, [fault] * POWER_RUNS, range(POWER_RUNS), chunksize=5))
            found = sum(columns <= names for names in failed)
            wrong = sum(bool(names - columns) for names in failed)
            power.append({"fault": fault, "rows": POWER, "runs": POWER_RUNS, "found": found, "others_named": wrong})
            print(power[-1], flush=True)
    covers = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in COVERED}
    versions = {name: version(name) for name in ("numpy", "pandas", "duckdb")} | {"python": platform.python_version()}
    record = {"seed": SEED, "versions": versions, "covers": covers, "limits": LIMITS, "clean": clean, "power": power}
    OUTPUT.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def alike(rows: int, run: int) -> dict[str, dict[str, int]]:
    """Return how many columns of two samples of one distribution pass, fail, or are undecided, by measure."""
    draw = np.random.default_rng([SEED, rows, run])
    counted: dict[str, Counter[str]] = {measure: Counter() for measure in LIMITS}
    for measure, _, verdict in judged(wide(rows, CORRELATION, draw), wide(rows, CORRELATION, draw)):
        counted[measure][verdict] += 1
    return {measure: dict(verdicts) for measure, verdicts in counted.items()}


def _of_clean(runs: list[dict[str, dict[str, int]]]) -> dict[str, Any]:
    failed = sum(any(verdicts.get("fail") for verdicts in run.values()) for run in runs)
    totals = {measure: sum((Counter(run[measure]) for run in runs), Counter()) for measure in LIMITS}
    return {"runs_with_a_fail": failed, "columns": {measure: dict(total) for measure, total in totals.items()}}


def faulty(fault: str, run: int) -> set[str]:
    """Return the columns that fail where one has a fault."""
    columns, change = FAULTS[fault]
    draw = np.random.default_rng([SEED, list(FAULTS).index(fault), run, 1])
    reference, current = wide(POWER, CORRELATION, draw), wide(POWER, CORRELATION, draw)
    if columns == {"n15"}:
        reference, current = (
            side.assign(n15=side["n15"].mask(_some(side, 0.01, draw))) for side in (reference, current)
        )
    return {name for _, name, verdict in judged(reference, change(current, draw)) if verdict == "fail"}


def judged(reference: Rows, current: Rows) -> Iterator[tuple[str, str, str]]:
    """Yield measure, column and verdict of every column at the default limits."""
    before = profile(in_memory("reference", reference, "drawn"))
    after = profile(in_memory("current", current, "drawn"), like=before)
    for name in before.columns:
        for measure, limit in LIMITS.items():
            found = column_drift(measure, name, before, after, ("reference", "current"))
            if found is None or found.value is None:
                yield measure, name, "undefined"
            elif found.lower(FALSE_FAIL) > limit:
                yield measure, name, "fail"
            else:
                yield measure, name, "pass" if found.upper(FALSE_PASS) <= limit else "inconclusive"


if __name__ == "__main__":
    main()
