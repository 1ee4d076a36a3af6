"""Rows whose answers are explained: drawn, asked about, and explained once for all who want to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.data.identifiers import identifiers
from pytest_mlquality.settings import ExplanationSettings

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.adapters.explainers import Question
    from pytest_mlquality.measures.column_importance import Importance
    from pytest_mlquality.predictions import Predictions
    from pytest_mlquality.settings import Settings

# Rows that are explained where few of those asked for have most of what moves the answers.
MANY_ROWS = 8_000


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question about rows, with what is known of them beside what the model sees."""

    question: Question
    rows: pd.DataFrame
    unit: NDArray[Any] | None
    weight: NDArray[np.float64] | None


class Attributed:
    """What moves a model's answers, by split and seed."""

    def __init__(self, settings: Settings) -> None:
        self._data = settings.data
        # Tests of the user's own need no section.
        self.section = settings.explanation or ExplanationSettings()
        self._known: dict[tuple[int, str, int], Importance] = {}
        self._enough: dict[tuple[int, str, int], Importance] = {}
        self._drawn: dict[tuple[int, str, int], Asked] = {}

    def of(self, predictions: Predictions, split: str, seed: int) -> Importance:
        """Return what moves the answers to rows of a split that a seed draws, column by column."""
        known = (id(predictions), split, seed)
        if known not in self._known:
            self._known[known] = self._explained(predictions, self.asked(predictions, split, seed), split, seed)
        return self._known[known]

    def of_enough(self, predictions: Predictions, split: str, seed: int) -> Importance:
        """Return the same of `MANY_ROWS`, as far as split and budget have them, where few rows move the answers most.

        Looking again and again until some rows look light would choose those that happen to.
        """
        known = (id(predictions), split, seed)
        if known not in self._enough:
            self._enough[known] = self._of_more(predictions, split, seed)
        return self._enough[known]

    def _of_more(self, predictions: Predictions, split: str, seed: int) -> Importance:
        from pytest_mlquality.measures.attribution_tails import movement_is_seen

        found = self.of(predictions, split, seed)
        # The split, or the budget, had no more than these.
        exhausted = len(found.parts) < self.section.rows
        if exhausted or self.section.rows >= MANY_ROWS or movement_is_seen(found):
            return found
        more = self._explained(predictions, self._draw(predictions, split, seed, MANY_ROWS), split, seed)
        return more if len(more.parts) > len(found.parts) else found

    def asked(self, predictions: Predictions, split: str, seed: int) -> Asked:
        """Return the rows that a seed draws of a split, once; with labels where something is compared with them."""
        known = (id(predictions), split, seed)
        if known not in self._drawn:
            self._drawn[known] = self._draw(predictions, split, seed, self.section.rows)
        return self._drawn[known]

    def _draw(self, predictions: Predictions, split: str, seed: int, size: int) -> Asked:
        data, needs_labels = self._data, self.section.method == "permutation_importance"
        beside = [
            name for name in (*(data.targets if needs_labels else ()), data.unit, data.weight) if name is not None
        ]
        names = list(dict.fromkeys([*predictions.features(split), *beside]))
        rows = predictions.sample(split, size, names, seed)
        return Asked(
            self.question(predictions, split, rows, seed),
            rows,
            identifiers(rows[data.unit]) if data.unit is not None else None,
            rows[data.weight].to_numpy(dtype=np.float64) if data.weight is not None else None,
        )

    def question(self, predictions: Predictions, split: str, rows: pd.DataFrame, seed: int) -> Question:
        """Return the question why rows of a split are answered as they are, compared with those of train."""
        background = "train" if "train" in self._data.splits else split
        return predictions.question(split, rows, background, budget=self.section.budget, seed=seed)

    def _explained(self, predictions: Predictions, asked: Asked, split: str, seed: int) -> Importance:
        from pytest_mlquality.adapters.explainers import explain
        from pytest_mlquality.measures.column_importance import Importance
        from pytest_mlquality.measures.permutation_importance import permutation_importance

        if self.section.method == "permutation_importance":
            return permutation_importance(
                asked.rows,
                asked.question.columns,
                lambda rows: predictions.asked(split, rows),
                budget=self.section.budget,
                seed=seed,
            )
        found = explain(asked.question, self.section.method)
        # The budget may allow fewer rows than were drawn.
        n = len(found.values)
        return Importance.of_attributions(
            found,
            unit=asked.unit[:n] if asked.unit is not None else None,
            weight=asked.weight[:n] if asked.weight is not None else None,
        )
