"""pytest --ml-quality: the release gate of a machine-learning model is a pytest run."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_mlquality.declaration import model
    from pytest_mlquality.errors import MLQualityError
    from pytest_mlquality.limit import Limit
    from pytest_mlquality.measurement import Measurement, Measurements
    from pytest_mlquality.subject import Subject, load
    from pytest_mlquality.verdict import Verdict

__all__ = ["Limit", "MLQualityError", "Measurement", "Measurements", "Subject", "Verdict", "load", "model"]

# pytest imports this package at every start: what a test or a script uses is imported when it is first named.
_HOME = {
    "Limit": "limit",
    "MLQualityError": "errors",
    "Measurement": "measurement",
    "Measurements": "measurement",
    "Subject": "subject",
    "Verdict": "verdict",
    "load": "subject",
    "model": "declaration",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
