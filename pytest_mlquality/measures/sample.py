"""Rows in the shape in which scikit-learn is asked about them: coded, selected, weighted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from pytest_mlquality.measures.answers import Answers

Array = NDArray[Any]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Truth and answers of some rows.

    Parameters
    ----------
    classes
        How many classes the model knows (labels, of multilabel); 0 for regression.
    truth, decision
        As `Answers` codes them.
    score
        Of the positive class, or of every class; None where the model gives none.
    weight
        None: all weigh the same.
    answers, rows
        Where they were taken from, for what must be asked about labels as the data have them.
    """

    task: str
    classes: int
    truth: Array
    decision: Array
    score: Array | None = None
    weight: Array | None = None
    answers: Answers | None = None
    rows: Rows | None = None

    @classmethod
    def of(cls, answers: Answers, rows: Rows | None = None) -> Sample:
        """Take rows by their numbers, with repetition; None takes each once."""

        def taken(array: Array) -> Array:
            return array if rows is None else np.asarray(array[rows])

        return cls(
            task=answers.task,
            classes=answers.truth.shape[1] if answers.task == "multilabel" else len(answers.classes or ()),
            truth=taken(answers.truth),
            decision=taken(answers.decision),
            score=None if answers.probabilities is None else taken(answers.score),
            weight=None if answers.weight is None else taken(answers.weight),
            answers=answers,
            rows=rows,
        )

    @property
    def labels(self) -> tuple[Any, ...]:
        """The labels that the codes stand for, in their order."""
        return (self.answers.classes if self.answers is not None else None) or ()

    @property
    def whole(self) -> Answers:
        """The answers that the rows were taken from.

        Raises
        ------
        ValueError
            Only some rows were, with repetition: a list of which some items are drawn twice is no list.
        """
        if self.answers is None or self.rows is not None:
            raise ValueError("an order is that of whole lists")
        return self.answers

    def as_the_data_have_it(self, name: str) -> Array:
        """Return ``target`` or ``predicted`` of the rows, labels and not their codes."""
        array = np.asarray(getattr(self.answers, name))
        return array if self.rows is None else np.asarray(array[self.rows])

    @property
    def weighted(self) -> dict[str, Array]:
        """The argument by which scikit-learn takes weights, or none."""
        return {} if self.weight is None else {"sample_weight": self.weight}

    def heavy(self) -> Sample:
        """Return the rows that weigh anything, all alike."""
        if self.weight is None:
            return self
        kept = self.weight > 0
        score = None if self.score is None else self.score[kept]
        return Sample(self.task, self.classes, self.truth[kept], self.decision[kept], score)

    @property
    def estimator(self) -> BaseEstimator:
        """An estimator that gives these answers; its features are the numbers of the rows."""
        return StoredRegressor(self) if self.task == "regression" else StoredClassifier(self)


class Stored(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """An estimator whose decisions are known beforehand."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample

    def predict(self, rows: Rows) -> Array:
        """Return the decisions on rows, by their numbers."""
        return np.asarray(self.sample.decision[rows])


class StoredRegressor(RegressorMixin, Stored):  # type: ignore[misc]  # scikit-learn has no types
    """Known predictions."""


class StoredClassifier(ClassifierMixin, Stored):  # type: ignore[misc]  # scikit-learn has no types
    """Known decisions and probabilities."""

    @property
    def classes_(self) -> Any:  # noqa: ANN401 - an array; of multilabel a list of them, as scikit-learn has it
        """The numbers of the classes."""
        if self.sample.task == "multilabel":
            return [np.arange(2)] * self.sample.classes
        return np.arange(self.sample.classes)

    def predict_proba(self, rows: Rows) -> Array:
        """Return the probabilities of rows, by their numbers."""
        score = np.asarray(self.sample.score)[rows]
        return np.column_stack([1 - score, score]) if self.sample.task == "binary" else score
