"""What stands in the JSON of every study beside its figures: the seed, the versions, and the code that it covers."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from importlib.metadata import version
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
    """Return the SHA-256 of files by their path from the package's folder."""
    return {path: hashlib.sha256((PACKAGE / path).read_bytes()).hexdigest() for path in paths}


def write(file: Path, study: dict[str, Any]) -> None:
    """Write a study as JSON that people can read."""
    file.write_text(json.dumps(study, indent=1) + "\n", encoding="utf-8")
