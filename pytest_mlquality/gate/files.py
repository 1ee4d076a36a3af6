"""Which files are gate files."""

from __future__ import annotations

import os
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

GATE_FILE = "mlquality.toml"
# What the kernel shows as files; a walk through it finds no project and may not end.
_NO_DISK = frozenset({"/proc", "/sys", "/dev"})
# What pytest, on its command line, takes for the name of a test in a file.
_NO_PATH = ("::", "[")


def is_gate_file(path: Path) -> bool:
    """Return whether `path` is named as a gate file is: mlquality.toml or NAME.mlquality.toml."""
    return path.name == GATE_FILE or path.name.endswith(f".{GATE_FILE}")


def gate_file_of(nodeid: str) -> str | None:
    """Return the gate file that a node id begins with, also in folders with ``::`` in their names; None of another."""
    parts = nodeid.split("::")
    paths = ("::".join(parts[:count]) for count in range(1, len(parts) + 1))
    return next((path for path in paths if is_gate_file(Path(path))), None)


def is_text(path: Path) -> bool:
    """Return whether the bytes of a path are UTF-8, in which pytest writes node ids and sends them to workers."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def is_shared_base(path: Path) -> bool:
    """Return whether a NAME.mlquality.toml only holds what other files extend: neither model nor data."""
    if path.name == GATE_FILE:
        return False
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return not {"model", "data"} & content.keys() and "extends" not in content


def gate_files_elsewhere(config: pytest.Config) -> list[str]:
    """Return the gate files of the root directory that stand in none of the folders that pytest is to look at.

    A disk's root without a configuration of pytest is nobody's project: there, only what pytest is to look at counts.

    Raises
    ------
    UsageError
        For a path that pytest cannot be told.
    """
    root = config.rootpath
    looked_at = [(config.invocation_params.dir / path).resolve() for path in config.args]
    if any(root.resolve().is_relative_to(folder) for folder in looked_at):
        return []
    if root == Path(root.anchor) and (config.inipath is None or config.inipath.parent != root):
        return []
    found = [path for path in gate_files_under(root, config) if not _is_in(path.resolve(), looked_at)]
    for path in filter(is_text, found):
        if any(part in str(path) for part in _NO_PATH):
            raise pytest.UsageError(
                f"{str(path)!r} cannot be collected from here: pytest takes :: and [ in a path for the name of a test; "
                f"rename its folder, or call pytest in {str(root)!r} without testpaths"
            )
    return [str(path) for path in found]


def _is_in(path: Path, folders: list[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def gate_files_under(root: Path, config: pytest.Config) -> list[Path]:
    """Return every gate file of a folder and those below it, except in the folders that pytest does not enter.

    Folders that may not be entered are among those; links to folders are not followed.
    """
    skipped = config.getini("norecursedirs")
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not _is_skipped(Path(folder, name), skipped))
        found += [Path(folder, name) for name in sorted(files) if is_gate_file(Path(name))]
    return found


def _is_skipped(folder: Path, patterns: list[str]) -> bool:
    if str(folder) in _NO_DISK:
        return True
    # os.path, unlike pathlib, takes a file that may not be looked at for none.
    return any(fnmatch(folder.name, pattern) for pattern in patterns) or os.path.isfile(folder / "pyvenv.cfg")
