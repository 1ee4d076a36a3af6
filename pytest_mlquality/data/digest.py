"""Digests of files: sha256 of each, remembered for as long as the file looks the same."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from pytest_mlquality.data.faults import explained

_REMEMBERED = 10_000
# A file changed twice within the clock's resolution looks the same; such a young one is hashed again next time.
_SETTLED_S = 2.0

_Known = dict[str, list[int | str]]


def files_digest(files: Sequence[Path], names: Sequence[str], *, rehash: bool = False, where: str = "data") -> str:
    """Return ``sha256:`` and the digest over name, size and sha256 of every file, sorted by name.

    Parameters
    ----------
    names
        One for each file, relative to the project, so that the digest is the same wherever the project stands.
    rehash
        Read every byte, whatever the cache says.
    """
    known = {} if rehash else _remembered()
    lines = []
    for file, name in zip(files, names, strict=True):
        with explained(f"{where}: {file.name} cannot be read", "may this user read it, and is it still there?"):
            size, digest = _file_digest(file, known)
        lines.append(f"{name}\0{size}\0{digest}\n")
    _remember(known)
    return "sha256:" + hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def cache_file() -> Path:
    """Return where digests are remembered: ``$XDG_CACHE_HOME``, else ``~/.cache``."""
    folder = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(folder) / "pytest-mlquality" / "file-digests.json"


def _file_digest(file: Path, known: _Known) -> tuple[int, str]:
    path = str(file.resolve())
    with file.open("rb") as opened:
        stat = os.fstat(opened.fileno())
        looks: list[int | str] = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
        entry = known.get(path)
        if entry is not None and entry[:-1] == looks:
            return stat.st_size, str(entry[-1])
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    known.pop(path, None)
    if time.time() - max(stat.st_mtime, stat.st_ctime) > _SETTLED_S:
        known[path] = [*looks, digest]
    return stat.st_size, digest


def _remembered() -> _Known:
    """Return the cache; a cache that cannot be read, or is not ours, is an empty one."""
    try:
        read = json.loads(cache_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(read, dict):
        return {}
    return {path: entry for path, entry in read.items() if isinstance(entry, list) and len(entry) == 5}


def _remember(known: _Known) -> None:
    """Write the cache in one step, with what other processes wrote meanwhile; not to be able to costs only time."""
    before = _remembered()
    merged = {**before, **known}
    if merged == before:
        return
    file = cache_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=file.parent, prefix=file.name)
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            json.dump(dict(list(merged.items())[-_REMEMBERED:]), opened)
        os.replace(draft, file)
    except OSError:
        return
