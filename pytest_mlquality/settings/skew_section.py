"""The section about whether rows look like those that the model was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from pytest_mlquality.limit import Limit
from pytest_mlquality.settings.limits import NESTED, Measures, column_measures, key_measures, skew_measures
from pytest_mlquality.settings.section import FROM_LIST, READ_ONLY, WINDOW, Section, Text, Texts
from pytest_mlquality.settings.subject_sections import SplitName

Pair = Annotated[tuple[SplitName, SplitName], FROM_LIST]
ColumnLimits = Annotated[Mapping[str, Limit], Measures(column_measures)]


class KeysSettings(Section):
    """Rows of one key in two splits, such as logs of training and of serving, compared value by value."""

    between: Pair = Field(
        default=("train", "production"),
        description="The two splits; [data] key says which rows belong together.",
        examples=[["train", "production"]],
    )
    columns: Texts = Field(
        default=(), description="Columns to compare; default: those that the model sees.", examples=[["age", "income"]]
    )
    tolerance: Annotated[Mapping[Text, Annotated[float, Field(ge=0, allow_inf_nan=False)]], *READ_ONLY] = Field(
        default_factory=dict,
        validate_default=True,
        description="By column of numbers, by which part of the larger one two values may differ.",
        examples=[{"income": 0.001}],
    )
    metrics: Annotated[Mapping[str, Limit], Measures(key_measures, (("differing_values", Limit(at_most=0.01)),))] = (
        Field(
            default_factory=dict,
            validate_default=True,
            description="Limits of how many values may differ, and how many keys have no partner; false drops one.",
            examples=[{"unmatched_keys": {"at_most": 0.1}}],
        )
    )


class SkewSettings(Section):
    """Whether rows look like those that the model was trained on."""

    between: Annotated[tuple[Pair, ...], FROM_LIST] = Field(
        default=(),
        description="Pairs of splits, the reference first; default: train with test, and at night with production.",
        examples=[[["train", "test"], ["train", "production"]]],
    )
    ignore: Texts = Field(
        default=(), description="Columns that are not compared, besides those of [data].", examples=[["campaign"]]
    )
    time: str | None = Field(
        default=None,
        pattern=WINDOW,
        description="Length of the windows of [data] time in which the split is compared, each by itself.",
        examples=["1 month"],
    )
    weighted: Literal[False] | None = Field(
        default=None,
        description="Say false where [data] weight is set: rows are compared as they are, whatever they weigh.",
        examples=[False],
    )
    profiles: Annotated[Mapping[SplitName, Text], *READ_ONLY] = Field(
        default_factory=dict,
        validate_default=True,
        description="By split, the profile that `mlquality profile` wrote, which stands for its rows as a reference.",
        examples=[{"train": "train.profile.json"}],
    )
    metrics: Annotated[
        Mapping[str, Limit],
        Measures(
            skew_measures,
            (
                ("incomparable_columns", Limit(at_most=0.0)),
                ("jensen_shannon_distance", Limit(at_most=0.08)),
                ("missing_ratio", Limit(at_most=1.2)),
                ("unseen_share", Limit(at_most=0.01)),
                ("atom_ratio", Limit(at_most=1.75)),
                ("minority_ratio", Limit(at_most=1.4)),
                ("joint_drift", Limit(at_most=0.54)),
            ),
        ),
    ] = Field(
        default_factory=dict,
        validate_default=True,
        description="Limits of how far a column may have moved, or the rows as a whole; false drops one.",
        examples=[{"jensen_shannon_distance": {"at_most": 0.1}}],
    )
    columns: Annotated[Mapping[Text, ColumnLimits], *NESTED] = Field(
        default_factory=dict,
        validate_default=True,
        description="By column, limits of its own, which stand in place of those of all columns.",
        examples=[{"AGEP": {"jensen_shannon_distance": {"at_most": 0.2}}}],
    )
    predictions: ColumnLimits = Field(
        default_factory=dict,
        description="Limits of how far the model's answers may have moved.",
        examples=[{"jensen_shannon_distance": {"at_most": 0.1}}],
    )
    keys: KeysSettings | None = Field(
        default=None, description="Rows of one key in two splits, compared value by value."
    )
