"""How much worse a model may be that has not answered one row otherwise: a re-release of the same model, say.

Of n rows on which no answer differs, the share of all rows on which one does is below Clopper and Pearson's upper bound
of 0 in n. By how much a metric can move when so many answers change, whichever they are, follows from what it is. With
c the share of changed rows, P(k) and D(k) the shares of rows of class k in truth and as decided:

- mean of losses between a and b: ``c (b - a)``, the log loss included, as scikit-learn clips probabilities;
- recall: ``c / P``; precision: ``c / (D - c)``; Jaccard index: ``c / (max(P, D) - c)``;
- F-beta, ``N / E`` with E = beta^2 P + D: ``(1 + beta^2) c / (E - c)``;
- averages over classes: the mean, or by frequency the largest, of what each class can move;
- ROC AUC: the shares of changed positive and of changed negative rows, added up;
- average precision: at recall u the precision is ``p u / (p u + b)``. Negative rows that move above it lose at most
  ``c / (p u + c)``, over all u ``r log(1 + 1 / r)`` with r the changed negatives over the positives. Positive rows that
  move below it, a share d of them, lose d themselves, and of the others ``d / (2 u - d)`` at most, over all u
  ``d / 2 log(2 / d)``.

Each share has a part of the level.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf, log

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.row_losses import row_losses
from pytest_mlquality.measures.shares import share
from pytest_mlquality.statistics.estimate import Bound, Estimate
from pytest_mlquality.statistics.weighted_share import weighted_share_of

Flags = NDArray[np.bool_]

UNCHANGED = "no answer differs on these rows: bounded by what the share of rows on which one may differ can do"


def no_answer_differs(metric: Metric, judged: Answers, other: Answers) -> bool:
    """Return whether two models answer every row alike in what the metric looks at."""
    if metric.function is not None:
        return same_answers(judged, other)
    if metric.needs == "scores":
        return np.array_equal(judged.score, other.score)
    return np.array_equal(judged.decision, other.decision)


def same_answers(judged: Answers, other: Answers) -> bool:
    """Return whether two models answer every row alike in all that they say."""
    first, second = judged.probabilities, other.probabilities
    if first is None or second is None:
        return first is second and np.array_equal(judged.decision, other.decision)
    return np.array_equal(judged.decision, other.decision) and np.array_equal(first, second)


def unchanged(found: Estimate, metric: Metric, answers: Answers) -> Estimate | None:
    """Return a loss of 0 with bounds of what changed rows can do; None where nothing bounds that.

    Parameters
    ----------
    found
        The loss with the bounds that it has from its variance, which is 0.
    answers
        Those of both models.
    """
    reach = _reach(metric, answers)
    if reach is None:
        return None
    width = metric.support[1] - metric.support[0]
    return replace(
        found,
        method="what changed rows can do, their share by Clopper-Pearson",
        lower=lambda level: -min(reach(level), width),
        upper=lambda level: min(reach(level), width),
        reason=UNCHANGED,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Rows of which shares are bounded."""

    answers: Answers

    def changed(self, level: float, among: Flags | None = None) -> float:
        """Return an upper bound of the share of rows on which an answer differs, of those among which none does."""
        some = np.ones(len(self.answers), dtype=np.bool_) if among is None else among
        part = self.answers.of_rows(some)
        nothing = np.zeros(len(part), dtype=np.bool_)
        return weighted_share_of(nothing, unit=part.unit, weight=part.weight).upper(level) if len(part) else 1.0

    def least(self, rows: Flags, level: float) -> float:
        """Return a lower bound of the share of rows of a kind."""
        return weighted_share_of(rows, unit=self.answers.unit, weight=self.answers.weight).lower(level)


def _reach(metric: Metric, answers: Answers) -> Bound | None:
    """Return by how much a metric can move, as a function of the level; None where nothing bounds it."""
    if metric.function is not None or answers.task in ("ranking", "regression"):
        return None
    rows = _Rows(answers)
    if metric.name.startswith("roc_auc"):
        return _of_area(rows) if answers.task == "binary" else None
    if metric.name == "average_precision":
        return _of_precisions(rows) if answers.task == "binary" else None
    return _of_rows(metric, rows) or _of_classes(metric, rows)


def _of_rows(metric: Metric, rows: _Rows) -> Bound | None:
    """Return the reach of a mean over all rows, or of a function of one that is nowhere steeper than 2."""
    part = share(metric, rows.answers)
    if part is not None and part.fixed and part.among.all() and part.weight is rows.answers.weight:
        steepest = 1.0 if part.function is None else 2.0
        return lambda level: steepest * rows.changed(level)
    losses = row_losses(metric, rows.answers)
    if losses is None or losses.is_root or losses.weight is not None:
        return None
    width = losses.support[1] - losses.support[0]
    return None if width == inf else lambda level: width * rows.changed(level)


def _of_classes(metric: Metric, rows: _Rows) -> Bound | None:
    """Return the reach of what is counted of a class, or averaged over the classes of a task of single labels."""
    name, _, average = metric.family.partition("_")
    if name not in _OF_CLASS or rows.answers.task == "multilabel" or average not in ("", "macro", "weighted"):
        return None
    of_class = _OF_CLASS[name]
    last = max(rows.answers.truth.max(), rows.answers.decision.max())
    places = range(last + 1) if average else [1]
    square = 1.0 if metric.parameter is None else metric.parameter**2
    kinds = [(rows.answers.truth == place, rows.answers.decision == place) for place in places]
    there = [(truth, decided) for truth, decided in kinds if truth.any() or decided.any()]

    def reach(level: float) -> float:
        part = level / (1 + 2 * len(there))
        changed = rows.changed(part)
        each = [
            of_class(changed, rows.least(truth, part), rows.least(decided, part), square) for truth, decided in there
        ]
        return max(each) if average == "weighted" else float(np.mean(each))

    return reach


# Of the share of changed rows, the least shares of rows of the class in truth and as decided, and beta^2.
_OF_CLASS: dict[str, Callable[[float, float, float, float], float]] = {
    "recall": lambda changed, truth, _decided, _square: _over(changed, truth),
    "precision": lambda changed, _truth, decided, _square: _over(changed, decided - changed),
    "jaccard": lambda changed, truth, decided, _square: _over(changed, max(truth, decided) - changed),
    "f1": lambda changed, truth, decided, _square: _over(2 * changed, truth + decided - changed),
    "fbeta": lambda changed, truth, decided, square: _over((1 + square) * changed, square * truth + decided - changed),
}


def _over(changed: float, rest: float) -> float:
    return changed / rest if rest > 0 else inf


def _of_area(rows: _Rows) -> Bound:
    positive = rows.answers.positives
    return lambda level: rows.changed(level / 2, positive) + rows.changed(level / 2, ~positive)


def _of_precisions(rows: _Rows) -> Bound:
    positive = rows.answers.positives

    def reach(level: float) -> float:
        part = level / 3
        least = rows.least(positive, part)
        if not least > 0:
            return inf
        fallen = rows.changed(part, positive)
        risen = (1 - least) * rows.changed(part, ~positive) / least
        return fallen + fallen / 2 * log(2 / fallen) + risen * log(1 + 1 / risen)

    return reach
