"""How long the intervals of rates in every group take, beside the bootstrap of fairlearn, and how they agree.

    python benchmarks/group_intervals.py [--rows 70000] [--resamples 100]

Ten groups, three rates; the data are made here with a seed, and seconds are the processor's. Ours are Clopper-Pearson
from the counts of each group. fairlearn loops over resamples: it is timed on a few, after which the time of 2,000 is
known. The ends of both intervals differ by the error of so few resamples' quantiles; how far, in standard errors of the
rate, is shown.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import fairlearn.metrics as fairlearn
import numpy as np
import pandas as pd

from pytest_mlquality.measurement import INTERVAL_LEVEL, Measurement
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.fairness import among_groups
from pytest_mlquality.measures.group_cells import Grouping
from pytest_mlquality.measures.slicing import by_columns

RATES = ("selection_rate", "true_positive_rate", "false_positive_rate")
GROUPS, USUAL_RESAMPLES, ROUNDS = 10, 2_000, 5
# What the benchmark is there to show: this many times faster, at least.
LEAST_RATIO = 1_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=70_000)
    parser.add_argument("--resamples", type=int, default=100)
    options = parser.parse_args()
    answers, group = made(options.rows)
    begin = time.process_time()
    for _ in range(ROUNDS):
        found = ours(answers, group)
    seconds = (time.process_time() - begin) / ROUNDS
    begin = time.process_time()
    frame = theirs(answers, group, options.resamples)
    all_of_theirs = (time.process_time() - begin) * USUAL_RESAMPLES / options.resamples
    ratio = all_of_theirs / seconds
    print(f"{options.rows:,} rows, {GROUPS} groups, {len(RATES)} rates: {seconds:.3f} s")
    print(f"fairlearn, {USUAL_RESAMPLES:,} resamples, from {options.resamples}: {all_of_theirs:,.0f} s")
    print(f"ratio {ratio:,.0f} (asked {LEAST_RATIO:,})")
    print(f"largest distance between ends of the intervals: {apart(found, frame):.2f} standard errors")
    return 0 if ratio >= LEAST_RATIO else 1


def made(n: int) -> tuple[Answers, pd.Series]:
    """Return answers and the groups of their rows."""
    draw = np.random.default_rng(0)
    group = pd.Series(draw.integers(0, GROUPS, n), name="group")
    truth = (draw.random(n) < 0.4).astype(int)
    decision = (draw.random(n) < np.where(truth == 1, 0.7, 0.2) + 0.01 * group).astype(int)
    return Answers(target=truth, predicted=decision, classes=(0, 1)), group


def ours(answers: Answers, group: pd.Series) -> dict[str, list[Measurement]]:
    """Return every rate of every group; its interval is asked for, and so computed."""
    grouping = Grouping("group", by_columns(group.to_frame(), {}))
    found = {name: list(among_groups(name, answers, grouping)) for name in RATES}
    assert all(one.interval for some in found.values() for one in some)
    return found


def theirs(answers: Answers, group: pd.Series, resamples: int) -> Any:  # noqa: ANN401 - a MetricFrame
    """Return fairlearn's frame of the same with bootstrapped intervals."""
    return fairlearn.MetricFrame(
        metrics={name: getattr(fairlearn, name) for name in RATES},
        y_true=answers.target,
        y_pred=answers.predicted,
        sensitive_features=group,
        n_boot=resamples,
        ci_quantiles=[INTERVAL_LEVEL, 1 - INTERVAL_LEVEL],
        random_state=0,
    )


def apart(found: dict[str, list[Measurement]], frame: Any) -> float:  # noqa: ANN401 - a MetricFrame
    """Return how far ends of the two intervals are apart at most, in standard errors of the rate."""
    low, high = frame.by_group_ci
    distances = []
    for name in RATES:
        for place, one in enumerate(found[name]):
            ends = one.interval or (0.0, 0.0)
            error = (ends[1] - ends[0]) / 2 / 1.96
            distances += [abs(ends[0] - low[name].iloc[place]), abs(ends[1] - high[name].iloc[place])]
            distances[-2:] = [distance / error for distance in distances[-2:]]
    return float(max(distances))


if __name__ == "__main__":
    raise SystemExit(main())
