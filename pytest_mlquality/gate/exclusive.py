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
    descriptor = _opened((directory or Path(tempfile.gettempdir())) / LOCK_FILE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def _opened(path: Path) -> int:
    """Open the lock file for locking alone, which needs no right to write: another user may have made it."""
    try:
        return os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
    except PermissionError:
        # A file that may not even be read is not ours: one lock a user is the best there is.
        return os.open(path.with_name(f"{path.name}.{os.getuid()}"), os.O_RDONLY | os.O_CREAT, 0o644)
