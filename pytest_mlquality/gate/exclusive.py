"""One lock a machine: a check that measures time holds it alone, every other check shares it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_FILE = "pytest-mlquality.lock"


@contextmanager
def machine(*, exclusive: bool, directory: Path | None = None) -> Iterator[None]:
    """Hold the machine-wide lock, alone or shared, over processes, runs and users.

    Parameters
    ----------
    exclusive
        Wait until no other check runs on this machine, and let none begin.
    directory
        Where the lock file stands; default: the machine's folder for temporary files.

    Notes
    -----
    Where the platform has no ``flock`` (Windows) nothing is held, and exclusive checks rely on being run alone.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    path = (directory or Path(tempfile.gettempdir())) / LOCK_FILE
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)
