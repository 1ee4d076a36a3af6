"""By how much a metric can differ between two models that answer all rows at hand alike.

Of n rows none differs, so that the share of rows on which the models differ is at most ``1 - level ** (1 / n)``
(Clopper and Pearson 1934): of as many rows as these, k. What k changed rows can do to the metric is tried out on the
rows at hand, in the ways that hurt it most and help it most; the larger of both bounds the difference on either side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from math import ceil, inf, isfinite

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.sample import Sample
from pytest_mlquality.measures.scoring import score
from pytest_mlquality.measures.small_samples import rows_count_alike
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.pivot import checked

Floats = NDArray[np.float64]

# Metrics of scores that are looked at row by row, or pair by pair: an operating point jumps.
OF_SCORES = ("log_loss", "neg_log_loss", "average_precision", "d2_log_loss_score", "d2_brier_score")
# With more, so many ways to change a row take seconds; more rows are changed only at levels that nobody asks for.
MOST_CLASSES, MOST_ROWS = 4, 25
# The level at which two estimates are compared: what tells nothing there tells nothing anywhere.
USUAL = 0.05


def answer_alike(challenger: Answers, baseline: Answers) -> bool:
    """Return whether two models say the same of every row: decisions, and probabilities where both have them."""
    if not np.array_equal(challenger.predicted, baseline.predicted):
        return False
    of_both = (challenger.probabilities, baseline.probabilities)
    return of_both[0] is None or of_both[1] is None or np.array_equal(of_both[0], of_both[1])


def where_answers_are_alike(found: Estimate, metric: Metric, challenger: Answers, baseline: Answers) -> Estimate:
    """Return a loss to the baseline, where no row differs with bounds from those that may, if these are tighter."""
    if found.value != 0 or found.lower(USUAL) == 0 == found.upper(USUAL) or not answer_alike(challenger, baseline):
        return found
    sure = _by_changed_rows(metric, challenger)
    return sure if sure is not None and sure.upper(USUAL) < found.upper(USUAL) else found


def _by_changed_rows(metric: Metric, answers: Answers) -> Estimate | None:
    """Return a loss of 0 with the bounds of this module; None where nothing bounds what a row can do to the metric."""
    n, classes = len(answers), len(answers.classes or ())
    if answers.task not in ("binary", "multiclass") or metric.function is not None or not rows_count_alike(answers):
        return None
    if metric.needs == "labels" and metric.gain is None and classes <= MOST_CLASSES:
        reach = _of_decisions(metric, answers)
    elif metric.family in OF_SCORES and answers.probabilities is not None:
        reach = _of_scores(metric, answers)
    else:
        return None

    @cache
    def bound(level: float) -> float:
        rows = max(1, ceil(n * (1 - checked(level) ** (1 / n))))
        return reach(rows) if rows <= MOST_ROWS else inf

    method = "no answer differs: what the rows that may differ can do (Clopper-Pearson)"
    low, high = metric.support
    width = high - low
    return Estimate(
        0.0, n, method, lambda level: -min(bound(level), width), lambda level: min(bound(level), width), n
    )  # fmt: skip


def _of_decisions(metric: Metric, answers: Answers) -> Callable[[int], float]:
    """Return a function from a number of rows to what they can do to a metric of decisions, if decided otherwise."""
    side = len(answers.classes or ())
    counts = np.zeros((side, side))
    np.add.at(counts, (answers.truth, answers.decision), 1)
    cells = [(truth, decided) for truth in range(side) for decided in range(side)]

    def value(table: Floats) -> float:
        held = [cell for cell in cells if table[cell]]
        sample = Sample(
            answers.task,
            side,
            np.array([truth for truth, _ in held]),
            np.array([decided for _, decided in held]),
            weight=np.array([table[cell] for cell in held]),
        )
        return score(metric, sample).value

    def changed(table: Floats) -> Iterator[Floats]:
        for truth, decided in cells:
            for other in range(side):
                if table[truth, decided] >= 1 and other != decided:
                    after = table.copy()
                    after[truth, decided] -= 1
                    after[truth, other] += 1
                    yield after

    now = value(counts)

    @cache
    def furthest(rows: int, sign: int) -> tuple[float, bytes]:
        table = counts if rows == 1 else np.frombuffer(furthest(rows - 1, sign)[1]).reshape(side, side)
        ways = [(sign * (value(after) - now), after.tobytes()) for after in changed(table)]
        # A metric that is lost on the way is lost for good.
        return max(((far if isfinite(far) else inf, after) for far, after in ways), key=lambda way: way[0])

    return lambda rows: max(furthest(rows, sign)[0] for sign in (-1, 1))


def _of_scores(metric: Metric, answers: Answers) -> Callable[[int], float]:
    """Return a function from a number of rows to what they can do to a metric of scores, if scored otherwise."""
    now = score(metric, Sample.of(answers)).value
    assert answers.probabilities is not None
    of_truth = answers.probabilities[np.arange(len(answers)), _places(answers)]
    order = np.argsort(of_truth, kind="stable")

    def reach(rows: int) -> float:
        changes = []
        for kind in np.unique(answers.truth):
            of_kind, others = order[answers.truth[order] == kind], order[answers.truth[order] != kind]
            for many in range(rows + 1):
                # The best of them turned wrong, and the worst of them turned right.
                for is_right, part in ((False, slice(None, None, -1)), (True, slice(None))):
                    chosen = np.r_[of_kind[part][:many], others[part][: rows - many]]
                    changes.append(score(metric, Sample.of(_turned(answers, chosen, is_right=is_right))).value - now)
        return max(abs(change) if isfinite(change) else inf for change in changes)

    return reach


def _turned(answers: Answers, rows: NDArray[np.intp], *, is_right: bool) -> Answers:
    """Return answers that are surely right, or surely wrong, on some rows."""
    assert answers.probabilities is not None
    likely = answers.probabilities.copy()
    side, places = likely.shape[1], _places(answers)[rows]
    likely[rows] = 0.0
    likely[rows, places if is_right else (places + 1) % side] = 1.0
    return replace(answers, probabilities=likely)


def _places(answers: Answers) -> NDArray[np.intp]:
    """Return the column of the probability of what is true of each row."""
    if answers.task != "binary" or answers.classes is None:
        return answers.truth.astype(np.intp)
    positive = answers.classes.index(answers.positive)
    return np.where(answers.truth == 1, positive, 1 - positive).astype(np.intp)
