"""The section about functions that label rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from pytest_mlquality.limit import Limit
from pytest_mlquality.settings.limits import Measures
from pytest_mlquality.settings.section import FROM_LIST, Section, Text
from pytest_mlquality.settings.subject_sections import SplitName


def labelling_measures() -> dict[str, str]:
    """Return the names for ``[schema.labelling.metrics]`` with their meaning."""
    return {
        "coverage": "Share of rows on which a function votes.",
        "conflict": "Share of a function's votes from which another function's vote differs.",
        "accuracy": "Share of a function's votes that are the target, among rows that have one.",
    }


class LabellingSettings(Section):
    """Columns of votes of labelling functions (weak supervision)."""

    functions: Annotated[tuple[Text, ...], FROM_LIST] = Field(
        min_length=1,
        description="Columns with the label that a function gives each row; a missing one abstains.",
        examples=[["says_keyword", "says_rule"]],
    )
    on: SplitName = Field(default="train", description="Split that has these columns.", examples=["train"])
    metrics: Annotated[Mapping[str, Limit], Measures(labelling_measures)] = Field(
        default_factory=dict,
        validate_default=True,
        description="Limits that every function keeps.",
        examples=[{"accuracy": {"at_least": 0.7}}],
    )
