"""What do other tools name on the rows of the study of slices? By hand, once a tool, in an environment of its own.

``python studies/weak_slices_elsewhere.py deepchecks`` (or ``giskard``, or ``pytest-mlquality``, here) adds the figures
of that tool to weak_slices_elsewhere.json: as its defaults are, and as a user would set it who looks for slices of 2%
of the rows. How the two environments are made is told in docs/slices.md.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pandas as pd
from planted import Flags, Planted, is_hidden, planted
from record import versions, write

OUTPUT = Path(__file__).with_name("weak_slices_elsewhere.json")
# A scan of Giskard takes more than a minute, and a search of Deepchecks half of one.
RUNS = {"pytest-mlquality": 6, "deepchecks": 6, "giskard": 2}
HIDDEN = ("nothing", "two columns", "two numbers", "one label")
# Of the model's own decision, as probabilities are asked for.
CONFIDENCE = 0.85
# By which share of the mean score a segment is lower that Deepchecks' condition warns of: by default, and where a drop
# by 15 points of 85 is looked for.
LOWER_BY, LOWER_BY_TUNED = 0.2, 0.1


def main(tool: str, *settings: str) -> None:
    found = [measured(tool, setting, hidden) for setting in settings or SEARCHES[tool] for hidden in HIDDEN]
    record = json.loads(OUTPUT.read_text(encoding="utf-8")) if OUTPUT.exists() else {}
    made = versions((tool, "scikit-learn", "numpy", "pandas"))
    kept = [cell for cell in record.get(tool, {}).get("searches", []) if settings and cell["setting"] not in settings]
    record[tool] = {"versions": made, "searches": sorted([*kept, *found], key=lambda cell: str(cell["setting"]))}
    write(OUTPUT, dict(sorted(record.items())))


def measured(tool: str, setting: str, hidden: str) -> dict[str, Any]:
    """Return in how many runs slices are named, and the hidden one is; how many of them; how long it takes."""
    named, found, seconds = [], [], []
    for run in range(RUNS[tool]):
        world = planted(hidden, run)
        begin = process_time()
        slices = list(SEARCHES[tool][setting](world))
        seconds.append(process_time() - begin)
        named.append(len(slices))
        found.append(any(is_hidden(held, world.weak) for held in slices))
    cell = {
        "setting": setting,
        "hidden": hidden,
        "runs": RUNS[tool],
        "named": sum(some > 0 for some in named),
        "found": sum(found),
        "slices_named": round(float(np.mean(named)), 2),
        "cpu_seconds": round(float(np.median(seconds)), 2),
    }
    print(cell, flush=True)
    return cell


def ours(world: Planted) -> Iterator[Flags]:
    from slices import rows_of

    from pytest_mlquality.measures.answers import Answers
    from pytest_mlquality.measures.weak_slices import weak_slices

    answers = Answers(target=world.truth, predicted=world.decision, classes=(0, 1))
    for one in weak_slices("accuracy", answers, world.rows, depth=2, least_rows=50):
        if one.name != "accuracy_gap[any slice]":
            yield rows_of(one.name, world.rows)


def deepchecks(world: Planted, *, tuned: bool) -> Iterator[Flags]:
    """Yield the segments that its condition warns of: those whose score is lower than the mean by 20% of it.

    Tuned, it warns from 10% on and looks at all columns and at slices from 1% of the rows, and what it scores is being
    right: its default scores log loss, of probabilities that these decisions do not have.
    """
    from deepchecks.core.errors import DeepchecksProcessError
    from deepchecks.tabular import Dataset
    from deepchecks.tabular.checks import WeakSegmentsPerformance

    table = Dataset(world.rows.assign(truth=world.truth), label="truth", cat_features=_labels(world))
    check = WeakSegmentsPerformance()
    if tuned:
        check = WeakSegmentsPerformance(
            n_top_features=world.rows.shape[1], segment_minimum_size_ratio=0.01, categorical_aggregation_threshold=0.01,
            score_per_sample=pd.Series(np.where(world.truth == world.decision, 1.0, 0.0)),
        )  # fmt: skip
    proba = np.where(np.arange(2) == world.decision[:, None], CONFIDENCE, 1 - CONFIDENCE)
    try:
        value = check.run(table, y_pred=world.decision, y_proba=proba, with_display=False).value
    except DeepchecksProcessError as problem:
        # Its word for rows of which none are worse than others.
        if "unable to train an error model" not in str(problem):
            raise
        return
    for _, segment in value["weak_segments_list"].iterrows():
        if segment.iloc[0] <= (1 - (LOWER_BY_TUNED if tuned else LOWER_BY)) * value["avg_score"]:
            yield _of_segment(segment, world.rows, check.categorical_aggregation_threshold)


def _of_segment(segment: pd.Series[Any], rows: pd.DataFrame, least_share: float) -> Flags:
    """Return which of all rows a segment has, of which Deepchecks looked at some."""
    held = np.ones(len(rows), dtype=bool)
    for place in ("Feature1", "Feature2"):
        name, taken = segment[place], segment[f"{place} Range"]
        if name and isinstance(taken, list):
            share = rows[name].map(rows[name].value_counts(normalize=True))
            held &= rows[name].where(share >= least_share, "Other").isin(taken).to_numpy()
        elif name:
            held &= rows[name].between(*taken, inclusive="right").to_numpy()
    return held


def giskard(world: Planted) -> Iterator[Flags]:
    """Yield the slices of which its scan makes an issue."""
    import giskard as scanner

    scanned = world.rows.assign(truth=world.truth, decision=world.decision)

    def answer(rows: pd.DataFrame) -> np.ndarray[Any, Any]:
        decided = rows["decision"].to_numpy()[:, None]
        return np.where(np.arange(2) == decided, CONFIDENCE, 1 - CONFIDENCE)

    model = scanner.Model(answer, model_type="classification", classification_labels=[0, 1])
    table = scanner.Dataset(scanned, target="truth", cat_columns=_labels(world))
    report = scanner.scan(
        model, table, features=list(world.rows), only="performance_bias", verbose=False,
        raise_exceptions=True,
    )  # fmt: skip
    for issue in report.issues:
        yield np.isin(np.arange(len(scanned)), table.slice(issue.slicing_fn).df.index)


def _labels(world: Planted) -> list[str]:
    return [str(name) for name in world.rows if str(name).startswith("t")]


SEARCHES: dict[str, dict[str, Callable[[Planted], Iterator[Flags]]]] = {
    "pytest-mlquality": {"defaults": ours},
    "deepchecks": {"defaults": partial(deepchecks, tuned=False), "tuned": partial(deepchecks, tuned=True)},
    # With a false discovery rate of its own choice it stops with an error where nothing is found.
    "giskard": {"defaults": giskard},
}

if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main(*sys.argv[1:])
