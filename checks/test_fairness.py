"""No group of people is treated worse than the team accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_mlquality.check import CI, PREDEPLOY, Row, Rows, check

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_mlquality import Limit
    from pytest_mlquality.concerns.fairness import Fairness
    from pytest_mlquality.settings import Settings

pytestmark = pytest.mark.ml_fairness


def each_of_metrics(settings: Settings, _stage: str) -> Iterable[Row]:
    """A claim for each way to make groups and each limit that holds for it."""
    section = settings.fairness
    for by in section.names if section is not None else ():
        for metric, (limit, key) in section.limits_of(by).items() if section is not None else ():
            yield Row(f"{by}-{metric}", {"sensitive": by, "metric": metric, "limit": limit}, f"fairness.{key}")


def each_sensitive(table: str) -> Rows:
    """A claim for each way to make groups and each limit of a table."""

    def rows(settings: Settings, _stage: str) -> Iterable[Row]:
        section = settings.fairness
        for by in section.names if section is not None else ():
            for metric, limit in getattr(section, table).items():
                arguments = {"sensitive": by, "metric": metric, "limit": limit}
                yield Row(f"{by}-{metric}", arguments, f"fairness.{table}.{metric}")

    return rows


@check(
    challenge="testing and quality",
    principles=("accountable", "continuous"),
    phase="training",
    serves=("M7",),
    stages=(CI, PREDEPLOY),
    each=each_of_metrics,
)
def test_groups_are_treated_alike(ml_fairness: Fairness, sensitive: str, metric: str, limit: Limit) -> None:
    """No two groups of people are farther apart than the team accepts, and no group is below what it asks for each."""
    assert ml_fairness.measure(metric, by=sensitive).within(limit)


@check(
    challenge="testing and quality",
    principles=("accountable", "continuous"),
    phase="training",
    serves=("M7",),
    stages=(CI, PREDEPLOY),
    each=each_sensitive("conditional"),
)
def test_groups_that_are_otherwise_alike_are_treated_alike(
    ml_fairness: Fairness, sensitive: str, metric: str, limit: Limit
) -> None:
    """Among people who are alike in what may make a difference, no two groups are farther apart than accepted."""
    assert ml_fairness.conditional(metric, by=sensitive).within(limit)


@check(
    challenge="testing and quality",
    principles=("accountable", "continuous"),
    phase="training",
    serves=("M7", "I4"),
    stages=(CI, PREDEPLOY),
    each=each_sensitive("loss_to_baseline"),
    needs_baseline=True,
)
def test_no_group_is_worse_off_than_under_the_baseline(
    ml_fairness: Fairness, sensitive: str, metric: str, limit: Limit
) -> None:
    """No group pays for the new model: none is served worse than by the one in production, beyond what is accepted."""
    assert ml_fairness.loss_to_baseline(metric, by=sensitive).within(limit)


@check(
    challenge="testing and quality",
    principles=("accountable", "continuous"),
    phase="training",
    serves=("M7",),
    stages=(CI, PREDEPLOY),
    each=each_sensitive("reliance"),
)
def test_the_group_itself_decides_nothing(ml_fairness: Fairness, sensitive: str, metric: str, limit: Limit) -> None:
    """Nobody is decided otherwise for their group alone, and no other feature of the model stands in for it."""
    assert ml_fairness.reliance(metric, by=sensitive).within(limit)
