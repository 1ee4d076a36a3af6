"""Temporary folders that only their user may enter, and that the next run removes where a process was killed.

A lock on a file in each says whether its owner lives: process ids say nothing of another container that shares the
folder for temporary files. Where the platform has no ``flock`` (Windows) a folder goes at the end of its process alone.
"""

from __future__ import annotations

import atexit
import errno
import os
import shutil
import stat
import tempfile
from pathlib import Path

from pytest_mlquality.errors import MLQualityError

_NAMED = "mlquality-"
# Under this name a folder waits until it is locked, so that nobody takes it for one whose owner is dead.
_UNLOCKED = "unlocked-mlquality-"
_LOCK = "owner.lock"
# What a network's file system without locks answers.
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS)


def private_folder(prefix: str) -> Path:
    """Make a folder of mode 0700 in the machine's folder for temporary files; it goes when this process ends.

    What processes that were killed have left there goes first, see `sweep`.

    Parameters
    ----------
    prefix
        What the folder is for, a word that its name shows.

    Raises
    ------
    MLQualityError
        If there is no room, or no right to make it.
    """
    sweep()
    try:
        made = Path(tempfile.mkdtemp(prefix=_UNLOCKED))
        held = _locked(made / _LOCK, os.O_CREAT | os.O_EXCL)
        folder = made.with_name(f"{_NAMED}{prefix}-{os.getpid()}-{made.name.removeprefix(_UNLOCKED)}")
        made.rename(folder)
    except OSError as error:
        raise MLQualityError(
            f"no folder for temporary files can be made: {error.strerror or type(error).__name__}",
            "make room, or set TMPDIR to a folder that you may write to",
        ) from error
    atexit.register(_remove, folder, held, os.getpid())
    return folder


def sweep() -> None:
    """Remove the private folders of this user whose owner no longer lives; what cannot be removed stays."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_NAMED}*"):
        if not _is_own(folder):
            continue
        try:
            held = _locked(folder / _LOCK)
        except OSError:  # its owner lives, or it is no folder of ours
            continue
        if held is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)


def _is_own(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:  # another run swept it
        return False
    return stat.S_ISDIR(found.st_mode) and hasattr(os, "getuid") and found.st_uid == os.getuid()


def _locked(file: Path, how: int = 0) -> int | None:
    """Return the descriptor of a file that this process alone has locked; None where nothing can be locked.

    Raises
    ------
    OSError
        If another process holds it, or it is no file of ours.
    """
    try:
        import fcntl
    except ImportError:
        return None
    descriptor = os.open(file, os.O_RDWR | os.O_NOFOLLOW | how, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno in _NO_LOCKS:
            return None
        raise
    return descriptor


def _remove(folder: Path, held: int | None, owner: int) -> None:
    """Remove a folder at the end of the process that made it, and not of one that was forked from it."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
        if held is not None:
            os.close(held)
