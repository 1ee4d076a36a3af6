"""How much the model relies on a column that has drifted: one that it hardly uses is told from one that matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.measurement import INTERVAL_LEVEL, Measurement, number_text

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models import Model
    from pytest_mlquality.predictions import Predictions
    from pytest_mlquality.settings import Settings

ROWS = 5_000
# Columns of which it is told, those that have moved most.
MOST_COLUMNS = 5
# Splits that the model cannot be judged on: nobody knows the answers yet, or it has never seen such columns.
_UNLABELLED = ("production", "raw")


class Reliance:
    """What a model loses where a column is shuffled, each column asked once.

    Parameters
    ----------
    model, predictions
        Called when the model's columns, or its answers, are needed; there may be no model.
    """

    def __init__(
        self, settings: Settings, model: Callable[[], Model | None], predictions: Callable[[], Predictions]
    ) -> None:
        self._settings = settings
        self._model = model
        self._predictions = predictions
        self._known: dict[tuple[str, str], str] = {}

    def told_of(self, measure: str, found: Iterable[tuple[str, Measurement]], reference: str) -> list[Measurement]:
        """Return measurements of columns; those furthest beyond what passes say how much the model relies on them.

        Parameters
        ----------
        reference
            The split that the others are compared with: where a column has moved, shuffling it may change nothing more.
        """
        all_of_them = list(found)
        moved = [(name, one) for name, one in all_of_them if self._may_exceed(measure, name, one)]
        moved.sort(key=lambda pair: -(pair[1].value or 0.0))
        worst = list(dict.fromkeys(name for name, _ in moved))[:MOST_COLUMNS]
        split = self._asked_on(reference)
        words = {name: self._words(name, split) for name in worst if split is not None and self._sees(name)}
        return [
            replace(one, reason="; ".join(filter(None, [one.reason, words.get(name, "")]))) for name, one in all_of_them
        ]

    def _may_exceed(self, measure: str, name: str, found: Measurement) -> bool:
        settings = self._settings
        if settings.skew is None or found.value is None:
            return False
        limit = settings.skew.columns.get(name, {}).get(measure) or settings.skew.metrics.get(measure)
        return (
            limit is not None
            and limit.at_most is not None
            and (found.upper(settings.verdict.false_pass) > limit.at_most)
        )

    def _sees(self, column: str) -> bool:
        if column in self._settings.data.targets:
            return False
        model = self._model()
        return model is not None and (model.columns is None or column in model.columns)

    def _words(self, column: str, split: str) -> str:
        asked = (column, split)
        if asked not in self._known:
            try:
                self._known[asked] = self._asked(column, split)
            except MLQualityError as error:
                # What only explains a drift must not hide it.
                self._known[asked] = f"how much the model relies on it is not known: {error.message}"
        return self._known[asked]

    def _asked(self, column: str, split: str) -> str:
        from pytest_mlquality.measures.importance import importance

        metric, lost = importance(*self._predictions().with_shuffled(column, split, ROWS))
        if lost.value is None:
            return f"how much the model relies on it is not known: {lost.reason}"
        ends = f"{number_text(lost.lower(INTERVAL_LEVEL))} to {number_text(lost.upper(INTERVAL_LEVEL))}"
        matters = "matters" if lost.lower(INTERVAL_LEVEL) > 0 else "is not seen to matter"
        return f"{matters} to the model: shuffled in {split}, {metric} is worse by {number_text(lost.value)} ({ends})"

    def _asked_on(self, reference: str) -> str | None:
        """Return the split on which columns are shuffled: the reference, else train, else what is measured."""
        settings = self._settings
        if settings.model is None or settings.data.target is None:
            return None
        measured = settings.performance.on if settings.performance is not None else "test"
        declared = settings.data.splits
        labelled = [split for split in (reference, "train", measured) if split in declared and split not in _UNLABELLED]
        return labelled[0] if labelled else None
