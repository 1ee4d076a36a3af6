"""The sections about the gate itself: verdict, stages, waivers, own checks, report."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field

from pytest_mlquality.settings.section import FROM_LIST, Day, Level, Section, Text, Texts

Concern = Literal["schema", "skew", "performance", "fairness", "explanation"]
CONCERNS: tuple[str, ...] = get_args(Concern)


class VerdictSettings(Section):
    """How often a verdict may be wrong."""

    false_fail: Level = Field(
        default=1e-3,
        description="Greatest probability that a claim fails although the truth satisfies its limit: one check, or "
        "comparison of a test, whatever the number of columns, slices or groups in it.",
        examples=[1e-3],
    )
    false_pass: Level = Field(
        default=0.05,
        description="Greatest probability that a limit passes although the truth violates it.",
        examples=[0.05],
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
