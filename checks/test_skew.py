"""Rows look like those that the model was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_mlquality.check import CI, NIGHTLY, PREDEPLOY, Row, Rows, check

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_mlquality import Limit
    from pytest_mlquality.concerns.skew import Skew
    from pytest_mlquality.settings import Settings

pytestmark = pytest.mark.ml_skew

Pair = tuple[str, str]
# Each has a check of its own; all else in [skew.metrics] is measured column by column.
OF_ITS_OWN = ("incomparable_columns", "row_ratio", "joint_drift", "correlation_change")


def pairs(settings: Settings, stage: str) -> list[Pair]:
    """At night production is compared; before a release, the splits that the model is made with."""
    if settings.skew is None:
        return []
    declared = [split for split in ("test", "production") if split in settings.data.splits]
    named = settings.skew.between or [("train", split) for split in declared]
    return [pair for pair in named if ("production" in pair) == (stage == NIGHTLY)]


def each_pair(limits: Mapping[str, Limit], table: str, settings: Settings, stage: str) -> Iterable[Row]:
    """A claim for each limit of a table and each pair of splits."""
    for measure, limit in limits.items():
        for pair in pairs(settings, stage):
            arguments = {"measure": measure, "between": pair, "limit": limit}
            yield Row(f"{measure}-{'-'.join(pair)}", arguments, f"{table}.{measure}")


def each_measure_of_columns(settings: Settings, stage: str) -> Iterable[Row]:
    """Every limit of [skew.metrics] that each column is held to."""
    metrics = settings.skew.metrics if settings.skew is not None else {}
    of_columns = {measure: limit for measure, limit in metrics.items() if measure not in OF_ITS_OWN}
    return each_pair(of_columns, "skew.metrics", settings, stage)


def each_pair_with(measure: str) -> Rows:
    """A claim for each pair of splits, where a measure has a limit; joint drift needs the rows of the reference too."""

    def rows(settings: Settings, stage: str) -> Iterable[Row]:
        limit = settings.skew.metrics.get(measure) if settings.skew is not None else None
        for pair in pairs(settings, stage) if limit is not None else ():
            if measure == "joint_drift" and pair[0] not in settings.data.splits:
                continue
            yield Row("-".join(pair), {"between": pair, "limit": limit}, f"skew.metrics.{measure}")

    return rows


def each_column_with_limits(settings: Settings, stage: str) -> Iterable[Row]:
    """Every limit of [skew.columns]."""
    for column, limits in settings.skew.columns.items() if settings.skew is not None else ():
        for row in each_pair(limits, f"skew.columns.{column}", settings, stage):
            yield Row(f"{column}-{row.id}", {"column": column, **row.arguments}, row.limit_from)


@check(
    challenge="data and model management",
    principles=("accountable", "collaborative"),
    phase="preprocessing",
    serves=("D1", "N2", "N3"),
    stages=(CI, PREDEPLOY, NIGHTLY),
    each=each_pair_with("incomparable_columns"),
)
def test_columns_can_be_compared(ml_skew: Skew, between: Pair, limit: Limit) -> None:
    """Both splits have every column, in one type and with values."""
    assert ml_skew.incomparable_columns(between=between).within(limit)


@check(
    challenge="data and model management",
    principles=("reproducible", "accountable"),
    phase="audit",
    serves=("N3", "N2"),
    stages=(CI, PREDEPLOY, NIGHTLY),
    each=each_measure_of_columns,
)
def test_columns_look_as_in_the_reference(ml_skew: Skew, measure: str, between: Pair, limit: Limit) -> None:
    """No column has moved, between the two splits, by more than the team accepts."""
    assert ml_skew.columns(measure, between=between).within(limit)


@check(
    challenge="data and model management",
    principles=("reproducible", "accountable"),
    phase="audit",
    serves=("N3", "N2"),
    stages=(CI, PREDEPLOY, NIGHTLY),
    each=each_column_with_limits,
)
def test_a_column_keeps_to_a_limit_of_its_own(
    ml_skew: Skew, column: str, measure: str, between: Pair, limit: Limit
) -> None:
    """A column that has limits of its own has moved by no more."""
    assert ml_skew.column(column, measure, between=between).within(limit)


@check(
    challenge="data and model management",
    principles=("reproducible", "accountable"),
    phase="audit",
    serves=("N3", "N2"),
    stages=(CI, PREDEPLOY, NIGHTLY),
    each=each_pair_with("correlation_change"),
)
def test_columns_go_together_as_in_the_reference(ml_skew: Skew, between: Pair, limit: Limit) -> None:
    """No correlation of two columns has changed, between the two splits, by more than the team accepts."""
    assert ml_skew.correlation_changes(between=between).within(limit)


def each_measure_of_keys(settings: Settings, stage: str) -> Iterable[Row]:
    """Every limit of [skew.keys.metrics]."""
    keys = settings.skew.keys if settings.skew is not None else None
    if keys is not None and ("production" in keys.between) == (stage == NIGHTLY):
        for measure, limit in keys.metrics.items():
            yield Row(measure, {"measure": measure, "limit": limit}, f"skew.keys.metrics.{measure}")


@check(
    challenge="data and model management",
    principles=("reproducible", "accountable"),
    phase="audit",
    serves=("N3", "N2"),
    stages=(CI, PREDEPLOY, NIGHTLY),
    each=each_pair_with("joint_drift"),
)
def test_rows_as_a_whole_look_as_in_the_reference(ml_skew: Skew, between: Pair, limit: Limit) -> None:
    """No classifier can tell the rows of the two splits apart by how columns go together."""
    assert ml_skew.joint_drift(between=between).within(limit)


@check(
    challenge="serving and deployment",
    principles=("continuous",),
    phase="deploy/serving",
    serves=("N3", "I3"),
    stages=(CI, PREDEPLOY, NIGHTLY),
    each=each_measure_of_keys,
)
def test_values_of_a_key_agree(ml_skew: Skew, measure: str, limit: Limit) -> None:
    """The same entity has the same values in both splits, such as the logs of training and of serving."""
    measured = ml_skew.differing_values() if measure == "differing_values" else ml_skew.unmatched_keys()
    assert measured.within(limit)


def each_measure_of_predictions(settings: Settings, stage: str) -> Iterable[Row]:
    """Every limit of [skew.predictions]."""
    return each_pair(
        settings.skew.predictions if settings.skew is not None else {}, "skew.predictions", settings, stage
    )


@check(
    challenge="monitoring",
    principles=("accountable", "continuous"),
    phase="audit",
    serves=("N7",),
    stages=(CI, PREDEPLOY, NIGHTLY),
    each=each_measure_of_predictions,
)
def test_answers_look_as_in_the_reference(ml_skew: Skew, measure: str, between: Pair, limit: Limit) -> None:
    """The model answers, to the rows of both splits, about as often with this and with that."""
    assert ml_skew.predictions(measure, between=between).within(limit)


@check(
    challenge="data and model management",
    principles=("accountable", "collaborative"),
    phase="audit",
    serves=("N2",),
    stages=(CI, PREDEPLOY, NIGHTLY),
    each=each_pair_with("row_ratio"),
)
def test_there_are_about_as_many_rows(ml_skew: Skew, between: Pair, limit: Limit) -> None:
    """The split has neither far more nor far fewer rows than the reference."""
    assert ml_skew.row_ratio(between=between).within(limit)
