"""What of the collected runs, and in which order."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from pytest_mlquality.check import PREDEPLOY, STAGES
from pytest_mlquality.gate.collection import CheckItem
from pytest_mlquality.gate.selection import belongs_to


def check_options(config: pytest.Config, stage: str) -> None:
    """Refuse options that contradict each other or have no such value; make a number of the seed.

    Raises
    ------
    UsageError
        Which ends pytest with exit code 4.
    """
    if stage not in STAGES:
        raise pytest.UsageError(f"ml_stage = {stage!r}: a stage is one of {', '.join(STAGES)}")
    try:
        config.option.ml_seed = int(config.getoption("ml_seed"))
    except ValueError:
        raise pytest.UsageError(f"--ml-seed {config.getoption('ml_seed')!r}: expected a whole number") from None
    if config.getoption("ml_promote"):
        if stage != PREDEPLOY:
            raise pytest.UsageError(f"--ml-promote moves an alias after the gate of predeploy only, not of {stage}")
        raise pytest.UsageError("--ml-promote: moving the alias is not in this version of pytest-mlquality")
    shard = config.getoption("ml_shard")
    if shard and _shard(shard) is None:
        raise pytest.UsageError(f"--ml-shard {shard!r}: expected i/n with 1 <= i <= n, such as 2/4")


def _shard(text: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    part, parts = (int(match[1]), int(match[2])) if match else (0, 0)
    return (part, parts) if 1 <= part <= parts else None


def of_other_stages(items: Iterable[pytest.Item], stage: str) -> list[pytest.Item]:
    """Return tests whose ``ml_stage`` marker does not name `stage`."""
    return [item for item in items if not belongs_to(item, stage)]


def of_other_shards(items: Iterable[pytest.Item], shard: str | None) -> list[pytest.Item]:
    """Return the ML tests of all shards but the given one; ordinary tests belong to every shard."""
    chosen = _shard(shard) if shard else None
    if chosen is None:
        return []
    part, parts = chosen
    ml_tests = [item for item in items if item.get_closest_marker("ml_quality")]
    return [item for place, item in enumerate(ml_tests) if place % parts != part - 1]


def is_exclusive(item: pytest.Item) -> bool:
    """Return whether a check needs the machine to itself: it measures time."""
    if isinstance(item, CheckItem) and item.claim.check.exclusive:
        return True
    return item.get_closest_marker("ml_latency") is not None


def exclusive_last(items: list[pytest.Item], subject_of: dict[pytest.Item, str]) -> list[pytest.Item]:
    """Return the items with each exclusive check behind the last other check of its subject.

    Parameters
    ----------
    subject_of
        The subject of each ML test.
    """
    waiting: dict[str, list[pytest.Item]] = {}
    left: dict[str, int] = {}
    for item in items:
        subject = subject_of.get(item)
        if subject is not None and is_exclusive(item):
            waiting.setdefault(subject, []).append(item)
        elif subject is not None:
            left[subject] = left.get(subject, 0) + 1
    ordered = []
    for item in items:
        subject = subject_of.get(item)
        if subject is not None and is_exclusive(item):
            if left.get(subject, 0) == 0 and subject in waiting:
                ordered += waiting.pop(subject)
            continue
        ordered.append(item)
        if subject is not None:
            left[subject] -= 1
            if left[subject] == 0:
                ordered += waiting.pop(subject, [])
    return ordered
