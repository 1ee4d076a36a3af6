"""What stands in the JSON of every study beside its figures: the seed, the versions, and the code that it covers."""

from __future__ import annotations

import ast
import hashlib
import json
import platform
import tokenize
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any

# By its place: the environments of other tools do not have the package.
PACKAGE = Path(__file__).parents[1] / "pytest_mlquality"


def origin(seed: int, packages: Iterable[str], covered: Iterable[str]) -> dict[str, Any]:
    """Return what the JSON of a study begins with.

    Parameters
    ----------
    packages
        Those whose versions may change the figures.
    covered
        Files whose code the study is of: paths from the package's folder.
    """
    return {"seed": seed, "versions": versions(packages), "covers": digests(covered)}


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the versions of packages by name, and Python's."""
    return {name: version(name) for name in packages} | {"python": platform.python_version()}


def digests(paths: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of what files do (see `code_of`) by their path from the package's folder."""
    return {path: digest((PACKAGE / path).read_text(encoding="utf-8")) for path in paths}


def digest(source: str) -> str:
    """Return the SHA-256 of the code in a file's text."""
    return hashlib.sha256(code_of(source).encode()).hexdigest()


def code_of(source: str) -> str:
    """Return the lines of a file that decide what it computes: no docstrings, comments, imports and empty lines.

    Text and not a syntax tree, whose printed form differs between versions of Python.
    """
    lines = source.splitlines()
    for token in tokenize.generate_tokens(StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    silent = {row for node in _silent(ast.parse(source)) for row in range(node.lineno, (node.end_lineno or 0) + 1)}
    kept = (line.rstrip() for row, line in enumerate(lines, start=1) if row not in silent)
    return "\n".join(line for line in kept if line)


def _silent(tree: ast.Module) -> Iterator[ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node, clean=False) is not None
        ):
            yield node.body[0]


def write(file: Path, study: dict[str, Any]) -> None:
    """Write a study as JSON that people can read."""
    file.write_text(json.dumps(study, indent=1) + "\n", encoding="utf-8")
