"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pytest_mlquality.errors import EvidenceError

# What a file is called until it is whole.
DRAFT = re.compile(r"\.(.+)\.[0-9a-f]{16}")
_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Unwritten(EvidenceError):
    """A file cannot be written where it is to stand."""


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of `path` in one step; where writing fails, nothing of it stays.

    Parameters
    ----------
    private
        The file holds rows: its owner alone reads it, whatever the umask.

    Raises
    ------
    OSError
        Where the file cannot be written or its name is taken by a folder.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    # Exclusive, because a link of that name would be followed; mode 0o666 is what open() asks for.
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def write_whole(path: Path, text: str, *, private: bool = False) -> Path:
    """Write `text` to `path` in one step, making its folder; whoever reads sees the old file or the new one.

    Raises
    ------
    Unwritten
        Where the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, private=private) as file:
            file.write(text.encode("utf-8"))
    except OSError as problem:
        raise unwritten(path, problem) from problem
    return path


def is_full(problem: OSError) -> bool:
    """Tell whether there was no room for what was to be written, or the disk failed."""
    return problem.errno in _ROOM or problem.errno in (errno.EIO, errno.EROFS)


def unwritten(path: Path, problem: OSError) -> Unwritten:
    """Return what to tell of a file that cannot be written: where, why, and what to do."""
    if problem.errno in _ROOM:
        return Unwritten(
            f"there is no room for {path}: {problem.strerror}",
            "make room there, or choose another folder with --ml-report DIR",
        )
    return Unwritten(
        f"{path} cannot be written: {problem.strerror or problem}",
        "choose a folder that can be written with --ml-report DIR",
    )


def make_private_folder(folder: Path) -> None:
    """Make a folder that its owner alone may enter, whatever the umask, and so those above it that are not there."""
    for missing in reversed([place for place in (folder, *folder.parents) if not place.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
