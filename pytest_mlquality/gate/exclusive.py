"""One lock a user and machine: a check that measures time holds it alone, every other check shares it."""

from __future__ import annotations

import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pytest_mlquality.errors import MLQualityError

PATIENCE_S = 600.0
_PAUSE_S = 0.02
LOCK, TURN = "machine.lock", "turn.lock"


class Machine:
    """The lock, over the processes and runs of one user.

    It stands in a folder of the user's own (mode 0700) among the machine's temporary files, so that no other user can
    hold it, put something in its place, or lead it elsewhere. So two users do not exclude each other, nor do two
    containers: where times are measured, one of them is to run at a time.

    A wait ends after 10 minutes. Then, and where the lock cannot be had at all, a check that measures time is not run:
    its numbers would be those of a busy machine. Every other check goes on without the lock, and later ones do not
    wait again.

    Parameters
    ----------
    directory
        The folder of the lock, made where it is missing; default: ``pytest-mlquality-UID`` in the folder for temporary
        files (``TMPDIR``).
    patience_s
        How long to wait for other checks, in seconds.

    Notes
    -----
    Where the platform has no ``flock`` (Windows) nothing is held, and exclusive checks rely on being run alone.
    """

    def __init__(self, directory: Path | None = None, *, patience_s: float = PATIENCE_S) -> None:
        self._directory = directory
        self._patience_s = patience_s

    @contextmanager
    def held(self, *, exclusive: bool) -> Iterator[MLQualityError | None]:
        """Hold the lock, alone or shared; yields None, or why it is not held.

        Parameters
        ----------
        exclusive
            Wait until no other check runs on this machine, and let none begin.
        """
        try:
            import fcntl
        except ImportError:
            yield None
            return
        how = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
        opened: list[int] = []
        reason = None
        try:
            try:
                directory = self._directory or Path(tempfile.gettempdir(), f"pytest-mlquality-{os.geteuid()}")
                for descriptor in _opened_in(directory):
                    opened.append(descriptor)
                turn, lock = opened
                deadline = time.monotonic() + self._patience_s
                # Who waits to be alone keeps the turn meanwhile, so that no stream of others goes past it.
                if not (_locked(turn, how, deadline) and _locked(lock, how, deadline)):
                    reason = _busy(directory / LOCK, self._patience_s)
                    self._patience_s = 0.0
                fcntl.flock(turn, fcntl.LOCK_UN)
            except OSError as error:
                reason = _no_lock(f"{error.strerror or error}: {error.filename or 'its files'}")
            except MLQualityError as error:
                reason = error
            yield reason
        finally:
            for descriptor in opened:
                # A child that a check left behind may hold the descriptor open too.
                with suppress(OSError):
                    fcntl.flock(descriptor, fcntl.LOCK_UN)
                os.close(descriptor)


def _no_lock(why: str) -> MLQualityError:
    return MLQualityError(
        f"the machine cannot be locked for measuring times: {why}",
        "remove what stands there, or set TMPDIR to a folder of your own",
    )


def _busy(path: Path, waited_s: float) -> MLQualityError:
    return MLQualityError(
        f"the machine is busy: checks of other runs have held {path} for {waited_s:g} s, who runs them is not known",
        f"run the gate when no other one runs on this machine; `fuser {path}` names the processes",
    )


def _locked(descriptor: int, how: int, deadline: float) -> bool:
    import fcntl

    while True:
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE_S)
        else:
            return True


def _opened_in(directory: Path) -> Iterator[int]:
    """Open the two files of the lock in a folder of the user's own, following no link."""
    with suppress(FileExistsError):
        os.mkdir(directory, 0o700)
    here = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        found = os.fstat(here)
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise _no_lock(f"{directory} is not a folder of this user's alone")
        for name in (TURN, LOCK):
            flags = os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(name, flags, 0o600, dir_fd=here)
            yield descriptor
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _no_lock(f"{directory / name} is no plain file")
    finally:
        os.close(here)
