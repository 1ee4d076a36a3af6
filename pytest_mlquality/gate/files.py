"""Which files are gate files."""

from __future__ import annotations

import os
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

GATE_FILE = "mlquality.toml"


def is_gate_file(path: Path) -> bool:
    """Return whether `path` is named as a gate file is: mlquality.toml or NAME.mlquality.toml."""
    return path.name == GATE_FILE or path.name.endswith(f".{GATE_FILE}")


def is_shared_base(path: Path) -> bool:
    """Return whether a NAME.mlquality.toml only holds what other files extend: neither model nor data."""
    if path.name == GATE_FILE:
        return False
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return not {"model", "data"} & content.keys() and "extends" not in content


def gate_files_under(root: Path, config: pytest.Config) -> list[Path]:
    """Return every gate file of a folder and those below it, except in the folders that pytest does not enter."""
    skipped = config.getini("norecursedirs")
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not _is_skipped(Path(folder, name), skipped))
        found += [Path(folder, name) for name in sorted(files) if is_gate_file(Path(name))]
    return found


def _is_skipped(folder: Path, patterns: list[str]) -> bool:
    return any(fnmatch(folder.name, pattern) for pattern in patterns) or (folder / "pyvenv.cfg").is_file()
