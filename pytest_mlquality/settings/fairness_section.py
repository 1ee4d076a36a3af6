"""The section about whether groups of people are treated alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import Field
from typing_extensions import TypeAliasType

from pytest_mlquality.limit import Limit
from pytest_mlquality.settings.disparities import (
    disparity_measures,
    disparity_patterns,
    reliance_measures,
    why_no_disparity,
)
from pytest_mlquality.settings.limits import NESTED, Measures, with_own
from pytest_mlquality.settings.performance_section import MetricLimits
from pytest_mlquality.settings.section import FROM_LIST, READ_ONLY, Section, Share, Text, Texts
from pytest_mlquality.settings.subject_sections import SplitName

DISPARITIES = Measures(disparity_measures, patterns=disparity_patterns, why_unknown=why_no_disparity)
DisparityLimits = TypeAliasType("DisparityLimits", Annotated[Mapping[str, Limit], DISPARITIES])
OwnLimits = TypeAliasType("OwnLimits", Annotated[Mapping[str, Limit | None], replace(DISPARITIES, keeps_off=True)])
Limits = tuple[tuple[str, Limit], ...]
# The four-fifths rule, and what people commonly accept of odds.
DEFAULTS: Limits = (
    ("demographic_parity_ratio", Limit(at_least=0.8)),
    ("equalized_odds_difference", Limit(at_most=0.1)),
)
# What takes their place, by [model] task. Of what is measured of numbers a ratio alone has no unit, and that of errors
# says whether groups are served alike; of lists and of several labels a row no metric is the obvious one.
DEFAULTS_OF_TASK: Mapping[str, Limits] = {
    "regression": (("mean_absolute_error_ratio", Limit(at_least=0.8)),),
    "multilabel": (),
    "ranking": (),
}


class SensitiveTableSettings(Section):
    """Another table that has the columns which make the groups, by the key of the rows."""

    source: Text = Field(
        description="Its rows, one a key: a path or glob, a table of the engine, or python:module:function.",
        examples=["private/people.parquet"],
    )
    key: Text | None = Field(
        default=None, description="Column with the key of the rows; default: that of [data].", examples=["person"]
    )
    engine: Text | None = Field(
        default=None, description="Ibis backend URL of the table; default: that of [data].", examples=["duckdb://"]
    )


class FairnessSettings(Section):
    """Whether groups of people are treated alike."""

    on: SplitName = Field(default="test", description="Split on which groups are compared.", examples=["test"])
    by: Annotated[tuple[Text | Texts, ...], FROM_LIST] = Field(
        min_length=1,
        description="Columns whose values make groups; several in brackets make one of each combination.",
        examples=[["SEX", "AGEP", ["SEX", "RAC1P"]]],
    )
    bins: Annotated[Mapping[Text, Annotated[tuple[float, ...], FROM_LIST]], *READ_ONLY] = Field(
        default_factory=dict,
        validate_default=True,
        description="By column of numbers, where groups begin; default: at its quartiles where it has many values.",
        examples=[{"AGEP": [18, 30, 45, 65]}],
    )
    control: Texts = Field(
        default=(),
        description="Columns within whose values the limits of conditional compare groups; numbers as in bins.",
        examples=[["SCHL"]],
    )
    min_rows: int = Field(
        default=100, ge=10, description="Rows below which a group is too small to judge.", examples=[100]
    )
    judged_share: Share = Field(
        default=0.95, description="Least share of rows that must be in groups that were judged.", examples=[0.95]
    )
    metrics: Annotated[Mapping[str, Limit], replace(DISPARITIES, defaults=DEFAULTS)] = Field(
        default_factory=dict,
        validate_default=True,
        description="Limits of how far groups are apart, or of every group; false drops one; task regression has the "
        "default mean_absolute_error_ratio = { at_least = 0.8 }, multilabel and ranking have none.",
        examples=[{"demographic_parity_ratio": {"at_least": 0.8}}],
    )
    only: Annotated[Mapping[Text, OwnLimits], *NESTED] = Field(
        default_factory=dict,
        validate_default=True,
        description="By what makes groups, limits of its own, which go before those of metrics; false drops one there.",
        examples=[{"SEX+RAC1P": {"demographic_parity_ratio": {"at_least": 0.6}}}],
    )
    conditional: DisparityLimits = Field(
        default_factory=dict,
        validate_default=True,
        description="The same among rows that are alike in the columns of control.",
        examples=[{"demographic_parity_difference": {"at_most": 0.1}}],
    )
    loss_to_baseline: MetricLimits = Field(
        default_factory=dict,
        validate_default=True,
        description="Limits of how much worse than under the baseline any group may fare, by metric.",
        examples=[{"accuracy": {"at_most": 0.02}}],
    )
    reliance: Annotated[Mapping[str, Limit], Measures(reliance_measures)] = Field(
        default_factory=dict,
        validate_default=True,
        description="Limits of how far the model relies on what makes groups, itself or through other features.",
        examples=[{"changed_decisions": {"at_most": 0.01}}],
    )
    table: SensitiveTableSettings | None = Field(
        default=None, description="Where the columns of by and control are, if not in the split."
    )

    @property
    def entries(self) -> tuple[tuple[str, ...], ...]:
        """The columns of each entry of `by`."""
        return tuple((entry,) if isinstance(entry, str) else entry for entry in self.by)

    @property
    def names(self) -> tuple[str, ...]:
        """What makes groups, each in a word: columns joined by ``+``."""
        return tuple("+".join(entry) for entry in self.entries)

    def limits_of(self, name: str) -> dict[str, tuple[Limit, str]]:
        """Return the limits of metrics for what makes groups, by measure, each with the key where it stands."""
        return with_own(self.metrics, self.only, name)
