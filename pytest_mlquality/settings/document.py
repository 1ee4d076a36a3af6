"""The whole of one mlquality.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from pytest_mlquality.settings.explanation_section import ExplanationSettings
from pytest_mlquality.settings.fairness_section import FairnessSettings
from pytest_mlquality.settings.gate_sections import (
    ChecksSettings,
    ReportSettings,
    StageSettings,
    VerdictSettings,
    WaiverSettings,
)
from pytest_mlquality.settings.performance_section import PerformanceSettings
from pytest_mlquality.settings.schema_section import SchemaSettings
from pytest_mlquality.settings.section import FROM_LIST, READ_ONLY, Link, Section, Text
from pytest_mlquality.settings.skew_section import SkewSettings
from pytest_mlquality.settings.subject_sections import DataSettings, ModelSettings, RegistrySettings

SPLITS = ("train", "test", "production", "raw")
# What the file may hold one day: told apart from typing mistakes, and never silently ignored.
SECTIONS_TO_COME = frozenset(
    {
        "robustness",
        "latency",
        "serving",
        "reproducibility",
        "lineage",
        "pipeline",
        "monitoring",
        "deepchecks",
    }
)

StageName = Literal["ci", "predeploy", "nightly"]
MLTestScoreId = Literal[
    "D1", "D2", "D3", "D4", "D5", "D6", "D7", "M1", "M2", "M3", "M4", "M5", "M6", "M7",
    "I1", "I2", "I3", "I4", "I5", "I6", "I7", "N1", "N2", "N3", "N4", "N5", "N6", "N7",
]  # fmt: skip


class Document(Section):
    """One file: a machine-learning system and the limits it is held to."""

    name: Text | None = Field(
        default=None,
        description="Name of the system; default: X for X.mlquality.toml, else the folder's name; never inherited.",
        examples=["churn"],
    )
    extends: Text | None = Field(
        default=None,
        description="File whose settings hold where this one says nothing; all other paths are relative to this file.",
        examples=["../base.mlquality.toml"],
    )
    model: ModelSettings | None = Field(default=None, description="The model under test; without it: a data gate.")
    registry: RegistrySettings | None = Field(default=None, description="The model registry.")
    verdict: VerdictSettings = Field(default_factory=VerdictSettings, description="How often a verdict may be wrong.")
    data: DataSettings = Field(default_factory=DataSettings, description="Columns and splits.")
    schema_: SchemaSettings | None = Field(
        default=None, alias="schema", description="Whether the data are what people agreed they are."
    )
    skew: SkewSettings | None = Field(
        default=None, description="Whether rows look like those that the model was trained on."
    )
    performance: PerformanceSettings | None = Field(default=None, description="How well the model predicts.")
    fairness: FairnessSettings | None = Field(default=None, description="Whether groups of people are treated alike.")
    explanation: ExplanationSettings | None = Field(default=None, description="What the model relies on.")
    stage: Annotated[Mapping[StageName, StageSettings], *READ_ONLY] = Field(
        default_factory=dict, validate_default=True, description="What a stage does differently."
    )
    waive: Annotated[tuple[WaiverSettings, ...], FROM_LIST] = Field(
        default=(), description="Checks that someone answers for although they do not pass."
    )
    checks: ChecksSettings = Field(default_factory=ChecksSettings, description="Checks of your own.")
    report: ReportSettings = Field(default_factory=ReportSettings, description="What the reports show.")
    by_hand: Annotated[Mapping[MLTestScoreId, Link], *READ_ONLY] = Field(
        default_factory=dict,
        validate_default=True,
        description="Tests of the ML Test Score that people did by hand, each with a link to its write-up.",
        examples=[{"M2": "https://example.org/tests/m2"}],
    )
