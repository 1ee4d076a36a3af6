"""Whether groups of people are treated alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pytest_mlquality.concerns.groups import Groups
from pytest_mlquality.concerns.named_metrics import NamedMetrics
from pytest_mlquality.concerns.sensitive_reliance import SensitiveReliance
from pytest_mlquality.errors import ModelError

if TYPE_CHECKING:
    from pytest_mlquality.measurement import Measurement, Measurements
    from pytest_mlquality.measures.disparity import Disparity
    from pytest_mlquality.predictions import Predictions
    from pytest_mlquality.settings import Settings

By = str | Sequence[str]


class Fairness:
    """Rates and metrics of groups, and how far the groups are apart in them.

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
        self._groups = Groups(settings, predictions)
        self._named = NamedMetrics(settings)
        self._reliance = SensitiveReliance(settings, predictions)

    def measure(self, name: str, by: By, *, on: str | None = None) -> Measurements:
        """Measure what a name asks of groups, beside it those that are too small to judge.

        Parameters
        ----------
        name
            A disparity by the field's name (``demographic_parity_ratio``, ``equalized_odds_difference``), or a rate or
            metric: alone, of every group; with the ending ``_difference``, ``_ratio``, ``_group_min`` or
            ``_group_max``, over all groups.
        by
            What makes the groups: a column, or several for their combinations (``SEX+RAC1P``, or a list).
        on
            The split; default: ``[fairness] on``.

        Raises
        ------
        MLQualityError
            If there is no such measure, it does not suit the model, or a column makes no groups.
        """
        return self._measured(name, by, on, conditional=False)

    def conditional(self, name: str, by: By, *, on: str | None = None) -> Measurements:
        """Measure the same among rows that are alike in the columns of ``[fairness] control``."""
        return self._measured(name, by, on, conditional=True)

    def by_group(self, name: str, by: By, *, on: str | None = None) -> Measurements:
        """Measure a rate or metric of every group."""
        return self.measure(name, by, on=on)

    def difference(self, name: str, by: By, *, on: str | None = None) -> Measurements:
        """Measure the largest difference between two groups: of a rate, a metric, or ``equalized_odds``."""
        return self.measure(f"{name}_difference", by, on=on)

    def ratio(self, name: str, by: By, *, on: str | None = None) -> Measurements:
        """Measure the smallest ratio of two groups: of a rate, a metric that is not negative, or ``equalized_odds``."""
        return self.measure(f"{name}_ratio", by, on=on)

    def group_min(self, name: str, by: By, *, on: str | None = None) -> Measurements:
        """Measure the smallest rate or metric of all groups."""
        return self.measure(f"{name}_group_min", by, on=on)

    def group_max(self, name: str, by: By, *, on: str | None = None) -> Measurements:
        """Measure the largest rate or metric of all groups."""
        return self.measure(f"{name}_group_max", by, on=on)

    def loss_to_baseline(self, name: str, by: By, *, on: str | None = None) -> Measurements:
        """Measure by how much every group fares worse by a metric than under the baseline, on the same rows."""
        from pytest_mlquality.measures import group_losses

        split, baseline = on or self._default_split, self._baseline()
        return group_losses.loss_to_baseline(
            self._named.of(name),
            self._predictions.on(split),
            baseline.on(split),
            self._groups.of(split, by),
            exact=self._is_population(split) or self._predictions.answers_as(baseline, split),
        )

    def changed_decisions(self, by: By, *, on: str | None = None) -> Measurement:
        """Measure the share of rows that are decided otherwise if only what makes their group is another's."""
        split = on or self._default_split
        return self._reliance.changed_decisions(split, self._groups.of(split, by))

    def proxies(self, by: By, *, on: str | None = None) -> Measurements:
        """Measure the ROC AUC with which the other features of the model tell every group from all others."""
        split = on or self._default_split
        return self._reliance.proxies(split, self._groups.of(split, by))

    def reliance(self, measure: str, by: By, *, on: str | None = None) -> Measurement | Measurements:
        """Measure ``changed_decisions`` or ``proxy_roc_auc``."""
        return self.changed_decisions(by, on=on) if measure == "changed_decisions" else self.proxies(by, on=on)

    def _measured(self, name: str, by: By, on: str | None, *, conditional: bool) -> Measurements:
        from pytest_mlquality.measures import fairness

        split = on or self._default_split
        grouping = self._groups.of(split, by, conditional=conditional)
        answers, exact = self._predictions.on(split), self._is_population(split)
        try:
            return fairness.among_groups(self._asked(name), answers, grouping, exact=exact)
        except ModelError as error:
            remedy = self._task_to_name(name, answers.task) or error.remedy
            raise ModelError(f"{self._settings.file}: [fairness] {error.message}", remedy) from None

    def _asked(self, name: str) -> Disparity:
        """Return what a name asks, with what only the settings know of a metric."""
        from pytest_mlquality.measures.disparity import disparity, of_metric, parts
        from pytest_mlquality.measures.metric import Metric
        from pytest_mlquality.measures.metrics import find
        from pytest_mlquality.measures.own_metric import PREFIX

        # A function of the user's own may be called anything.
        if name.startswith(PREFIX):
            return of_metric(name, find(self._named.of(name)))
        base, among = parts(name)
        known = self._named.of(base)
        return of_metric(name, known, among) if isinstance(known, Metric) else disparity(name)

    def _task_to_name(self, name: str, task: str) -> str:
        """Return the remedy where a default limit is asked of a model for whose task there are others."""
        from pytest_mlquality.settings.fairness_section import DEFAULTS, DEFAULTS_OF_TASK

        model = self._settings.model
        if task not in DEFAULTS_OF_TASK or name not in dict(DEFAULTS) or model is None or model.task is not None:
            return ""
        others = ", ".join(other for other, _ in DEFAULTS_OF_TASK[task])
        then = f"then the default limit is {others}" if others else "for which there is no default limit, and write one"
        return f'add [model] task = "{task}", {then}; or drop this one: {name} = false'

    @property
    def _default_split(self) -> str:
        return self._groups.section.on

    def _is_population(self, split: str) -> bool:
        declared = self._settings.data.splits.get(split)
        return declared is not None and declared.population
