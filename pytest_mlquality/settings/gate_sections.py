"""The sections that say what the system is held to: concerns, verdict, stages, waivers, report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PlainSerializer
from typing_extensions import TypeAliasType

from pytest_mlquality.limit import Limit
from pytest_mlquality.settings.limits import (
    Bounds,
    Measures,
    leakage_measures,
    performance_measures,
    performance_patterns,
    schema_measures,
    why_no_metric,
    written_all,
)
from pytest_mlquality.settings.section import FROM_LIST, READ_ONLY, Day, Level, Section, Share, Text, Texts
from pytest_mlquality.settings.subject_sections import SplitName
from pytest_mlquality.settings.value_section import ValueSettings

Concern = Literal["schema", "performance"]


class VerdictSettings(Section):
    """How often a verdict may be wrong."""

    false_fail: Level = Field(
        default=1e-5,
        description="Greatest probability that a limit fails although the truth satisfies it.",
        examples=[1e-5],
    )
    false_pass: Level = Field(
        default=0.05,
        description="Greatest probability that a limit passes although the truth violates it.",
        examples=[0.05],
    )


class EnvironmentSettings(Section):
    """What is different about rows of one origin."""

    absent: Texts = Field(
        default=(),
        description="Columns that may be missing there, such as the label where a model serves.",
        examples=[["churned"]],
    )


class ReferenceSettings(Section):
    """The table that lists which values a column may have."""

    source: Text = Field(
        description="The rows that list them: a path or glob, a table of the engine, or python:module:function.",
        examples=["regions.parquet"],
    )
    engine: Text | None = Field(
        default=None, description="Ibis backend URL of the table; default: that of [data].", examples=["duckdb://"]
    )
    column: Text | None = Field(
        default=None, description="Their column there; default: the same name.", examples=["code"]
    )


class SchemaSettings(Section):
    """Whether the data are what people agreed they are."""

    file: Text | None = Field(
        default=None,
        description="The agreement: a schema of pandera as YAML, or python:module:object.",
        examples=["schema.yaml"],
    )
    environments: Annotated[Mapping[Text, EnvironmentSettings], *READ_ONLY] = Field(
        default_factory=dict,
        validate_default=True,
        description="By environment, or by split where no split names one, what is different there.",
        examples=[{"production": {"absent": ["churned"]}}],
    )
    rules: Annotated[Mapping[Text, Text], *READ_ONLY] = Field(
        default_factory=dict,
        validate_default=True,
        description="SQL conditions that every row keeps, by name; one that is null for a row is kept.",
        examples=[{"pupils earn nothing": "age >= 15 OR income = 0"}],
    )
    references: Annotated[Mapping[Text, ReferenceSettings], *READ_ONLY] = Field(
        default_factory=dict,
        validate_default=True,
        description="By column, the table that lists its values.",
        examples=[{"region": {"source": "regions.parquet", "column": "code"}}],
    )
    distinct_values: Annotated[Mapping[Text, Bounds], *READ_ONLY] = Field(
        default_factory=dict,
        validate_default=True,
        description="By column, how many different values it has; a missing one is none.",
        examples=[{"region": {"at_least": 3, "at_most": 9}}],
    )
    tolerated: Annotated[Mapping[Text, Share], *READ_ONLY] = Field(
        default_factory=dict,
        validate_default=True,
        description="By rule, in which only * is special, the share of rows that may break it.",
        examples=[{"income: not null": 0.01}],
    )
    known_at: Annotated[Mapping[Text, Text], *READ_ONLY] = Field(
        default_factory=dict,
        validate_default=True,
        description="By feature, the column with the time from which on its value is known.",
        examples=[{"days_overdue": "repaid_on"}],
    )
    failing_rows: Text | None = Field(
        default=None,
        description="Folder to which the rows that break a rule are written as Parquet, for your eyes only.",
        examples=["private/rows"],
    )
    on: Annotated[tuple[SplitName, ...], FROM_LIST] | None = Field(
        default=None,
        min_length=1,
        description="Splits to look at; default: train and test before a release, production at night; raw if named.",
        examples=[["train", "test"]],
    )
    metrics: Annotated[
        Mapping[str, Limit],
        Measures(
            schema_measures,
            (
                ("mismatched_columns", Limit(at_most=0.0)),
                ("missing_targets", Limit(at_most=0.0)),
                ("broken_rules", Limit(at_most=0.0)),
            ),
            frozenset({"staleness"}),
        ),
    ] = Field(
        default_factory=dict,
        validate_default=True,
        description="Limits of what can be wrong with one split; false drops one.",
        examples=[{"missing_targets": {"at_most": 10}}],
    )
    leakage: Annotated[
        Mapping[str, Limit],
        Measures(
            leakage_measures,
            (
                ("shared_keys", Limit(at_most=0.0)),
                ("time_overlap", Limit(at_most=0.0)),
                ("known_too_late", Limit(at_most=0.0)),
            ),
        ),
    ] = Field(
        default_factory=dict,
        validate_default=True,
        description="Limits of what the test split, or a feature, must not give away; false drops one.",
        examples=[{"shared_rows": {"at_most": 0.01}}],
    )


METRICS = Measures(performance_measures, patterns=performance_patterns, why_unknown=why_no_metric)
# An alias with a name is written into the JSON Schema once, and referred to.
MetricLimits = TypeAliasType("MetricLimits", Annotated[Mapping[str, Limit], METRICS])


def _nested(limits: Mapping[str, Mapping[str, Limit]]) -> dict[str, dict[str, dict[str, float]]]:
    return {name: written_all(of_slice) for name, of_slice in limits.items()}


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
        pattern=r"^[1-9][0-9]* (minute|hour|day|week|month|year)s?$",
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
    only: Annotated[Mapping[Text, MetricLimits], AfterValidator(MappingProxyType), PlainSerializer(_nested)] = Field(
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
    gain_over: Annotated[
        Mapping[SimpleModel, MetricLimits], AfterValidator(MappingProxyType), PlainSerializer(_nested)
    ] = Field(
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


class StageSettings(Section):
    """What one stage does differently."""

    checks: Annotated[tuple[Concern, ...], FROM_LIST] | None = Field(
        default=None,
        min_length=1,
        description="Concerns that the stage checks; default: all that have a section and belong to the stage.",
        examples=[["schema", "performance"]],
    )
    model: Text | None = Field(
        default=None,
        description="Model that the stage judges instead of the one of [model].",
        examples=["models:/churn@champion"],
    )
    baseline: Text | None = Field(
        default=None,
        description="Model that the stage compares with instead of the one of [model].",
        examples=["models:/churn@champion"],
    )
    inconclusive: Literal["warn", "fail"] | None = Field(
        default=None,
        description="What evidence that does not decide does to a check; default: fail in predeploy, else warn.",
        examples=["warn"],
    )


class WaiverSettings(Section):
    """A check that someone answers for although it does not pass."""

    check: Text = Field(
        description="Id of the check, in which only * is special.",
        examples=["performance::test_a_metric_meets_its_limit[accuracy]"],
    )
    # Blank ones are no problem of the file: they fail the check that the waiver names, and nothing else.
    owner: str = Field(description="Who answers for the waiver.", examples=["ana@example.org"])
    reason: str = Field(description="Why the check may be passed over.", examples=["labels of May arrive late"])
    until: Day = Field(description="The last day on which the waiver holds.", examples=[date(2030, 12, 31)])


class ChecksSettings(Section):
    """Which checks of the user's own belong to the gate."""

    own: Texts = Field(
        default=(),
        description="Files with tests of your own that the gate demands.",
        examples=[["tests/test_rules.py"]],
    )


class ReportSettings(Section):
    """What the reports show."""

    samples: bool = Field(
        default=False,
        description="Whether evidence, reports and the terminal may show values of single rows.",
        examples=[True],
    )
