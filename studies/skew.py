"""Do 30 columns that have not moved raise an alarm, and are faults found? ``python studies/skew.py`` writes skew.json.

Two samples, profiled, every column held to the default limits of [skew.metrics]: how often any column fails where both
are of one distribution, and how often the right column, and a wrong one, does where one column has a fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
from moved_columns import CLEAN, CLEAN_RUNS, FAULTS, POWER, POWER_RUNS, SEED, alike, faulty
from record import PACKAGE, origin, write
from single_values import SINGLE, moved, with_single

from pytest_mlquality.data import in_memory
from pytest_mlquality.data.profiles import profile
from pytest_mlquality.measures.drift import MEASURES, column_drift
from pytest_mlquality.settings import SkewSettings

COVERED = (
    "measures/atoms.py",
    "measures/drift.py",
    "measures/rare_labels.py",
    "statistics/share_ratio.py",
    *sorted(f"data/profiles/{path.name}" for path in (PACKAGE / "data" / "profiles").glob("*.py")),
)
OUTPUT = Path(__file__).with_name("skew.json")
# Of a comparison, divided over its columns.
CLAIM, FALSE_PASS = 1e-3, 0.05
# At other numbers of rows what a fault takes: 1,000 of a clipped sensor, more of rare flags.
TAKES = {
    "clipped at the 95th percentile": (1_000,),
    "flag 5% -> 10%": (2_000, 20_000),
    "flag 1% -> 2%": (50_000, 400_000),
}
TAKES_RUNS = 30
LIMITS = {
    measure: limit.at_most
    for measure, limit in SkewSettings().metrics.items()
    if measure in MEASURES and limit.at_most is not None
}


def main() -> None:
    with ProcessPoolExecutor() as workers:
        clean = []
        for rows in CLEAN:
            runs = list(workers.map(counted_verdicts, [rows] * CLEAN_RUNS, range(CLEAN_RUNS), chunksize=5))
            clean.append({"rows": rows, "runs": len(runs), **_of_clean(runs)})
            print(clean[-1], flush=True)
        single = []
        for fault in SINGLE:
            for rows in (POWER, *TAKES.get(fault, ())):
                many = POWER_RUNS if rows == POWER else TAKES_RUNS
                failing = list(workers.map(failed_of_one, [fault] * many, [rows] * many, range(many), chunksize=5))
                counts = Counter(measure for measures in failing for measure in measures)
                single.append({"fault": fault, "rows": rows, "runs": many, **counts})
                print(single[-1], flush=True)
        power = []
        for fault, (columns, _) in FAULTS.items():
            failed = list(workers.map(failed_columns, [fault] * POWER_RUNS, range(POWER_RUNS), chunksize=5))
            found = sum(columns <= names for names in failed)
            wrong = sum(bool(names - columns) for names in failed)
            power.append({"fault": fault, "rows": POWER, "runs": POWER_RUNS, "found": found, "others_named": wrong})
            print(power[-1], flush=True)
    made = origin(SEED, ("numpy", "pandas", "duckdb"), COVERED)
    write(OUTPUT, made | {"limits": LIMITS, "clean": clean, "single_values": single, "power": power})


def counted_verdicts(rows: int, run: int) -> dict[str, dict[str, int]]:
    """Return how many columns of two samples of one distribution pass, fail, or are undecided, by measure."""
    counted: dict[str, Counter[str]] = {measure: Counter() for measure in LIMITS}
    for measure, _, verdict in judged(*with_single(*alike(rows, run), run)):
        counted[measure][verdict] += 1
    return {measure: dict(verdicts) for measure, verdicts in counted.items()}


def _of_clean(runs: list[dict[str, dict[str, int]]]) -> dict[str, Any]:
    failed = sum(any(verdicts.get("fail") for verdicts in run.values()) for run in runs)
    totals = {measure: sum((Counter(run[measure]) for run in runs), Counter()) for measure in LIMITS}
    return {"runs_with_a_fail": failed, "columns": {measure: dict(total) for measure, total in totals.items()}}


def failed_columns(fault: str, run: int) -> set[str]:
    """Return the columns that fail where one has a fault."""
    return {name for _, name, verdict in judged(*faulty(fault, run)) if verdict == "fail"}


def failed_of_one(fault: str, rows: int, run: int) -> set[str]:
    """Return the measures that fail of one column in which a single value has moved, as of 30, and `any`."""
    failed = {measure for measure, _, verdict in judged(*moved(fault, rows, run), columns=30) if verdict == "fail"}
    return failed | {"any"} if failed else set()


def judged(reference: pd.DataFrame, current: pd.DataFrame, columns: int = 0) -> Iterator[tuple[str, str, str]]:
    """Yield measure, column and verdict of every column at the default limits."""
    before = profile(in_memory("reference", reference, "drawn"))
    after = profile(in_memory("current", current, "drawn"), like=before)
    false_fail = CLAIM / (columns or len(before.columns))
    for name in before.columns:
        for measure, limit in LIMITS.items():
            found = column_drift(measure, name, before, after, ("reference", "current"))
            if found is None:
                continue
            if found.value is None:
                yield measure, name, "undefined"
            elif found.lower(false_fail) > limit:
                yield measure, name, "fail"
            else:
                yield measure, name, "pass" if found.upper(FALSE_PASS) <= limit else "inconclusive"


if __name__ == "__main__":
    main()
