"""The model predicts well enough to be released."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_mlquality.check import CI, PREDEPLOY, Row, Rows, check, each_limit, each_limit_within

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_mlquality import Limit
    from pytest_mlquality.concerns.performance import Performance
    from pytest_mlquality.settings import Settings

pytestmark = pytest.mark.ml_performance


@check(
    challenge="testing and quality",
    principles=("accountable", "continuous"),
    phase="training",
    serves=("I4", "M5"),
    stages=(CI, PREDEPLOY),
    each=each_limit("performance.metrics", "metric"),
)
def test_a_metric_meets_its_limit(ml_performance: Performance, metric: str, limit: Limit) -> None:
    """A metric of the model, on rows that it has not seen, meets the limit the team has set."""
    assert ml_performance.metric(metric).within(limit)


def each_slicing(table: str) -> Rows:
    """A claim for each metric of a table and each way to make slices."""

    def rows(settings: Settings, _stage: str) -> Iterable[Row]:
        slices = settings.performance.slices if settings.performance is not None else None
        for metric, limit in getattr(slices, table, {}).items():
            for by in slices.names if slices is not None else ():
                arguments = {"metric": metric, "by": by, "limit": limit}
                yield Row(f"{metric}-{by}", arguments, f"performance.slices.{table}.{metric}")

    return rows


@check(
    challenge="testing and quality",
    principles=("accountable", "continuous"),
    phase="training",
    serves=("M6",),
    stages=(CI, PREDEPLOY),
    each=each_slicing("metrics"),
)
def test_every_slice_meets_its_limit(ml_performance: Performance, metric: str, by: str, limit: Limit) -> None:
    """For every part of the rows that is looked at alone, the model is as good as the team has agreed."""
    assert ml_performance.metric_by_slice(metric, by).within(limit)


@check(
    challenge="testing and quality",
    principles=("accountable", "continuous"),
    phase="training",
    serves=("M6",),
    stages=(CI, PREDEPLOY),
    each=each_slicing("gap"),
)
def test_no_slice_lags_behind(ml_performance: Performance, metric: str, by: str, limit: Limit) -> None:
    """No part of the rows is served worse, compared with all others, than the team accepts."""
    assert ml_performance.gap_by_slice(metric, by).within(limit)


@check(
    challenge="testing and quality",
    principles=("accountable", "continuous"),
    phase="training",
    serves=("M6",),
    stages=(CI, PREDEPLOY),
    each=each_limit_within("performance.slices.only", "slice_name", "metric"),
)
def test_a_slice_meets_a_limit_of_its_own(
    ml_performance: Performance, metric: str, slice_name: str, limit: Limit
) -> None:
    """A part of the rows that has limits of its own meets them."""
    assert ml_performance.metric_of_slice(metric, slice_name).within(limit)


@check(
    challenge="testing and quality",
    principles=("accountable", "continuous"),
    phase="training",
    serves=("M6",),
    stages=(CI, PREDEPLOY),
    each=each_limit("performance.weak_slices.gap", "metric"),
)
def test_no_slice_that_nobody_named_lags_behind(ml_performance: Performance, metric: str, limit: Limit) -> None:
    """A search for parts of the rows that are served worse finds none that other rows confirm, beyond the limit."""
    assert ml_performance.weak_slices(metric).within(limit)


@check(
    challenge="testing and quality",
    principles=("accountable", "continuous"),
    phase="training",
    serves=("M5",),
    stages=(CI, PREDEPLOY),
    each=each_limit_within("performance.gain_over", "reference", "metric"),
)
def test_a_simple_model_is_beaten(ml_performance: Performance, metric: str, reference: str, limit: Limit) -> None:
    """On the same rows, the model is better than a simple one by as much as makes it worth its trouble."""
    assert ml_performance.gain_over(metric, reference).within(limit)


@check(
    challenge="testing and quality",
    principles=("accountable", "continuous"),
    phase="training",
    serves=("I4",),
    stages=(CI, PREDEPLOY),
    each=each_limit("performance.loss_to_train", "metric"),
)
def test_new_rows_are_predicted_as_well_as_train(ml_performance: Performance, metric: str, limit: Limit) -> None:
    """The model has learned, not memorised: on new rows it loses no more against train than the team accepts."""
    assert ml_performance.loss_to_train(metric).within(limit)


@check(
    challenge="experiment tracking",
    principles=("reproducible", "accountable"),
    phase="training",
    serves=("I4",),
    stages=(CI, PREDEPLOY),
    each=each_limit("performance.loss_to_recorded", "metric"),
)
def test_a_metric_recorded_at_training_holds(ml_performance: Performance, metric: str, limit: Limit) -> None:
    """What was written down when the model was trained is what the model does."""
    assert ml_performance.loss_to_recorded(metric).within(limit)


@check(
    challenge="testing and quality",
    principles=("accountable", "continuous"),
    phase="training",
    serves=("I4", "N7"),
    stages=(CI, PREDEPLOY),
    each=each_limit("performance.loss_to_previous", "metric"),
)
def test_a_metric_has_not_fallen_since_the_previous_run(ml_performance: Performance, metric: str, limit: Limit) -> None:
    """The metric is no worse than the evidence of an earlier run has it, by more than the team accepts."""
    assert ml_performance.loss_to_previous(metric).within(limit)


@check(
    challenge="testing and quality",
    principles=("accountable", "continuous"),
    phase="training",
    serves=("I4", "N7"),
    stages=(CI, PREDEPLOY),
    each=each_limit("performance.loss_to_baseline", "metric"),
    needs_baseline=True,
)
def test_the_model_is_not_worse_than_the_baseline(ml_performance: Performance, metric: str, limit: Limit) -> None:
    """On the same rows, the model loses no more to the one now in production than the team accepts."""
    assert ml_performance.loss_to_baseline(metric).within(limit)
