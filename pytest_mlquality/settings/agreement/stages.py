"""What a stage needs: a section for every concern that it checks."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_mlquality.settings.agreement.declared import table_of
from pytest_mlquality.settings.gate_sections import CONCERNS
from pytest_mlquality.settings.problem import Finding
from pytest_mlquality.settings.source import Tree


def of_stages(tree: Tree) -> Iterator[Finding]:
    """Yield the concerns that a stage checks and that the file has no section of."""
    for name, stage in table_of(tree, "stage").items():
        checks = stage.get("checks") if isinstance(stage, dict) else None
        for place, concern in enumerate(checks if isinstance(checks, list) else ()):
            if concern in CONCERNS and concern not in tree:
                message = f"the file has no section [{concern}]"
                yield Finding(("stage", name, "checks", place), message, f"add [{concern}], or remove the concern here")
