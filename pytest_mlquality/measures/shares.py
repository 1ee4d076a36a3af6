"""Metrics that are a share of rows, or a monotone function of one: shares have exact bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.metric import Metric

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

_CORRECT = frozenset({"accuracy", "f1_micro", "precision_micro", "recall_micro", "recall_weighted", "jaccard_micro"})
_WRONG = frozenset({"zero_one_loss", "hamming_loss"})
_CLASSES_ALIKE = frozenset({"balanced_accuracy", "recall_macro"})
# Of single labels: with a share s of right decisions, or of true positives among all that are positive in any way.
_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "f1": lambda s: 2 * s / (1 + s),
    "jaccard_micro": lambda s: s / (2 - s),
}
_TOP = 2


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """Rows that a metric is a share of.

    Parameters
    ----------
    success
        Whether each row is one, shape (n,).
    among
        The rows that count, shape (n,).
    weight, unit
        As in `Answers`.
    function
        Increasing: the metric as a function of the share; None where it is the share.
    fixed
        Whether truth alone decides which rows count, so that two models share them.
    """

    success: Flags
    among: Flags
    weight: Floats | None
    unit: NDArray[Any] | None
    function: Callable[[float], float] | None = None
    fixed: bool = True

    @property
    def rows(self) -> dict[str, Any]:
        """Unit and weight of the rows that count, as arguments of an estimator."""
        return {name: None if array is None else array[self.among] for name, array in self._beside}

    @property
    def _beside(self) -> tuple[tuple[str, NDArray[Any] | None], ...]:
        return (("unit", self.unit), ("weight", self.weight))


def share(metric: Metric, answers: Answers) -> Share | None:
    """Return the rows that a metric is a share of; None where it is none.

    F1 is a share in disguise: with J true positives for each row that is positive in truth or decision, it is
    2 J / (1 + J). F-beta is a share of weighted ones: a true positive weighs 1 + beta^2, a missed one beta^2.
    """
    name = metric.family
    if answers.task in ("regression", "ranking"):
        return None
    if answers.task == "multilabel":
        return _whole_rows(name, answers)
    right = answers.truth == answers.decision
    everywhere = np.ones(len(answers), dtype=np.bool_)
    beside = answers.weight, answers.unit
    if name in _CORRECT:
        return Share(right, everywhere, *beside, _FUNCTIONS.get(name))
    if name in _WRONG:
        return Share(~right, everywhere, *beside)
    if name in _CLASSES_ALIKE and _rows_are_units(answers):
        return Share(right, everywhere, _classes_alike(answers), None)
    if name == "top_k_accuracy":
        return Share(_among_the_top(answers, int(metric.parameter or _TOP)), everywhere, *beside)
    if name == "recall":
        return Share(right, answers.positives, *beside)
    decided = np.asarray(answers.decision == 1)
    if name == "precision":
        return Share(right, decided, *beside, fixed=False)
    if name in ("jaccard", "f1"):
        return Share(right, answers.positives | decided, *beside, _FUNCTIONS.get(name), fixed=False)
    if name == "fbeta" and metric.parameter is not None:
        weight = _of_fbeta(answers, metric.parameter**2)
        return Share(right, answers.positives | decided, weight, answers.unit, fixed=False)
    return None


def _of_fbeta(answers: Answers, square: float) -> Floats:
    weight = np.ones(len(answers)) if answers.weight is None else answers.weight
    return np.asarray(weight * (square * answers.positives + (answers.decision == 1)))


def _whole_rows(name: str, answers: Answers) -> Share | None:
    right = (answers.truth == answers.decision).all(axis=1)
    if name not in ("accuracy", "zero_one_loss"):
        return None
    return Share(right if name == "accuracy" else ~right, np.ones_like(right), answers.weight, answers.unit)


def _rows_are_units(answers: Answers) -> bool:
    return answers.unit is None or len(set(answers.unit.tolist())) == len(answers)


def _classes_alike(answers: Answers) -> Floats:
    """Return weights by which every class weighs the same in total.

    Given how many rows each class has, this makes the mean of the recalls a weighted share of right decisions.
    """
    weight = np.ones(len(answers)) if answers.weight is None else answers.weight
    total = np.bincount(answers.truth, weights=weight, minlength=len(answers.classes or ()))
    return np.asarray(weight / np.maximum(total, np.finfo(float).tiny)[answers.truth])


def _among_the_top(answers: Answers, k: int) -> Flags:
    # Among equal scores scikit-learn prefers the later class.
    best = np.argsort(answers.score, axis=1, kind="stable")[:, ::-1][:, :k]
    return np.asarray((best == answers.truth[:, None]).any(axis=1))
