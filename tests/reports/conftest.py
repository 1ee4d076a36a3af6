"""Evidence to draw reports from."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from sample_run import Evidence, build, checks, sealed, with_every_string


@pytest.fixture
def sample_evidence() -> Evidence:
    """A failed run with every outcome and every kind of details."""
    return build()


@pytest.fixture
def passing_evidence() -> Evidence:
    """A run in which nothing needs attention."""
    evidence = build()
    (subject,) = evidence["subjects"]
    subject["checks"] = [copy.deepcopy(one) for one in subject["checks"] if one["outcome"] == "passed"]
    for one in subject["checks"]:
        one["waiver"] = None
    subject["expected"] = [one["id"] for one in subject["checks"]]
    subject.update(
        verdict="pass",
        counts={"passed": len(subject["checks"])},
        settings_changed_since_baseline=False,
        previous=None,
    )
    evidence["verdict"] = "pass"
    return sealed(evidence)


@pytest.fixture
def large_evidence() -> Callable[[int], Evidence]:
    """A run with as many checks as asked for, every outcome among them."""

    def of(size: int) -> Evidence:
        evidence = build()
        (subject,) = evidence["subjects"]
        kinds = checks()
        subject["checks"] = [
            {**copy.deepcopy(kinds[index % len(kinds)]), "id": f"{kinds[index % len(kinds)]['id']}-{index}"}
            for index in range(size)
        ]
        subject["expected"] = [one["id"] for one in subject["checks"]]
        return sealed(evidence)

    return of


@pytest.fixture
def hostile() -> Callable[[str], Evidence]:
    """The failed run with a text of an attacker's choosing behind every string."""
    return lambda text: with_every_string(build(), text)
