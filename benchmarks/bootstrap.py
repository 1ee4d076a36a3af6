"""How long a bootstrap of 1,000 resamples of 70,000 rows takes, against scikit-learn called on every resample.

    python benchmarks/bootstrap.py [--rows 70000] [--resamples 1000]

The data are made here with a seed; seconds are the processor's. Both ways are timed in turn in this process, on
resamples of the same rows; what counts is their ratio within one run. scikit-learn is timed on 200 resamples.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.metrics import find
from pytest_mlquality.measures.sample import Rows, Sample
from pytest_mlquality.measures.scoring import on_rows, score
from pytest_mlquality.statistics.bootstrap import FEWEST_RESAMPLES, bootstrap

METRICS = {
    "binary": ("f1_macro", "f1_weighted", "matthews_corrcoef", "average_precision", "brier_resolution"),
    "multiclass": ("roc_auc_ovr", "roc_auc_ovo", "d2_log_loss_score"),
    "multilabel": ("f1_macro", "jaccard_weighted", "roc_auc"),
    "regression": ("r2", "median_absolute_error", "d2_absolute_error_score"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=70_000)
    parser.add_argument("--resamples", type=int, default=1_000)
    options = parser.parse_args()
    nothing = seconds(lambda _rows: 0.0, options.rows, options.resamples)
    print(f"{options.resamples:,} resamples of {options.rows:,} rows; drawing them alone: {nothing:.2f} s")
    for task, names in METRICS.items():
        answers = made(task, options.rows)
        for name in names:
            metric = find(name)
            ours = seconds(on_rows(metric, answers), options.rows, options.resamples)
            theirs = seconds(partial(asked, metric, answers), options.rows, FEWEST_RESAMPLES)
            theirs *= options.resamples / FEWEST_RESAMPLES
            print(f"{name}: {ours:.2f} s, scikit-learn on every resample {theirs:.2f} s, ratio {theirs / ours:.1f}")


def asked(metric: Metric, answers: Answers, rows: Rows) -> float:
    """Return what scikit-learn says of a metric on rows."""
    return score(metric, Sample.of(answers, rows)).value


def seconds(function: Callable[..., float], rows: int, resamples: int) -> float:
    """Return how much of the processor's time a bootstrap takes."""
    start = time.process_time()
    bootstrap(function, rows, seed=0, resamples=resamples)
    return time.process_time() - start


def made(task: str, rows: int) -> Answers:
    """Return answers of a model that is right about four times in five, or explains most of the variance."""
    draw = np.random.default_rng(0)
    if task == "regression":
        target = draw.normal(size=rows)
        return Answers(target, target + 0.5 * draw.normal(size=rows), task="regression")
    if task == "multilabel":
        truth = (draw.random((rows, 5)) < 0.3).astype(int)
        chances = (truth + draw.random((rows, 5))) / 2
        return Answers(truth, (chances > 0.6).astype(int), chances, tuple("abcde"), task)
    if task == "multiclass":
        truth = draw.integers(3, size=rows)
        chances = draw.dirichlet(np.ones(3), size=rows) + 0.5 * np.eye(3)[truth]
        chances /= chances.sum(axis=1, keepdims=True)
        return Answers(truth, chances.argmax(axis=1), chances, (0, 1, 2), task)
    positive = draw.random(rows) < 0.3
    chance = 1 / (1 + np.exp(-draw.normal(np.where(positive, 1.0, -1.0), 1.2)))
    return Answers(
        target=positive.astype(int),
        predicted=(chance >= 0.5).astype(int),
        probabilities=np.column_stack([1 - chance, chance]),
        classes=(0, 1),
    )


if __name__ == "__main__":
    main()
