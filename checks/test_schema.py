"""The data are what the model was made for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

from pytest_mlquality.check import CI, NIGHTLY, PREDEPLOY, Row, check

if TYPE_CHECKING:
    from pytest_mlquality import Limit
    from pytest_mlquality.concerns.schema import Schema
    from pytest_mlquality.settings import Settings

pytestmark = pytest.mark.ml_schema

OFFLINE = ("train", "test")


def rows(settings: Settings, stage: str, measure: str) -> list[Row]:
    """At night production is judged; before a release, what the model is trained and tested on."""
    section = settings.schema
    limit = section.metrics.get(measure) if section is not None else None
    if section is None or limit is None:
        return []
    judged = ("production",) if stage == NIGHTLY else OFFLINE
    chosen = [split for split in section.on or settings.data.splits if split in judged]
    return [Row(split, {"split": split, "limit": limit}, f"schema.metrics.{measure}") for split in chosen]


def each_split_with_columns_to_expect(settings: Settings, stage: str) -> Iterable[Row]:
    """Without a model the train split says what the others should look like."""
    found = rows(settings, stage, "mismatched_columns")
    return found if settings.model is not None else [row for row in found if row.id != "train"]


def each_labelled_split(settings: Settings, stage: str) -> Iterable[Row]:
    """Production has no labels yet; without a target no split has any."""
    has_labels = settings.data.target is not None and stage != NIGHTLY
    return rows(settings, stage, "missing_targets") if has_labels else []


@check(
    challenge="data and model management",
    principles=("accountable", "collaborative"),
    phase="preprocessing",
    serves=("D1", "N2"),
    stages=(CI, PREDEPLOY, NIGHTLY),
    each=each_split_with_columns_to_expect,
)
def test_columns_are_what_the_model_expects(ml_schema: Schema, split: str, limit: Limit) -> None:
    """The split has every column that the model asks for, in the type that it was made for."""
    assert ml_schema.mismatched_columns(on=split).within(limit)


@check(
    challenge="data and model management",
    principles=("accountable", "collaborative"),
    phase="preprocessing",
    serves=("D1",),
    stages=(CI, PREDEPLOY),
    each=each_labelled_split,
)
def test_every_row_has_a_label(ml_schema: Schema, split: str, limit: Limit) -> None:
    """No row of the split is without its label."""
    assert ml_schema.missing_targets(on=split).within(limit)
