"""Does nothing fail where nothing is wrong? ``python studies/clean_situations.py`` writes clean_situations.json.

Situations that an audit chose because our own studies had none of them: rare flags, columns that are hardly known, few
rows, rare classes, rows that repeat, weights of which few dominate, sentinels that a sample lacks, heavy tails, units,
texts too many to count, days that are alike. In each the truth satisfies the limit; a run is one claim, or those of a
table's columns, at the levels of the settings: how many fail, pass, and are undecided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from record import PACKAGE, origin, write

from pytest_mlquality.data import in_memory
from pytest_mlquality.data.profiles import profile
from pytest_mlquality.data.time_blocks import with_blocks
from pytest_mlquality.limit import Limit
from pytest_mlquality.measurement import Measurement, Measurements
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.attribution_shares import largest_share
from pytest_mlquality.measures.attribution_tails import where_movement_is_seen
from pytest_mlquality.measures.column_importance import Importance
from pytest_mlquality.measures.drift import MEASURES, column_drift
from pytest_mlquality.measures.equal_rows import hashed
from pytest_mlquality.measures.fairness import among_groups
from pytest_mlquality.measures.group_cells import Grouping
from pytest_mlquality.measures.joint_drift import joint_drift
from pytest_mlquality.measures.performance import metric
from pytest_mlquality.measures.repeats import repeat
from pytest_mlquality.measures.slicing import Slice
from pytest_mlquality.measures.unseen_texts import unseen_texts
from pytest_mlquality.measures.weak_slices import weak_slices
from pytest_mlquality.recording import recording
from pytest_mlquality.settings import SkewSettings
from pytest_mlquality.verdict import Judgement, Levels, Verdict

COVERED = (
    "verdict.py",
    "measurement.py",
    "measures/drift.py",
    "measures/unseen_texts.py",
    "measures/repeats.py",
    "measures/weak_slices.py",
    "measures/attribution_tails.py",
    *sorted(f"statistics/{path.name}" for path in (PACKAGE / "statistics").glob("*.py") if path.name != "__init__.py"),
)
OUTPUT = Path(__file__).with_name("clean_situations.json")
SEED = 2_212
LIMITS = {
    measure: limit
    for measure, limit in SkewSettings().metrics.items()
    if measure in MEASURES and limit.at_most is not None
}
Draw = np.random.Generator


class Kept:
    """What the claims of a run came to, at the default levels."""

    levels = Levels()

    def __init__(self) -> None:
        self.verdicts: Counter[str] = Counter()

    def record(self, judgement: Judgement) -> bool:
        """Count a verdict."""
        self.verdicts[str(judgement.verdict or "too small")] += 1
        return judgement.verdict is not Verdict.FAIL


def columns_of(reference: pd.DataFrame, current: pd.DataFrame, unit: str | None = None) -> None:
    """Hold every column of two tables to the default limits."""
    tables = (in_memory("reference", reference, "drawn"), in_memory("current", current, "drawn"))
    hold(*tables, [str(name) for name in reference if name != unit], unit)


def hold(reference: Any, current: Any, names: list[str], unit: str | None) -> None:  # noqa: ANN401 - tables
    """Hold columns of two tables to the default limits, measure by measure."""
    before = profile(reference, names, unit=unit)
    after = profile(current, like=before, unit=unit)
    for measure, limit in LIMITS.items():
        asked = [column_drift(measure, name, before, after, ("reference", "current")) for name in names]
        found = [one for one in asked if one is not None]
        if found:
            Measurements(measure, found).within(limit)


def rare_flag(draw: Draw) -> None:
    """A flag of 0.1%, 5,000 rows against 500."""
    reference, current = (pd.DataFrame({"flag": draw.random(rows) < 0.001}) for rows in (5_000, 500))
    columns_of(reference, current)


def hardly_known(draw: Draw) -> None:
    """A number and a label known in 0.3% of 5,000 rows."""

    def rows() -> pd.DataFrame:
        known = draw.random(5_000) < 0.003
        label = pd.Series(draw.choice(["a", "b"], 5_000)).where(known)
        return pd.DataFrame({"x": np.where(known, draw.normal(size=5_000), np.nan), "label": label})

    columns_of(rows(), rows())


def few_rows(draw: Draw) -> None:
    """150 rows a side told apart by a classifier."""
    sides = [pd.DataFrame(draw.normal(size=(150, 4)), columns=list("abcd")) for _ in range(2)]
    Measurements("joint_drift", [joint_drift(sides[0], sides[1], unit=(None, None), seed=1)]).within(
        Limit(at_most=0.54)
    )


def rare_class(draw: Draw) -> None:
    """Equalized odds of two groups, 5,000 rows, a class of 0.5%."""
    truth = (draw.random(5_000) < 0.005).astype(int)
    decided = (draw.random(5_000) < np.where(truth == 1, 0.7, 0.05)).astype(int)
    group = draw.random(5_000) < 0.4
    grouping = Grouping("sex", [Slice("f", group), Slice("m", ~group)])
    among_groups("equalized_odds_difference", Answers(truth, decided, classes=(0, 1)), grouping).within(
        Limit(at_most=0.1)
    )


def repeated_rows(draw: Draw) -> None:
    """Weak slices of 600 rows that each stand there four times."""
    once = pd.DataFrame({name: draw.normal(size=600) for name in "abc"} | {"k": draw.integers(0, 4, 600)})
    right = draw.random(600) < 0.8
    place = np.repeat(np.arange(600), 4)
    truth = np.ones(len(place), dtype=int)
    decided = np.where(right[place], 1, 0)
    rows = once.iloc[place].reset_index(drop=True)
    copies = hashed(rows.assign(decided=decided))
    # As the gate does, which then counts copies as one unit.
    unit = copies if repeat(copies, [rows[name].to_numpy for name in "abc"]) else None
    answers = Answers(truth, decided, classes=(0, 1), unit=unit, seed=int(draw.integers(1_000)))
    weak_slices("accuracy", answers, rows, depth=2, least_rows=50).within(Limit(at_most=0.1))


def heavy_weights(draw: Draw) -> None:
    """Accuracy of 500 rows of which 100 have nearly all of the weight, two points above its limit."""
    weight = np.where(np.arange(500) < 100, 100.0, 1.0)
    right = draw.random(500) < 0.9
    answers = Answers(np.ones(500, dtype=int), right.astype(int), classes=(0, 1), weight=weight)
    metric("accuracy", answers).within(Limit(at_least=0.88))


def heavy_rates(draw: Draw) -> None:
    """The share of positives of two groups alike, 2% of the rows of a hundredfold weight."""
    truth, decided = (draw.random((2, 4_000)) < 0.2).astype(int)
    weight, group = np.where(draw.random(4_000) < 0.02, 100.0, 1.0), draw.random(4_000) < 0.5
    answers = Answers(truth, decided, classes=(0, 1), weight=weight)
    grouping = Grouping("sex", [Slice("f", group), Slice("m", ~group)])
    among_groups("demographic_parity_difference", answers, grouping).within(Limit(at_most=0.05))


def sentinel(draw: Draw) -> None:
    """Means of 200 rows against 50,000 of which 0.1% are -999."""

    def rows(n: int) -> pd.DataFrame:
        return pd.DataFrame({"x": np.where(draw.random(n) < 0.001, -999.0, draw.normal(50, 10, n))})

    before = profile(in_memory("reference", rows(50_000), "drawn"))
    after = profile(in_memory("current", rows(200), "drawn"), like=before)
    found = column_drift("mean_difference", "x", before, after, ("reference", "current"))
    assert found is not None
    found.within(Limit(at_most=0.05))


def heavy_errors(draw: Draw) -> None:
    """Mean absolute error of 100 rows with tails of 2.5 degrees of freedom, a tenth below its limit."""
    error = draw.standard_t(2.5, 100)
    answers = Answers(np.zeros(100), error, task="regression")
    # The mean of |t| with 2.5 degrees of freedom.
    metric("neg_mean_absolute_error", answers).within(Limit(at_least=-1.1 * MEAN_T))


def rare_errors(draw: Draw) -> None:
    """R2 of 1,000 rows of which 0.5% err a hundredfold, above its limit."""
    truth = draw.normal(size=1_000)
    error = 0.3 * draw.normal(size=1_000) * np.where(draw.random(1_000) < 0.005, 100, 1)
    metric("r2", Answers(truth, truth + error, task="regression")).within(Limit(at_least=-4.0))


class _Attributions:
    columns, method, unit = ("a", "b"), "known", "points"

    def __init__(self, values: Any) -> None:  # noqa: ANN401 - an array
        self.values = values


def heavy_explanations(draw: Draw) -> None:
    """The largest share of 100 explained rows whose sizes have a power law of index 1.5; truly 0.70."""
    sizes = draw.pareto(1.5, 100) + 1
    values = np.stack([sizes, draw.normal(size=100) * 1.59], axis=1)[:, :, None]
    found = Importance.of_attributions(_Attributions(values), unit=None, weight=None)  # type: ignore[arg-type]
    where_movement_is_seen(largest_share(found), found).within(Limit(at_most=0.8))


def in_units(draw: Draw) -> None:
    """100 units of 50 rows on either side, with an intraclass correlation of 0.1."""

    def rows() -> pd.DataFrame:
        unit = np.repeat(np.arange(100), 50)
        level = np.sqrt(0.1) * draw.normal(size=(100, 5))[unit]
        frame = pd.DataFrame(level + np.sqrt(0.9) * draw.normal(size=(5_000, 5)), columns=list("abcde"))
        return frame.assign(unit=unit)

    columns_of(rows(), rows(), "unit")


def many_texts(draw: Draw) -> None:
    """5,000 rows of 3,000 merchants that have not moved."""
    share = draw.dirichlet(np.ones(3_000))
    before, after = (
        in_memory("rows", pd.DataFrame({"shop": draw.choice(3_000, 5_000, p=share).astype(str)}), "drawn")
        for _ in range(2)
    )
    found = Measurement.of("unseen_share[shop]", unseen_texts(before, after, "shop", (1.0, 1.0)), unit="share")
    found.within(LIMITS.get("unseen_share", Limit(at_most=0.01)))


def alike_days(draw: Draw) -> None:
    """Two years of twenty rows a day, each day like the one before, in blocks of two weeks."""

    def rows(start: str) -> Any:  # noqa: ANN401 - a table
        found = {"t": np.repeat(pd.date_range(start, periods=364), 20)}
        for name in "abc":
            level = np.zeros(364)
            for day in range(1, 364):
                level[day] = 0.9 * level[day - 1] + np.sqrt(0.19) * draw.normal()
            found[name] = np.sqrt(0.2) * np.repeat(level, 20) + np.sqrt(0.8) * draw.normal(size=364 * 20)
        return with_blocks(in_memory("rows", pd.DataFrame(found), "drawn"), "block", "t", "2 weeks")

    hold(rows("2024-01-01"), rows("2025-01-01"), list("abc"), "block")


MEAN_T = 1.2060
# How many runs of each: a thousand in all.
SITUATIONS: Mapping[Callable[[Draw], None], int] = {
    rare_flag: 100,
    hardly_known: 80,
    few_rows: 60,
    rare_class: 80,
    repeated_rows: 50,
    heavy_weights: 80,
    heavy_rates: 80,
    sentinel: 80,
    heavy_errors: 80,
    rare_errors: 80,
    heavy_explanations: 80,
    in_units: 60,
    many_texts: 60,
    alike_days: 30,
}


def judged(situation: Callable[[Draw], None], run: int) -> dict[str, int]:
    """Return how many verdicts of each kind a run gave."""
    kept = Kept()
    with recording(kept):
        situation(np.random.default_rng([SEED, list(SITUATIONS).index(situation), run]))
    return dict(kept.verdicts)


def cells() -> Iterator[dict[str, Any]]:
    """Yield what each situation came to."""
    with ProcessPoolExecutor() as workers:
        for situation, runs in SITUATIONS.items():
            found = list(workers.map(judged, [situation] * runs, range(runs), chunksize=5))
            total = sum((Counter(one) for one in found), Counter())
            said = (situation.__doc__ or "").strip().rstrip(".")
            cell = {
                "situation": situation.__name__,
                "what": said,
                "runs": runs,
                "runs_with_a_fail": sum(one.get("fail", 0) > 0 for one in found),
                "verdicts": dict(sorted(total.items())),
            }
            print(cell, flush=True)
            yield cell


def main() -> None:
    made = origin(SEED, ("numpy", "pandas", "scipy", "scikit-learn", "duckdb"), COVERED)
    write(OUTPUT, made | {"limits": {name: limit.at_most for name, limit in LIMITS.items()}, "cells": list(cells())})


if __name__ == "__main__":
    main()
