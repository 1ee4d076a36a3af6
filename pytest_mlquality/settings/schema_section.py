"""The section about whether the data are what people agreed they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from pytest_mlquality.limit import Limit
from pytest_mlquality.settings.labelling_section import LabellingSettings
from pytest_mlquality.settings.limits import NESTED, Bounds, Measures, leakage_measures, schema_measures, with_own
from pytest_mlquality.settings.section import FROM_LIST, READ_ONLY, Section, Share, Text, Texts
from pytest_mlquality.settings.subject_sections import SplitName

OF_A_SPLIT = Measures(schema_measures, amounts=frozenset({"staleness", "longest_time_gap"}))
OwnLimits = Annotated[Mapping[str, Limit | None], replace(OF_A_SPLIT, keeps_off=True)]
DEFAULTS = (
    ("mismatched_columns", Limit(at_most=0.0)),
    ("missing_targets", Limit(at_most=0.0)),
    ("broken_rules", Limit(at_most=0.0)),
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
    metrics: Annotated[Mapping[str, Limit], replace(OF_A_SPLIT, defaults=DEFAULTS)] = Field(
        default_factory=dict,
        validate_default=True,
        description="Limits of what can be wrong with one split; false drops one.",
        examples=[{"missing_targets": {"at_most": 10}}],
    )
    only: Annotated[Mapping[Text, OwnLimits], *NESTED] = Field(
        default_factory=dict,
        validate_default=True,
        description="By split, limits of its own, which go before those of metrics; false drops one there.",
        examples=[{"train": {"rows": {"at_least": 10000}}}],
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
    labelling: LabellingSettings | None = Field(
        default=None, description="Functions that label rows, whose votes stand in columns."
    )

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures of which some split has a limit."""
        own = [name for limits in self.only.values() for name, limit in limits.items() if limit is not None]
        return tuple(dict.fromkeys([*self.metrics, *own]))

    def limits_of(self, split: str) -> dict[str, tuple[Limit, str]]:
        """Return the limits of what can be wrong with a split, by measure, each with the key where it stands."""
        return with_own(self.metrics, self.only, split)
