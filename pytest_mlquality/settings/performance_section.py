"""The section about how well the model predicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypeAliasType

from pytest_mlquality.limit import Limit
from pytest_mlquality.settings.limits import (
    NESTED,
    Measures,
    performance_measures,
    performance_patterns,
    why_no_metric,
)
from pytest_mlquality.settings.section import FROM_LIST, READ_ONLY, WINDOW, Section, Share, Text, Texts
from pytest_mlquality.settings.subject_sections import SplitName
from pytest_mlquality.settings.value_section import ValueSettings

METRICS = Measures(performance_measures, patterns=performance_patterns, why_unknown=why_no_metric)
# An alias with a name is written into the JSON Schema once, and referred to.
MetricLimits = TypeAliasType("MetricLimits", Annotated[Mapping[str, Limit], METRICS])


class SlicesSettings(Section):
    """How well the model predicts for parts of the rows."""

    by: Annotated[tuple[Text | Texts, ...], FROM_LIST] = Field(
        default=(),
        description="Columns whose values make slices; several in brackets make one of each combination.",
        examples=[["SEX", "AGEP", ["SEX", "RAC1P"]]],
    )
    bins: Annotated[Mapping[Text, Annotated[tuple[float, ...], FROM_LIST]], *READ_ONLY] = Field(
        default_factory=dict,
        validate_default=True,
        description="By column of numbers, where slices begin; default: at its quartiles where it has many values.",
        examples=[{"AGEP": [18, 30, 45, 65]}],
    )
    time: str | None = Field(
        default=None,
        pattern=WINDOW,
        description="Length of the windows of [data] time that make slices.",
        examples=["1 month"],
    )
    where: Annotated[Mapping[Text, Text], *READ_ONLY] = Field(
        default_factory=dict,
        validate_default=True,
        description="SQL conditions that make slices, by name.",
        examples=[{"retired": "AGEP >= 65 AND JWMNP IS NULL"}],
    )
    min_rows: int = Field(
        default=100, ge=10, description="Rows below which a slice is too small to judge.", examples=[100]
    )
    judged_share: Share = Field(
        default=0.95, description="Least share of rows that must be in slices that were judged.", examples=[0.95]
    )
    metrics: MetricLimits = Field(
        default_factory=dict,
        validate_default=True,
        description="Limits of metrics that every slice must meet.",
        examples=[{"accuracy": {"at_least": 0.7}}],
    )
    gap: MetricLimits = Field(
        default_factory=dict,
        validate_default=True,
        description="Limits of how much worse a slice may be than all other rows, by metric.",
        examples=[{"roc_auc": {"at_most": 0.05}}],
    )
    only: Annotated[Mapping[Text, MetricLimits], *NESTED] = Field(
        default_factory=dict,
        validate_default=True,
        description="By slice, as the report names it, limits of its own metrics.",
        examples=[{"SEX = 2": {"roc_auc": {"at_least": 0.88}}}],
    )

    @property
    def entries(self) -> tuple[tuple[str, ...], ...]:
        """The columns of each entry of `by`."""
        return tuple((entry,) if isinstance(entry, str) else entry for entry in self.by)

    @property
    def names(self) -> tuple[str, ...]:
        """What makes slices, each in a word: columns joined by ``+``, ``time``, ``where``."""
        further = {"time": self.time, "where": self.where}
        return (*("+".join(entry) for entry in self.entries), *(name for name, value in further.items() if value))


class WeakSlicesSettings(Section):
    """Parts of the rows that nobody named, in which the model may do worse."""

    columns: Texts = Field(
        default=(), description="Columns to search; default: those that the model sees.", examples=[["AGEP", "SCHL"]]
    )
    depth: int = Field(default=2, ge=1, le=3, description="The most columns that a slice names.", examples=[3])
    min_rows: int = Field(
        default=50, ge=10, description="Rows that a slice has at least in either half of the rows.", examples=[50]
    )
    gap: MetricLimits = Field(
        default_factory=dict,
        validate_default=True,
        description="Limits of how much worse than all other rows a slice may be, by a metric that is a mean of rows.",
        examples=[{"accuracy": {"at_most": 0.1}}],
    )


SimpleModel = Literal["most_frequent", "stratified", "mean", "median", "shallow_tree", "linear"]


class RecordedSettings(Section):
    """Where the metrics are that were written down when the model was trained."""

    file: Text | None = Field(
        default=None,
        description="JSON object of metrics by name; default: the metrics of the registered model's run.",
        examples=["metrics.json"],
    )
    names: Annotated[Mapping[Text, Text], *READ_ONLY] = Field(
        default_factory=dict,
        description="What metrics are called there, where that is not their name here.",
        examples=[{"roc_auc": "test_auc"}],
    )


class PerformanceSettings(Section):
    """How well the model predicts."""

    on: SplitName = Field(default="test", description="Split on which the model is measured.", examples=["test"])
    metrics: Annotated[
        Mapping[str, Limit], replace(METRICS, defaults=(("gain_over_trivial", Limit(at_least=0.0)),))
    ] = Field(
        default_factory=dict,
        validate_default=True,
        description="Limits of the model's metrics; false drops one.",
        examples=[{"roc_auc": {"at_least": 0.88}}],
    )
    loss_to_baseline: MetricLimits = Field(
        default_factory=dict,
        validate_default=True,
        description="Limits of how much worse than the baseline the model may be on the same rows, by metric.",
        examples=[{"roc_auc": {"at_most": 0.005}}],
    )
    loss_to_train: MetricLimits = Field(
        default_factory=dict,
        description="Limits of how much worse than on the rows of train the metrics may be, by metric.",
        examples=[{"roc_auc": {"at_most": 0.03}}],
    )
    gain_over: Annotated[Mapping[SimpleModel, MetricLimits], *NESTED] = Field(
        default_factory=dict,
        description="Limits of how much better than a simple model the model must be, by that model and by metric.",
        examples=[{"linear": {"roc_auc": {"at_least": 0.0}}}],
    )
    loss_to_recorded: MetricLimits = Field(
        default_factory=dict,
        description="Limits of how much worse than recorded at training the metrics may be, by metric.",
        examples=[{"roc_auc": {"at_most": 0.01}}],
    )
    loss_to_previous: MetricLimits = Field(
        default_factory=dict,
        description="Limits of how much worse than in the previous run the metrics may be, by metric.",
        examples=[{"roc_auc": {"at_most": 0.01}}],
    )
    previous: Text | None = Field(
        default=None,
        description="Folder of the report of the earlier run with which loss_to_previous compares.",
        examples=["yesterday"],
    )
    recorded: RecordedSettings | None = Field(
        default=None, description="Where the metrics recorded at training are; default: in the registry."
    )
    value: ValueSettings | None = Field(default=None, description="What decisions are worth.")
    slices: SlicesSettings | None = Field(default=None, description="Parts of the rows that are looked at alone.")
    weak_slices: WeakSlicesSettings | None = Field(
        default=None, description="Search for parts of the rows in which the model does worse."
    )
