"""What is declared in the tree of the settings, and what is wrong where something is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_mlquality.settings.document import SPLITS
from pytest_mlquality.settings.performance_section import PerformanceSettings
from pytest_mlquality.settings.problem import Finding, Key
from pytest_mlquality.settings.source import Tree
from pytest_mlquality.settings.toml_text import value_text

DEFAULT_SPLIT = PerformanceSettings.model_fields["on"].default


def table_of(tree: Tree, name: str) -> dict[str, Any]:
    """Return the table at a key; what is none, which validation tells, is an empty one."""
    value = tree.get(name)
    return value if isinstance(value, dict) else {}


def declared_splits(tree: Tree) -> list[str]:
    """Return the splits that the file declares."""
    return [split for split in SPLITS if split in table_of(tree, "data")]


def undeclared(tree: Tree, key: Key, split: object) -> Iterator[Finding]:
    """Yield a finding where a split is named that the file does not declare."""
    declared = declared_splits(tree)
    if declared and split in SPLITS and split not in declared:
        message = f"the split {value_text(split)} is not declared; declared: {', '.join(declared)}"
        yield Finding(key, message, f"add [data.{split}] with a source, or name another split")


def without_baseline(concern: str, tree: Tree, table: str = "loss_to_baseline") -> Iterator[Finding]:
    """Yield a finding where a table of a concern compares with a baseline and no stage has one."""
    limits = table_of(table_of(tree, concern), table)
    has_baseline = "baseline" in table_of(tree, "model") or any("baseline" in stage for stage in _stage_tables(tree))
    if any(limit is not False for limit in limits.values()) and not has_baseline:
        message = "there is no baseline to compare with"
        yield Finding(
            (concern, table),
            message,
            'add, for example: [model] baseline = "models:/churn@champion"',
        )


def _stage_tables(tree: Tree) -> list[dict[str, Any]]:
    return [stage for stage in table_of(tree, "stage").values() if isinstance(stage, dict)]
