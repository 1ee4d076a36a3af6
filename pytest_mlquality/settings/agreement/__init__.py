"""What sections ask of each other.

Looked at in the tree, not in the validated document, so that a mistake in one section hides none between others.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_mlquality.settings.agreement.data import of_data
from pytest_mlquality.settings.agreement.explanation import of_explanation
from pytest_mlquality.settings.agreement.fairness import of_fairness
from pytest_mlquality.settings.agreement.performance import of_performance
from pytest_mlquality.settings.agreement.schema import of_schema
from pytest_mlquality.settings.agreement.skew import of_skew
from pytest_mlquality.settings.agreement.stages import of_stages
from pytest_mlquality.settings.problem import Finding
from pytest_mlquality.settings.source import Tree


def disagreements(tree: Tree, task: object) -> Iterator[Finding]:
    """Yield what cannot be meant, section by section.

    Parameters
    ----------
    tree
        As the files have it, with the limits that hold by default for the task.
    task
        That of ``[model]``, or what the target says of it, with the environment read in.
    """
    yield from of_data(tree, task)
    yield from of_schema(tree)
    yield from of_skew(tree)
    yield from of_performance(tree)
    yield from of_fairness(tree, task)
    yield from of_explanation(tree)
    yield from of_stages(tree)
