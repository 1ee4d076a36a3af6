"""How well the model predicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_mlquality.concerns.named_metrics import NamedMetrics
from pytest_mlquality.concerns.slices import Slices
from pytest_mlquality.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.concerns.references import References
    from pytest_mlquality.measurement import Measurement, Measurements
    from pytest_mlquality.predictions import Predictions
    from pytest_mlquality.settings import Settings, WeakSlicesSettings


class Performance:
    """Metrics of the model's predictions, alone and against the baseline.

    Parameters
    ----------
    predictions
        The model's answers, a split at a time.
    baseline
        Called when a comparison first asks for the baseline's answers.
    references
        What else there is to compare with.
    """

    def __init__(
        self,
        settings: Settings,
        predictions: Predictions,
        baseline: Callable[[], Predictions],
        references: References,
    ) -> None:
        self._settings = settings
        self._predictions = predictions
        self._baseline = baseline
        self._references = references
        self._slices = Slices(settings, predictions)
        self._named = NamedMetrics(settings)

    def metric(self, name: str, *, on: str | None = None) -> Measurement:
        """Measure a metric by its name: of scikit-learn, of `mlquality list metrics`, or a function of the user's own.

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

        return self._measured(performance.metric, name, on or self._default_split)

    def metric_of_label(self, name: str, label: str, *, on: str | None = None) -> Measurement:
        """Measure a metric of one label of a multilabel task, as of a binary model that says whether a row has it.

        Raises
        ------
        MLQualityError
            If there is no such label, or the metric is none of a binary task.
        """
        from pytest_mlquality.measures import performance

        split = on or self._default_split
        answers = self._predictions.on(split).of_label(label)
        found = performance.metric(self._named.of(name), answers, exact=self._is_population(split))
        return replace(found, name=f"{name}[{label}]")

    def loss_to_baseline(self, name: str, *, on: str | None = None) -> Measurement:
        """Measure how much worse than the baseline the model is, on the same rows; negative means better.

        A model of the same files that gives the same answers loses exactly nothing.
        """
        from pytest_mlquality.measures import performance

        split, baseline = on or self._default_split, self._baseline()
        answers, before = self._predictions.on(split), baseline.on(split)
        exact = self._is_population(split) or self._predictions.answers_as(baseline, split)
        return performance.loss_to_baseline(self._named.of(name), answers, before, exact=exact)

    def loss_to_train(self, name: str, *, on: str | None = None) -> Measurement:
        """Measure by how much the metric is worse than on the rows that the model was trained on (overfitting)."""
        from pytest_mlquality.measures import references

        split = on or self._default_split
        return self._measured(references.loss_to_train, name, split, self._predictions.on("train"))

    def gain_over(self, name: str, reference: str, *, on: str | None = None) -> Measurement:
        """Measure by how much the model is better than a simple one on the same rows.

        Parameters
        ----------
        reference
            ``most_frequent`` or ``stratified`` classes of train, its ``mean`` or ``median``, or a ``shallow_tree`` or
            ``linear`` model fitted to it.
        """
        from pytest_mlquality.measures import references

        split = on or self._default_split
        simple = self._references.simple(reference, split, self._predictions.on(split).seed)
        return self._measured(references.gain_over, name, split, simple, reference)

    def loss_to_recorded(self, name: str, *, on: str | None = None) -> Measurement:
        """Measure by how much the metric is worse than the one that was written down when the model was trained."""
        from pytest_mlquality.measures import references

        recorded = self._references.recorded(name)
        return self._measured(references.loss_to_recorded, name, on or self._default_split, recorded)

    def loss_to_previous(self, name: str, *, on: str | None = None) -> Measurement:
        """Measure by how much the metric is worse than the run of ``[performance] previous`` measured it."""
        from pytest_mlquality.measures import references

        previous = self._references.previous(name)
        return self._measured(references.loss_to_previous, name, on or self._default_split, previous)

    def metric_by_slice(self, name: str, by: str | Sequence[str], *, on: str | None = None) -> Measurements:
        """Measure a metric on each slice of the split.

        Parameters
        ----------
        by
            What makes the slices: a column, several listed or as ``SEX+RAC1P``, ``time``, or ``where`` for the
            conditions of ``[performance.slices]``.
        """
        from pytest_mlquality.measures import slices

        return self._by_slice(slices.metric_by_slice, name, by, on)

    def gap_by_slice(self, name: str, by: str | Sequence[str], *, on: str | None = None) -> Measurements:
        """Measure by how much each slice is worse than all other rows; negative means better. `by` as above."""
        from pytest_mlquality.measures import slices

        return self._by_slice(slices.gap_by_slice, name, by, on)

    def metric_of_slice(self, name: str, slice_: str, *, on: str | None = None) -> Measurement:
        """Measure a metric on the slice of a name, such as ``SEX = 2``.

        Raises
        ------
        DataError
            If ``[performance.slices]`` makes no slice of that name; the message has the nearest.
        """
        by = self._slices.maker_of(on or self._default_split, slice_)
        measured = self.metric_by_slice(name, by, on=on)
        return next(one for one in measured if one.name == f"{name}[{slice_}]")

    def weak_slices(self, name: str, *, on: str | None = None) -> Measurements:
        """Measure the lag of slices that nobody named: each half of the rows is searched, the other confirms."""
        from pytest_mlquality.measures import weak_slices

        split, section = on or self._default_split, self._weak_slices
        rows = _of_labels(self._predictions.sample(split, weak_slices.SAMPLE, section.columns), section.columns)
        answers = self._predictions.on(split).of_rows(rows.index.to_numpy())
        return weak_slices.weak_slices(
            self._named.of(name), answers, rows, depth=section.depth, least_rows=section.min_rows
        )

    def _measured(self, measure: Callable[..., Measurement], name: str, split: str, *against: object) -> Measurement:
        """Return a measure of the model's answers on a split, and of what they are compared with."""
        answers = self._predictions.on(split)
        return measure(self._named.of(name), answers, *against, exact=self._is_population(split))

    def _by_slice(
        self, measure: Callable[..., Measurements], name: str, by: str | Sequence[str], on: str | None
    ) -> Measurements:
        split, section = on or self._default_split, self._slices.section
        return measure(
            self._named.of(name),
            self._predictions.on(split),
            self._slices.of(split, by),
            min_rows=section.min_rows,
            least_judged=section.judged_share,
            exact=self._is_population(split),
        )

    @property
    def _weak_slices(self) -> WeakSlicesSettings:
        from pytest_mlquality.settings import WeakSlicesSettings

        section = self._settings.performance
        return section.weak_slices if section is not None and section.weak_slices is not None else WeakSlicesSettings()

    @property
    def _default_split(self) -> str:
        section = self._settings.performance
        return section.on if section is not None else "test"

    def _is_population(self, split: str) -> bool:
        declared = self._settings.data.splits.get(split)
        return declared is not None and declared.population


def _of_labels(rows: pd.DataFrame, named: Sequence[str]) -> pd.DataFrame:
    """Return the columns without those whose cells are lists or records, by which no slice is called.

    Raises
    ------
    DataError
        If the settings name one.
    """
    from pandas.api.types import is_hashable

    nested = [str(name) for name in rows.columns if not rows[name].dropna().head(1).map(is_hashable).all()]
    if found := [name for name in nested if name in named]:
        raise DataError(
            f"[performance.weak_slices] columns: the cells of {', '.join(found)} are lists or records", "leave it out"
        )
    return rows.drop(columns=nested)
