"""When, where and by what a run was made."""

from __future__ import annotations

import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pytest_mlquality.gate.repository import describe_repository
from pytest_mlquality.redaction import conceal_argument
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
        "git": describe_repository(root),
        "argv_redacted": [conceal_argument(argument) for argument in arguments],
    }


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
