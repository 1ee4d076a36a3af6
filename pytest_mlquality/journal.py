"""What is measured is written down at once, a line each, so that no crash can lose it.

Several processes append to one file: a line is one ``write`` to a descriptor opened for appending, and carries its
checksum. While the process that started the run lives, it holds a lock on the file: a process id would say nothing to
a run in another container, which shares the folder and nothing else.
"""

from __future__ import annotations

import json
import os
import re
import stat
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from pytest_mlquality.redaction import conceal_all, conceal_parameters
from pytest_mlquality.run_id import is_run_id
from pytest_mlquality.whole_file import unwritten

Line = dict[str, Any]

# Words of the evidence format, and names of files of the project: a secret that looks like one must not break it.
_WORDS = {"kind", "stage", "stages", "concern", "challenge", "principles", "phase", "serves", "outcome", "verdict"}
_WORDS |= {"covers", "subject", "file", "digest", "finished", "started"}
_CHECKS = {"id", "check", "nodeid", "expected"}
_SUMMED = re.compile(rb'(\{.*), "crc": (\d{1,10})\}', re.DOTALL)
_NAME = re.compile(r"journal-(.+)\.jsonl")


def journal_name(run: str) -> str:
    """Return the name of a run's journal beside its evidence."""
    return f"journal-{run}.jsonl"


def run_of(path: Path) -> str | None:
    """Return the run whose journal stands at `path`, by its name; None where that is no run's."""
    named = _NAME.fullmatch(path.name)
    return named[1] if named and is_run_id(named[1]) else None


@dataclass(frozen=True, slots=True)
class Contents:
    """What a journal holds.

    Parameters
    ----------
    lines
        Those that can be read, each with a ``kind``.
    damaged
        How many cannot.
    cut
        Whether the last line has no end: a crash cut it, or it is being written.
    """

    lines: list[Line]
    damaged: int = 0
    cut: bool = False


class Journal:
    """An append-only file of JSON lines, each with a ``kind``, that is locked while it is open.

    Parameters
    ----------
    new
        Whether this process starts the run; another one of the run joins in.

    Raises
    ------
    OSError
        Where the file cannot be made, or is not there to join.
    """

    def __init__(self, path: Path, *, new: bool = True) -> None:
        self.path = path
        self.lost = ""
        self._broken_line = False
        how = os.O_CREAT | os.O_EXCL if new else 0
        # Its lines may hold rows of the data: of what a test says under [report] samples = true.
        self._descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | how, 0o600)
        if new:
            # Workers hold nothing: they end with the process that started them, but not at once.
            _lock(self._descriptor)

    def append(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - any JSON value
        """Write one line, secrets concealed; numbers that JSON does not have become null.

        Where there is no room the line is lost, and `lost` says why: measuring goes on, the run is no pass.
        """
        text = json.dumps(plain(_concealed({"kind": kind, **fields})), allow_nan=False).encode()
        line = b'%b, "crc": %d}\n' % (text[:-1], zlib.crc32(text))
        try:
            self._write(b"\n" + line if self._broken_line else line)
        except OSError as problem:
            self._broken_line = True
            self.lost = self.lost or f"measurements are lost: {unwritten(self.path, problem).message}"
        else:
            self._broken_line = False

    def _write(self, line: bytes) -> None:
        written = os.write(self._descriptor, line)
        while written < len(line):
            written += os.write(self._descriptor, line[written:])

    def read(self) -> Contents:
        """Return what the run has written so far, also where somebody has removed the file meanwhile."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        with os.fdopen(os.dup(self._descriptor), "rb") as file:
            return contents_of(file.read())

    def close(self) -> None:
        """Close the file and let go of its lock; what was appended stays."""
        if self._descriptor >= 0:
            _unlock(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1


class NoJournal:
    """Stands for a journal that this process cannot open: everything is lost, and is said to be."""

    def __init__(self, why: str) -> None:
        self.lost = why

    def append(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - as above
        """Write nothing."""


def joined(path: Path) -> Journal | NoJournal:
    """Return the journal of a run that another process has started."""
    try:
        return Journal(path, new=False)
    except OSError as problem:
        return NoJournal(f"measurements are lost: {path} cannot be opened by a worker: {problem.strerror}")


def _lock(descriptor: int) -> bool:
    """Take a journal's lock if it is free; return whether it is held now.

    Where the platform or the file system has no ``flock`` nothing is held, and no run is known to be dead.
    """
    try:
        import fcntl
    except ImportError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _unlock(descriptor: int) -> None:
    """Let go, for processes too that were forked and hold the same lock."""
    with suppress(ImportError, OSError):
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_UN)


@dataclass(frozen=True, slots=True)
class DeadJournal:
    """The journal of a run that was cut off, held alone while it is taken in."""

    path: Path
    descriptor: int

    @classmethod
    def claim(cls, path: Path) -> DeadJournal | None:
        """Return the journal at `path`, locked; None where its run lives, or it cannot be known whether it does."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return None
        if stat.S_ISREG(os.fstat(descriptor).st_mode) and _lock(descriptor):
            return cls(path, descriptor)
        os.close(descriptor)
        return None

    @property
    def run(self) -> str:
        """The id of the run, by the file's name: what stands in the file is not believed."""
        return run_of(self.path) or ""

    def read(self) -> Contents:
        """Return what the run had written."""
        with os.fdopen(os.dup(self.descriptor), "rb") as file:
            return contents_of(file.read())

    def close(self) -> None:
        """Let go of it."""
        os.close(self.descriptor)


def _concealed(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _concealed_field(key, value) for key, value in fields.items()}


def _concealed_field(key: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        return _concealed(value)
    if isinstance(value, list | tuple):
        return [_concealed_field(key, item) for item in value]
    if key in _CHECKS and isinstance(value, str):
        return conceal_parameters(value)
    return value if key in _WORDS else conceal_all(value)


def plain(value: Any) -> Any:  # noqa: ANN401 - any value, as JSON has it
    """Return `value` as JSON can hold it: numpy's numbers as Python's, NaN and infinities as null, the rest as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else None
    item = getattr(value, "item", None)
    return plain(item()) if callable(item) else str(value)


def contents_of(content: bytes) -> Contents:
    """Return the lines of a journal that are as they were written, and how many are not."""
    *whole, rest = content.split(b"\n")
    read = [_line(text) for text in whole if text]
    lines = [line for line in read if line is not None]
    return Contents(lines, damaged=len(read) - len(lines), cut=bool(rest))


def _line(text: bytes) -> Line | None:
    summed = _SUMMED.fullmatch(text)
    if summed is not None:
        text = summed[1] + b"}"
        if zlib.crc32(text) != int(summed[2]):
            return None
    try:
        # Without a checksum it is the line of an older version.
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) and isinstance(line.get("kind"), str) else None
