"""How well the model predicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_mlquality.measurement import Measurement
    from pytest_mlquality.predictions import Predictions
    from pytest_mlquality.settings import Settings


class Performance:
    """Metrics of the model's predictions, alone and against the baseline.

    Parameters
    ----------
    predictions
        The model's answers, a split at a time.
    baseline
        Called when a comparison first asks for the baseline's answers.
    """

    def __init__(self, settings: Settings, predictions: Predictions, baseline: Callable[[], Predictions]) -> None:
        self._settings = settings
        self._predictions = predictions
        self._baseline = baseline

    def metric(self, name: str, *, on: str | None = None) -> Measurement:
        """Measure a metric of scikit-learn by its name, or ``gain_over_trivial``.

        Parameters
        ----------
        on
            The split; default: ``[performance] on``.

        Raises
        ------
        MLQualityError
            If the metric does not suit the task, or the model cannot answer what it needs.
        """
        from pytest_mlquality.measures import performance

        split = on or self._default_split
        return performance.metric(name, self._predictions.on(split), exact=self._is_population(split))

    def loss_to_baseline(self, name: str, *, on: str | None = None) -> Measurement:
        """Measure how much worse than the baseline the model is, on the same rows; negative means better."""
        from pytest_mlquality.measures import performance

        split = on or self._default_split
        return performance.loss_to_baseline(
            name, self._predictions.on(split), self._baseline().on(split), exact=self._is_population(split)
        )

    @property
    def _default_split(self) -> str:
        section = self._settings.performance
        return section.on if section is not None else "test"

    def _is_population(self, split: str) -> bool:
        declared = self._settings.data.splits.get(split)
        return declared is not None and declared.population
