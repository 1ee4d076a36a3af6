"""The model predicts well enough to be released."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_mlquality.check import CI, PREDEPLOY, check, each_limit

if TYPE_CHECKING:
    from pytest_mlquality import Limit
    from pytest_mlquality.concerns.performance import Performance

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
