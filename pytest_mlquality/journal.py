"""What is measured is written down at once, a line each, so that no crash can lose it.

Several processes append to one file: a line is one ``write`` to a descriptor opened for appending.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from pytest_mlquality.redaction import conceal_all, conceal_parameters

Line = dict[str, Any]

# Words of the evidence format, and names of files of the project: a secret that looks like one must not break it.
_WORDS = {"kind", "stage", "stages", "concern", "challenge", "principles", "phase", "serves", "outcome", "verdict"}
_WORDS |= {"covers", "subject", "file", "digest", "finished", "started"}
_CHECKS = {"id", "check", "nodeid", "expected"}


class Journal:
    """An append-only file of JSON lines, each with a ``kind``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def append(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - any JSON value
        """Write one line, secrets concealed; numbers that JSON does not have become null."""
        line = json.dumps(plain(_concealed({"kind": kind, **fields})), allow_nan=False)
        os.write(self._descriptor, line.encode() + b"\n")

    def close(self) -> None:
        """Close the file; what was appended stays."""
        os.close(self._descriptor)


def _concealed(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _concealed_field(key, value) for key, value in fields.items()}


def _concealed_field(key: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        return _concealed(value)
    if isinstance(value, list | tuple):
        return [_concealed_field(key, item) for item in value]
    if key in _CHECKS and isinstance(value, str):
        return conceal_parameters(value)
    return value if key in _WORDS else conceal_all(value)


def plain(value: Any) -> Any:  # noqa: ANN401 - any value, as JSON has it
    """Return `value` as JSON can hold it: numpy's numbers as Python's, NaN and infinities as null, the rest as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else None
    item = getattr(value, "item", None)
    return plain(item()) if callable(item) else str(value)


def read_journal(path: Path) -> list[Line]:
    """Return the lines of a journal; a last line that a crash cut short is left out."""
    lines = []
    for text in path.read_bytes().split(b"\n"):
        try:
            lines.append(json.loads(text))
        except ValueError:
            continue
    return lines
