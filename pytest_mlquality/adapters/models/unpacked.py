"""How large a zip file's content is before it is unpacked: a small file may stand for more than any machine has."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from pytest_mlquality.errors import ModelError

# So much is never too much; beyond it no model shrinks to a hundredth.
_ALWAYS = 2**30
_TIMES = 100
_MOST_FILES = 200_000
# Text that becomes objects takes about so many times its bytes.
_JSON_TIMES = 10


def require_bounded(path: Path, uri: str) -> None:
    """Refuse a zip file whose content is larger than its size lets expect, or than the memory that is free.

    The sizes that it declares are what its reader keeps to, since it is stored or deflated.

    Raises
    ------
    ModelError
        Naming both sizes.
    zipfile.BadZipFile
        It is none.
    """
    packed, free = path.stat().st_size, _free_memory()
    unpacked = _size(path, uri)
    if unpacked > free or (unpacked > _ALWAYS and unpacked > _TIMES * packed):
        raise ModelError(
            f"the model {uri!r} has {packed:,} bytes and takes {unpacked:,} when unpacked, "
            f"while {free:,} of memory are free: nothing of it was loaded",
            "judge a model whose maker you know, on a machine with more memory; if it is as large as that, save it "
            "without compression",
        )


def _size(file: Path | IO[bytes], uri: str) -> int:
    """Return the declared size of all content, that of zip files in it (sparse matrices of skops) included."""
    total = 0
    with ZipFile(file) as content:
        entries = content.infolist()
        if len(entries) > _MOST_FILES:
            raise ModelError(f"the model {uri!r} holds {len(entries):,} files", "save it again with skops.io.dump")
        for entry in entries:
            if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                # Their readers unpack a whole file before they look at its declared size.
                raise ModelError(
                    f"the model {uri!r} is compressed in another way than deflate",
                    "save it again: skops.io.dump(model, path, compression=zipfile.ZIP_DEFLATED)",
                )
            total += entry.file_size * (_JSON_TIMES if entry.filename.endswith(".json") else 1)
        for entry in entries:
            if entry.filename.endswith(".npz") and total <= _free_memory():
                with content.open(entry) as inner:
                    total += _size(inner, uri)
    return total


def _free_memory() -> int:
    """Return how many bytes of memory are free, as Linux says it; elsewhere what the machine has."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
