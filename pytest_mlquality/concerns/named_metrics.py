"""Metrics by name, with what only the settings know of them: gains, and functions of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_mlquality.measures.metric import Metric
    from pytest_mlquality.settings import Settings


class NamedMetrics:
    """The metrics of one subject; functions of the user's own are imported once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._own: dict[str, Metric] = {}

    def of(self, name: str) -> str | Metric:
        """Return the metric that a name stands for by the settings or a module of the user's, else the name."""
        from pytest_mlquality.measures.gains import mean_value
        from pytest_mlquality.measures.metrics import MEAN_VALUE
        from pytest_mlquality.measures.own_metric import PREFIX, own_metric

        section = self._settings.performance
        if name == MEAN_VALUE and section is not None and section.value is not None:
            return mean_value(section.value.gain, section.value.unit)
        if not name.startswith(PREFIX):
            return name
        if name not in self._own:
            self._own[name] = own_metric(name, self._settings.base, str(self._settings.file))
        return self._own[name]
