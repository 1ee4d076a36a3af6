"""When, where and by what a run was made."""

from __future__ import annotations

import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pytest_mlquality.redaction import conceal
from pytest_mlquality.run_id import new_run_id

PACKAGES = (
    "pytest-mlquality",
    "pytest",
    "pytest-xdist",
    "pydantic",
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "ibis-framework",
    "duckdb",
    "mlflow",
    "skops",
)


def now() -> str:
    """Return the time in UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def describe_run(*, stage: str, seed: int, root: Path, arguments: tuple[str, ...]) -> dict[str, Any]:
    """Return the evidence's ``run``, but for what only its end can tell."""
    started = now()
    return {
        "id": new_run_id(started),
        "started": started,
        "stage": stage,
        "seed": seed,
        "versions": {"python": platform.python_version(), **_versions()},
        "platform": {"system": platform.system(), "machine": platform.machine(), "python": sys.implementation.name},
        "git": _git(root),
        "argv_redacted": [conceal(argument) for argument in arguments],
    }


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _git(root: Path) -> dict[str, Any] | None:
    """Return commit, branch and whether files differ from it; None outside a repository or without git."""
    try:
        status = subprocess.run(
            ["git", "status", "--porcelain=v2", "--branch", "--untracked-files=no"],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout.splitlines()
    except (OSError, subprocess.SubprocessError):
        return None
    heads = dict(line[2:].split(" ", 1) for line in status if line.startswith("# branch."))
    commit, branch = heads.get("branch.oid"), heads.get("branch.head")
    return {
        "commit": None if commit == "(initial)" else commit,
        "branch": None if branch == "(detached)" else branch,
        "dirty": any(not line.startswith("#") for line in status),
    }
