"""Waivers: which checks one names, whether its time is over, and those that name no check at all."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlquality.errors import MLQualityError, nearest
from pytest_mlquality.plan import ids_of_all_stages
from pytest_mlquality.wildcard import matches

if TYPE_CHECKING:
    from pytest_mlquality.settings import Settings, WaiverSettings


def names(pattern: str, called: tuple[str, ...]) -> bool:
    """Return whether the pattern of a waiver names a check by anything that it is called: its id, its node id."""
    return any(matches(pattern, name) for name in called)


def is_expired(waiver: WaiverSettings) -> bool:
    """Return whether the last day of a waiver lies behind."""
    return waiver.until < date.today()


def refuse_idle(settings: Settings, subject: str, root: Path) -> None:
    """Refuse waivers that name no check of any stage, as far as that can be told before tests are collected.

    Parameters
    ----------
    subject
        The gate file's name in the evidence.
    root
        The folder at which node ids start.

    Raises
    ------
    MLQualityError
        With every such waiver and the nearest check.
    """
    known = ids_of_all_stages(settings)
    idle: list[tuple[str, Iterable[str]]] = []
    for pattern in (waiver.check for waiver in settings.waive):
        if any(names(pattern, (check, f"{subject}::{check}")) for check in known):
            continue
        if ".py" not in pattern:
            idle.append((pattern, known))
        elif not _may_name_a_test(pattern, root):
            idle.append((pattern, [*_tests_in(_file_and_test(pattern)[0], root), *known]))
    if idle:
        lines = [f"  [[waive]] check = {pattern!r} names no check{nearest(pattern, near)}" for pattern, near in idle]
        raise MLQualityError(
            [f"{settings.file}:", *lines], "name a check as `pytest --ml-quality --collect-only -q` shows it"
        )


def _may_name_a_test(pattern: str, root: Path) -> bool:
    """Return whether a waiver's pattern may name a test of the user's own, as far as the source of its file tells.

    Which tests there are is known only once they are collected: what stands in brackets, what a class inherits.
    """
    file, name = _file_and_test(pattern)
    if "*" in file:
        return True
    outermost = name.split("::")[0].split("[")[0]
    return any(names(f"{file}::{outermost}" if outermost else f"{file}*", (test,)) for test in _tests_in(file, root))


def _file_and_test(pattern: str) -> tuple[str, str]:
    """Return the two parts of a node id; the folders of a module may have ``::`` in their names."""
    file, end, test = pattern.partition(".py::")
    return (f"{file}.py", test) if end else (pattern, "")


def _tests_in(file: str, root: Path) -> list[str]:
    """Return the node ids of the functions and classes that a module defines or imports; of none, none."""
    try:
        nodes = list(ast.walk(ast.parse((root / file).read_bytes())))
    except (OSError, SyntaxError, ValueError):
        return []
    defined = [node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    imports = [alias for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names]
    return [f"{file}::{name}" for name in [*defined, *(alias.asname or alias.name for alias in imports)]]
