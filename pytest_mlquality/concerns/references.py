"""What a metric is held against, beside the baseline: train, a training run, an earlier run, simple models."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any

from pytest_mlquality.errors import EvidenceError, ModelError, nearest

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models import Model
    from pytest_mlquality.measures.answers import Answers
    from pytest_mlquality.predictions import Predictions
    from pytest_mlquality.settings import Settings
    from pytest_mlquality.statistics.estimate import Estimate


class References:
    """What the settings compare the model with.

    Parameters
    ----------
    predictions
        The answers of the model under test.
    answers_of
        Returns the answers of another model on the same data.
    recorded
        Returns the metrics that the registry keeps of the model's training run.
    """

    def __init__(
        self,
        settings: Settings,
        predictions: Predictions,
        answers_of: Callable[[Model], Predictions],
        recorded: Callable[[], Mapping[str, float]],
    ) -> None:
        self._settings = settings
        self._predictions = predictions
        self._answers_of = answers_of
        self._recorded = recorded
        self._fitted: dict[str, Model] = {}

    def simple(self, kind: str, split: str, seed: int) -> Answers:
        """Return the answers of a simple model that train teaches: one of `simple_models.BLIND` or `.FITTED`."""
        from pytest_mlquality.measures import simple_models

        answers = self._predictions.on(split)
        if kind in simple_models.BLIND:
            return simple_models.blind(kind, answers, self._predictions.labelled("train", simple_models.ROWS)[1])
        if kind not in self._fitted:
            self._fitted[kind] = self._fit(kind, answers, seed)
        return self._answers_of(self._fitted[kind]).on(split)

    def recorded(self, metric: str) -> float:
        """Return what was written down of a metric when the model was trained.

        Raises
        ------
        ModelError
            Nothing was, or under another name.
        """
        section = self._settings.performance
        told = section.recorded if section is not None else None
        name = told.names.get(metric, metric) if told is not None else metric
        found = self._in_file(told.file) if told is not None and told.file else self._recorded()
        value = found.get(name)
        if not isinstance(value, Real):
            raise ModelError(
                f"no metric {name!r} was recorded when the model was trained{nearest(name, found)}",
                f"recorded are: {', '.join(sorted(found)) or 'none'}; name it in [performance.recorded] names",
            )
        return float(value)

    def previous(self, metric: str) -> Estimate:
        """Return what the run of ``[performance] previous`` measured.

        Raises
        ------
        EvidenceError
            There is no such evidence, or it has no such measurement of this subject.
        """
        from pytest_mlquality.measures.references import of_interval

        measured = [one for check in self._checks_before() for one in check["measurements"] if one["name"] == metric]
        known = [one for one in measured if one["value"] is not None and one["interval"] is not None]
        if not known:
            raise EvidenceError(
                f"the evidence of [performance] previous has no value of {metric!r} for {self._settings.name!r}",
                "measure it there too: a limit in [performance.metrics], and a run",
            )
        value, (low, high), n = known[0]["value"], known[0]["interval"], known[0]["n"]
        return of_interval(value, low, high, n)

    def _checks_before(self) -> list[dict[str, Any]]:
        from pytest_mlquality.evidence import newest_evidence

        section = self._settings.performance
        if section is None or section.previous is None:
            raise EvidenceError(
                f"{self._settings.file}: [performance] previous is not set",
                "name the folder with the evidence.json of an earlier run, another one than that of this run's report",
            )
        evidence = newest_evidence(self._settings.base / section.previous)
        return [
            check
            for subject in evidence["subjects"]
            if subject["name"] == self._settings.name
            for check in subject["checks"]
        ]

    def _in_file(self, name: str) -> Mapping[str, float]:
        path = self._settings.base / name
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(
                f"[performance.recorded] file: {name} cannot be read as JSON: {type(error).__name__}",
                'write the metrics when the model is trained: {"roc_auc": 0.91}',
            ) from error
        return found if isinstance(found, dict) else {}

    def _fit(self, kind: str, answers: Answers, seed: int) -> Model:
        from pytest_mlquality.adapters.models import Wanted
        from pytest_mlquality.adapters.models.label_sets import of_task
        from pytest_mlquality.adapters.models.scikit_learn import model_of
        from pytest_mlquality.measures import simple_models

        features, target = self._predictions.labelled("train", simple_models.ROWS)
        pipeline = simple_models.fitted(kind, features, target, answers.task, seed=seed)
        labels = answers.classes or ()
        wanted = Wanted(kind, self._settings.base, features=tuple(features.columns), task=answers.task, labels=labels)
        return of_task(model_of(pipeline, None, wanted), wanted)
