"""The model relies on the columns that people expect it to rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_mlquality.check import CI, PREDEPLOY, Row, Rows, check, each_limit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_mlquality import Limit
    from pytest_mlquality.concerns.explanation import Explanation
    from pytest_mlquality.settings import Settings

pytestmark = pytest.mark.ml_explanation


def each_of(*measures: str) -> Rows:
    """A claim for each limit of some measures, of those about declared columns one for each column."""

    def rows(settings: Settings, _stage: str) -> Iterable[Row]:
        section = settings.explanation
        for name, (measure, column, limit) in (section.limits_of(*measures) if section is not None else {}).items():
            arguments = {"measure": measure, "column": column, "limit": limit}
            yield Row(name, arguments, f"explanation.metrics.{measure}")

    return rows


def each_drift(settings: Settings, _stage: str) -> Iterable[Row]:
    """A claim for each limit of drift and each pair of splits."""
    section = settings.explanation
    for reference, current in section.pairs if section is not None else ():
        for measure, limit in section.drift.items() if section is not None else ():
            arguments = {"measure": measure, "reference": reference, "current": current, "limit": limit}
            yield Row(f"{measure}-{reference}-{current}", arguments, f"explanation.drift.{measure}")


@check(
    challenge="explaining model and data",
    principles=("accountable",),
    phase="training",
    stages=(CI, PREDEPLOY),
    each=each_of("additivity_error", "fidelity", "stability"),
)
def test_the_explanation_is_sound(ml_explanation: Explanation, measure: str, column: str | None, limit: Limit) -> None:
    """What explains the model adds up to its answers, and says the same with another seed."""
    assert ml_explanation.measure(measure, column).within(limit)


@check(
    challenge="explaining model and data",
    principles=("accountable",),
    phase="training",
    serves=("D2",),
    stages=(CI, PREDEPLOY),
    each=each_of("largest_share", "unused_columns"),
)
def test_no_column_is_all_or_nothing(
    ml_explanation: Explanation, measure: str, column: str | None, limit: Limit
) -> None:
    """No column decides nearly alone, as one does that holds the answer, and few are carried along for nothing."""
    assert ml_explanation.measure(measure, column).within(ml_explanation.limit(limit))


@check(
    challenge="explaining model and data",
    principles=("accountable",),
    phase="training",
    serves=("D5", "M7"),
    stages=(CI, PREDEPLOY),
    each=each_of("forbidden_share", "proxy_share"),
)
def test_forbidden_columns_count_for_nothing(
    ml_explanation: Explanation, measure: str, column: str | None, limit: Limit
) -> None:
    """What must not count does not, neither itself nor through columns that stand in for it."""
    assert ml_explanation.measure(measure, column).within(limit)


@check(
    challenge="explaining model and data",
    principles=("accountable",),
    phase="training",
    serves=("D2",),
    stages=(CI, PREDEPLOY),
    each=each_of("expected_rank", "against_direction"),
)
def test_columns_count_as_people_expect(
    ml_explanation: Explanation, measure: str, column: str | None, limit: Limit
) -> None:
    """The columns that people expect to matter are among the first, and move the answers the way they say."""
    assert ml_explanation.measure(measure, column).within(limit)


@check(
    challenge="explaining model and data",
    principles=("accountable",),
    phase="audit",
    serves=("N2",),
    stages=(CI, PREDEPLOY),
    each=each_drift,
)
def test_the_same_columns_count_as_in_the_reference(
    ml_explanation: Explanation, measure: str, reference: str, current: str, limit: Limit
) -> None:
    """On other rows the model relies on the same columns, in the same order, to the same degree."""
    assert ml_explanation.drift(measure, reference, current).within(limit)


@check(
    challenge="explaining model and data",
    principles=("accountable",),
    phase="training",
    serves=("I4",),
    stages=(CI, PREDEPLOY),
    each=each_limit("explanation.drift_to_baseline", "measure"),
    needs_baseline=True,
)
def test_the_same_columns_count_as_for_the_baseline(ml_explanation: Explanation, measure: str, limit: Limit) -> None:
    """The model that is to replace another has not found its answers somewhere else."""
    assert ml_explanation.drift_to_baseline(measure).within(limit)
