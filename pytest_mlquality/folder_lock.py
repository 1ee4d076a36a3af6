"""Whose turn it is to write into a report folder, over processes and containers that share nothing but the folder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pytest_mlquality.errors import EvidenceError

LOCK = ".lock"
PATIENCE_S = 60.0


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold the folder alone, over processes and containers, while files change their places in it.

    Raises
    ------
    EvidenceError
        If another process holds it for longer than any run needs.

    Notes
    -----
    Where the platform or the file system has no ``flock`` nothing is held: two runs at once need two folders there.
    """
    descriptor = _lock_file(directory / LOCK)
    try:
        yield
    finally:
        os.close(descriptor)


def _lock_file(path: Path) -> int:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        descriptor = _opened(path)
        try:
            if not _wait(descriptor, deadline):
                raise EvidenceError(
                    f"another process holds {path}", "end it, or choose another folder with --ml-report"
                )
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), path.stat()):
                    return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        # Who held it before has removed the folder's last file.
        os.close(descriptor)


def _opened(path: Path) -> int:
    how = os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        # Network file systems lock alone only what may be written to.
        return os.open(path, os.O_RDWR | os.O_CREAT | how, 0o666)
    except PermissionError:
        # Another user's, in a folder that several share.
        return os.open(path, os.O_RDONLY | how)


def _wait(descriptor: int, deadline: float) -> bool:
    try:
        import fcntl
    except ImportError:
        return True
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        except OSError:
            return True
        else:
            return True
