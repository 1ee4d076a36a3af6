"""What do other tools name on the draws of the study of skew? By hand, once a tool, in an environment of its own.

``python studies/skew_elsewhere.py deepchecks`` (or ``evidently``) adds the figures of that tool, as its defaults are,
to skew_elsewhere.json; ``pytest-mlquality``, here, adds a digest of the draws, of which our figures are in skew.json
and joint_drift.json. How the two environments are made is told in docs/skew.md.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any
from unittest.mock import patch

from moved_columns import CLEAN, FAULTS, POWER, RELATIONS, SEED, Rows, alike, faulty, unrelated
from record import versions, write

OUTPUT = Path(__file__).with_name("skew_elsewhere.json")
# What is named beside columns, where a tool says that all of them together have drifted.
TABLE = "the table"
# How often each looks at alike sides of so many rows, at every fault, and at every broken relation: as time allows.
RUNS: dict[str, tuple[dict[int, int], int, int]] = {
    "FeatureDrift": ({500: 200, 5_000: 200, 50_000: 200}, 100, 100),
    "MultivariateDrift": ({5_000: 100}, 0, 100),
    "DataDriftPreset": ({500: 200, 5_000: 200, 50_000: 200}, 25, 10),
}
# The score from which on the default condition of FeatureDrift fails a column.
DRIFTED = 0.2

Draws = Callable[[int], tuple[Rows, Rows]]
Judge = Callable[[Rows, Rows], set[str]]


def main(tool: str, *checks: str) -> None:
    record: dict[str, Any] = {"seed": SEED}
    if OUTPUT.exists():
        record = json.loads(OUTPUT.read_text(encoding="utf-8"))
    made = versions((tool, "numpy", "pandas"))
    found = {name: measured(CHECKS[tool][name], *RUNS[name]) for name in checks or CHECKS[tool]}
    kept = record.get(tool, {}).get("checks", {})
    record[tool] = {"versions": made, "draws": digest(), "checks": kept | found}
    write(OUTPUT, record)


def digest() -> str:
    """Return the SHA-256 of the first run of every kind, by which the draws of two environments are compared."""
    kinds = [partial(alike, rows) for rows in CLEAN]
    kinds += [partial(faulty, fault) for fault in FAULTS] + [partial(unrelated, fault) for fault in RELATIONS]
    digested = hashlib.sha256()
    for side in (side for draw in kinds for side in draw(0)):
        # Versions of pandas keep times in other units, and of numpy the last bit of a logarithm may be another.
        text = side.to_csv(float_format="%.12g", date_format="%Y-%m-%d %H:%M:%S", lineterminator="\n")
        digested.update(text.encode("utf-8"))
    return digested.hexdigest()


def measured(judge: Judge, clean_runs: dict[int, int], fault_runs: int, relation_runs: int) -> dict[str, Any]:
    """Return in how many runs columns are named where none has moved, and the right ones and others where some have."""
    clean, power = [], []
    for rows, runs in clean_runs.items():
        named, cell = _named(judge, partial(alike, rows), runs)
        cell["runs_with_a_column"] = sum(bool(names - {TABLE}) for names in named)
        often = Counter(name for names in named for name in sorted(names - {TABLE}))
        clean.append({"rows": rows, **cell, "columns": dict(often.most_common())})
        print(clean[-1], flush=True)
    faults = [(fault, columns, partial(faulty, fault), fault_runs) for fault, (columns, _) in FAULTS.items()]
    faults += [(fault, columns, partial(unrelated, fault), relation_runs) for fault, columns in RELATIONS.items()]
    for fault, columns, draws, runs in faults:
        if runs:
            named, cell = _named(judge, draws, runs)
            cell["found"] = sum(columns <= names for names in named)
            cell["others_named"] = sum(bool(names - columns - {TABLE}) for names in named)
            power.append({"fault": fault, "rows": POWER, **cell})
            print(power[-1], flush=True)
    return {"clean": clean, "power": power}


def _named(judge: Judge, draws: Draws, runs: int) -> tuple[list[set[str]], dict[str, Any]]:
    begin = process_time()
    named = [judge(*draws(run)) for run in range(runs)]
    seconds = round((process_time() - begin) / runs, 2)
    return named, {"runs": runs, "cpu_seconds": seconds, "runs_with_the_table": sum(TABLE in names for names in named)}


def feature_drift(reference: Rows, current: Rows) -> set[str]:
    """Return the columns that fail the condition that the default suite of Deepchecks gives its check of columns."""
    from deepchecks.tabular.checks import FeatureDrift

    check = FeatureDrift().add_condition_drift_score_less_than()
    found = check.run(_dataset(reference), _dataset(current), with_display=False)
    named = {name for name, column in found.value.items() if column["Drift score"] >= DRIFTED}
    assert found.passed_conditions() is not bool(named)
    return named


def multivariate_drift(reference: Rows, current: Rows) -> set[str]:
    """Return whether the table fails that suite's condition on a classifier that tells the rows of both sides apart.

    What it says of the columns takes most of its time and no part in the verdict, and is left out.
    """
    from deepchecks.core.check_utils import multivariate_drift_utils
    from deepchecks.tabular.checks import MultivariateDrift

    check = MultivariateDrift().add_condition_overall_drift_value_less_than()
    with patch.object(multivariate_drift_utils, "calculate_feature_importance_or_none", lambda *_, **__: (None, "")):
        found = check.run(_dataset(reference), _dataset(current), with_display=False)
    return set() if found.passed_conditions() else {TABLE}


def _dataset(rows: Rows) -> Any:  # noqa: ANN401 - mypy does not see Deepchecks
    # Told which are labels, as it recommends; else it takes those of more than 30 levels for none.
    from deepchecks.tabular import Dataset

    return Dataset(rows, cat_features=[name for name in rows if str(name).startswith("l") or name == "flag"])


def data_drift_preset(reference: Rows, current: Rows) -> set[str]:
    """Return the columns that Evidently says have drifted, and whether the table has: half of them or more.

    Its pictures, which take most of its time and no part in the verdicts, are left out.
    """
    from evidently import Report
    from evidently.metrics.column_statistics import ValueDriftCalculation
    from evidently.presets import DataDriftPreset

    with (
        patch.object(DataDriftPreset, "render", lambda *_: []),
        patch.object(ValueDriftCalculation, "_render", lambda *_: []),
    ):
        found = Report([DataDriftPreset()], include_tests=True).run(current, reference)
    table, *columns = found.dict()["tests"]
    named = {column["metric_config"]["params"]["column"] for column in columns if column["status"].name == "FAIL"}
    return named | ({TABLE} if table["status"].name == "FAIL" else set())


CHECKS: dict[str, dict[str, Judge]] = {
    "pytest-mlquality": {},
    "deepchecks": {"FeatureDrift": feature_drift, "MultivariateDrift": multivariate_drift},
    "evidently": {"DataDriftPreset": data_drift_preset},
}

if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    # Neither is to report its use.
    os.environ |= {"DEEPCHECKS_DISABLE_LATEST": "true", "DO_NOT_TRACK": "1"}
    main(*sys.argv[1:])
