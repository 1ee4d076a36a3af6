"""What is asked of an explainer, and what every one of them answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.adapters.models import Model

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Rows whose answers are to be explained.

    Parameters
    ----------
    rows
        The columns that the model sees, shape (n, columns).
    background
        Rows that an answer is compared with: what the model answers where nothing is known of a row.
    positive
        Place of the positive class among the two of a binary model: its answers are explained. None: those of every
        class, or the predicted numbers.
    seed
        Of whatever is drawn.
    budget
        How many answers the model may be asked for where its insides are not known.
    """

    model: Model
    rows: pd.DataFrame
    background: pd.DataFrame
    positive: int | None
    seed: int
    budget: int

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the model sees."""
        return tuple(map(str, self.rows.columns))

    def first(self, rows: int) -> Question:
        """Return the question of the first rows alone."""
        return Question(self.model, self.rows.iloc[:rows], self.background, self.positive, self.seed, self.budget)

    def answers(self, frame: pd.DataFrame) -> Floats:
        """Return what the model answers, shape (n, outputs): probabilities, decisions as 0 and 1, or numbers."""
        if self.model.classes is None:
            return self._one_number(np.asarray(self.model.predict(frame), dtype=np.float64))
        if self.model.has_probabilities:
            found = self.model.predict_proba(frame)
        else:
            found = self.model.predict(frame)[:, None] == np.asarray(self.model.classes)[None, :]
        # Of two classes the positive one alone.
        return np.asarray(found if self.positive is None else found[:, [self.positive]], dtype=np.float64)

    def _one_number(self, answers: Floats) -> Floats:
        if answers.ndim > 1:
            raise ModelError(
                f"the model {self.model.uri!r} answers with {answers.shape[1]} numbers a row, and one is explained",
                'name a function that answers with one of them: [model] uri = "python:module:function"',
            )
        return answers[:, None]

    @property
    def names(self) -> list[str]:
        """What each output is called."""
        classes = self.model.classes
        if classes is None:
            return ["prediction"]
        return [str(one) for one in (classes if self.positive is None else [classes[self.positive]])]

    @property
    def unit(self) -> str:
        """What `answers` are."""
        if self.model.classes is None:
            return "prediction"
        return "probability" if self.model.has_probabilities else "decision"


@dataclass(frozen=True, slots=True, eq=False)
class Attributions:
    """By how much each column moved each answer away from the one that is given where nothing is known.

    Parameters
    ----------
    values
        Shape (n, columns, outputs). n may be smaller than was asked for, where the budget allows no more.
    base
        What they start from, shape (n, outputs).
    answers
        What they should add up to, shape (n, outputs).
    unit
        What the outputs are: ``log-odds``, ``probability``, ``prediction`` ...
    method
        How they were obtained, in the field's words.
    fidelity
        Of a local model how well it stands for the answers around each row: R2, shape (n,). None where attributions
        add up by construction.
    """

    columns: tuple[str, ...]
    values: Floats
    base: Floats
    answers: Floats
    unit: str
    method: str
    fidelity: Floats | None = None

    @property
    def gaps(self) -> Floats:
        """By how much base and attributions miss the answers, shape (n, outputs)."""
        gaps: Floats = self.base + self.values.sum(axis=1) - self.answers
        return gaps
