"""The data are what people agreed they are, and what the model was made for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

from pytest_mlquality.check import CI, NIGHTLY, PREDEPLOY, Row, check, each_limit

if TYPE_CHECKING:
    from pytest_mlquality import Limit
    from pytest_mlquality.concerns.schema import Schema
    from pytest_mlquality.settings import Settings

pytestmark = pytest.mark.ml_schema

OFFLINE = ("train", "test")
# Each has a check of its own; all else in [schema.metrics] is integrity.
OF_ITS_OWN = ("mismatched_columns", "missing_targets", "broken_rules")
OF_PRODUCTION = ("staleness",)
# What is asked with the model or train in mind says nothing about rows before preprocessing.
NOT_OF_RAW = ("mismatched_columns", "outlier_rows")
OF_LABELS = ("missing_targets", "conflicting_labels", "ambiguous_labels", "rarest_class")


def splits_of(settings: Settings, stage: str) -> list[str]:
    """At night production is judged; before a release, what the model is trained and tested on, and raw if named."""
    section = settings.schema
    if section is not None and section.on is not None:
        judged: tuple[str, ...] = ("production",) if stage == NIGHTLY else (*OFFLINE, "raw")
        return [split for split in section.on if split in judged]
    return [split for split in settings.data.splits if split in (("production",) if stage == NIGHTLY else OFFLINE)]


def can_be_asked(settings: Settings, split: str, measure: str) -> bool:
    """Raw rows precede the model; where the environment of a split lets the label be absent, none is looked at."""
    section, declared = settings.schema, settings.data.splits.get(split)
    environment = section.environments.get((declared and declared.environment) or split) if section else None
    unlabelled = environment is not None and bool(
        {*settings.data.targets, settings.data.target} & {*environment.absent}
    )
    return not (unlabelled and measure in OF_LABELS) and not (split == "raw" and measure in NOT_OF_RAW)


def rows(settings: Settings, stage: str, measure: str) -> list[Row]:
    """Return a claim for each split that a limit of [schema.metrics] is about, or one of [schema.only] of its own."""
    section = settings.schema
    if section is None:
        return []
    found = []
    for split in splits_of(settings, stage):
        limit, key = section.limits_of(split).get(measure, (None, ""))
        if limit is not None and can_be_asked(settings, split, measure):
            found.append(Row(split, {"split": split, "limit": limit}, f"schema.{key}"))
    return found


def each_split_with_columns_to_expect(settings: Settings, stage: str) -> Iterable[Row]:
    """Without a model the train split says what the others should look like."""
    found = rows(settings, stage, "mismatched_columns")
    return found if settings.model is not None else [row for row in found if row.id != "train"]


def has_labels(settings: Settings, stage: str) -> bool:
    """Production has no labels yet; without a target no split has any."""
    return settings.data.target is not None and stage != NIGHTLY


def each_labelled_split(settings: Settings, stage: str) -> Iterable[Row]:
    """Return a claim for each split that has labels."""
    return rows(settings, stage, "missing_targets") if has_labels(settings, stage) else []


def each_split_with_rules(settings: Settings, stage: str) -> Iterable[Row]:
    """A schema file, a condition, a reference or a number of values is something to agree on."""
    section = settings.schema
    agreed = section is not None and (section.file or section.rules or section.references or section.distinct_values)
    return rows(settings, stage, "broken_rules") if agreed else []


def each_integrity(settings: Settings, stage: str) -> Iterable[Row]:
    """Every further limit of [schema.metrics] and [schema.only], of every split."""
    for measure in settings.schema.measures if settings.schema is not None else ():
        if measure in OF_ITS_OWN or (measure in OF_LABELS and not has_labels(settings, stage)):
            continue
        if measure not in OF_PRODUCTION or stage == NIGHTLY:
            for row in rows(settings, stage, measure):
                yield Row(f"{measure}-{row.id}", {"measure": measure, **row.arguments}, row.limit_from)


def each_leakage(settings: Settings, stage: str) -> Iterable[Row]:
    """What can be asked of a train and a test split, of their key and of their time."""
    section, data = settings.schema, settings.data
    if section is None or data.train is None:
        return
    needs = {
        "shared_keys": data.test is not None and data.key is not None,
        "shared_rows": data.test is not None,
        "time_overlap": data.test is not None and data.split_by == "time",
        "known_too_late": data.test is not None and bool(section.known_at),
        "single_column_score": data.target is not None,
        "order_score": data.target is not None,
        "target_named_columns": data.target is not None,
    }
    for measure, limit in section.leakage.items():
        if not needs[measure]:
            continue
        key = f"schema.leakage.{measure}"
        if measure == "known_too_late":
            for split in OFFLINE:
                yield Row(f"{measure}-{split}", {"measure": measure, "split": split, "limit": limit}, key)
        else:
            yield Row(measure, {"measure": measure, "split": "test", "limit": limit}, key)


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


@check(
    challenge="data and model management",
    principles=("accountable", "collaborative"),
    phase="preprocessing",
    serves=("D1", "D4", "N2"),
    stages=(CI, PREDEPLOY, NIGHTLY),
    each=each_split_with_rules,
)
def test_the_data_keep_to_what_was_agreed(ml_schema: Schema, split: str, limit: Limit) -> None:
    """No rule of the schema, no condition across columns and no reference to another table is broken."""
    assert ml_schema.broken_rules(on=split).within(limit)


@check(
    challenge="data and model management",
    principles=("accountable", "collaborative"),
    phase="EDA",
    serves=("D1", "N2", "N5"),
    stages=(CI, PREDEPLOY, NIGHTLY),
    each=each_integrity,
)
def test_the_rows_are_sound(ml_schema: Schema, measure: str, split: str, limit: Limit) -> None:
    """There are as many rows as there should be, fresh enough, few of them repeated, contradictory or out of range."""
    assert ml_schema.metric(measure, on=split).within(limit)


@check(
    challenge="data and model management",
    principles=("accountable", "reproducible"),
    phase="preprocessing",
    serves=("D2", "N3"),
    stages=(CI, PREDEPLOY),
    each=each_leakage,
)
def test_nothing_gives_the_answer_away(ml_schema: Schema, measure: str, split: str, limit: Limit) -> None:
    """Test rows do not stand in train, and no feature knows what only the future tells."""
    assert ml_schema.leakage(measure, on=split).within(limit)


@check(
    challenge="data and model management",
    principles=("accountable", "collaborative"),
    phase="preprocessing",
    serves=("D1",),
    stages=(CI, PREDEPLOY),
    each=each_limit("schema.labelling.metrics", "measure"),
)
def test_functions_that_label_are_to_be_trusted(ml_schema: Schema, measure: str, limit: Limit) -> None:
    """Every labelling function speaks often enough, contradicts others seldom enough and is right often enough."""
    assert ml_schema.labelling(measure).within(limit)
