"""What a file means where it says nothing and a default of one key depends on other sections.

A default that stands alone belongs to its field.
"""

from __future__ import annotations

from pytest_mlquality.settings.fairness_section import DEFAULTS, DEFAULTS_OF_TASK
from pytest_mlquality.settings.gate_sections import CONCERNS
from pytest_mlquality.settings.limits import written
from pytest_mlquality.settings.source import Tree, holds, value_at


def default_concerns(tree: Tree) -> Tree:
    """Return which concerns a file means that names none: schema, and performance where there is a model."""
    if any(concern in tree for concern in CONCERNS):
        return {}
    return {"schema": {}, "performance": {}} if "model" in tree else {"schema": {}}


def task_of(tree: Tree) -> object:
    """Return the task that ``[model]`` names, else multilabel where the target is of several labels."""
    if holds(tree, ("model", "task")):
        return value_at(tree, ("model", "task"))
    several = isinstance(value_at(tree, ("data", "target")), list) or holds(tree, ("data", "labels"))
    return "multilabel" if several else None


def default_limits(tree: Tree) -> Tree:
    """Return which limits of groups hold in place of the field's defaults, where the task has others."""
    task = task_of(tree)
    if not isinstance(tree.get("fairness"), dict) or not isinstance(task, str) or task not in DEFAULTS_OF_TASK:
        return {}
    dropped = {name: False for name, _ in DEFAULTS}
    return {"fairness": {"metrics": {**dropped, **{name: written(limit) for name, limit in DEFAULTS_OF_TASK[task]}}}}
