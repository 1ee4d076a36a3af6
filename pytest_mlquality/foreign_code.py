"""Running code that is not ours on rows: what it prints, logs and warns of may quote them, and is not heard.

With ``[report] samples = true`` all of it is. Warnings are given on by their kind and place, with those of their words
that stand in the code which warned; what code logs to files of its own goes there.
"""

from __future__ import annotations

import ctypes
import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from threading import RLock
from typing import IO, Any

from pytest_mlquality.own_warning import without_values
from pytest_mlquality.shown import values_may_be_shown

_DESCRIPTORS = (1, 2)
# Standard output belongs to the process: the first thread in silences it, and the last one out gives it back.
_lock = RLock()
_inside = 0
_silence: _Silence | None = None
# Of warnings that are shown once a place.
_shown: dict[Any, Any] = {}


@contextmanager
def foreign_code() -> Iterator[None]:
    """Run code that is not ours so that nothing but its answers, its exceptions and the kinds of its warnings is heard.

    It may be entered within itself and by several threads.
    """
    global _inside, _silence
    if values_may_be_shown():
        yield
        return
    with _lock:
        _inside += 1
        if _silence is None:
            _silence = _Silence()
    try:
        yield
    finally:
        ended = None
        with _lock:
            _inside -= 1
            if not _inside:
                ended, _silence = _silence, None
                if ended is not None:
                    ended.end()
        if ended is not None:
            ended.warn()


class _Silence:
    """Standard output and error, logs and warnings, silenced until `end`."""

    def __init__(self) -> None:
        self._warned: list[tuple[Warning, str, int]] = []
        self._streams = _Streams()
        # Handlers of standard output write to where that goes; pytest's own keep what they are handed, for its report.
        self._deaf = [one for one in logging.root.handlers if type(one).__module__.startswith("_pytest.")]
        for handler in self._deaf:
            handler.addFilter(_nothing)
        self._catching = warnings.catch_warnings()
        self._catching.__enter__()
        warnings.showwarning = self._keep

    def end(self) -> None:
        """Give all of it back."""
        self._catching.__exit__(None, None, None)
        for handler in self._deaf:
            handler.removeFilter(_nothing)
        self._streams.restore()

    def warn(self) -> None:
        """Give on the warnings, those that are alike once."""
        alike = {(type(warning), str(warning), file, line): warning for warning, file, line in self._warned}
        for (kind, _, file, line), warning in alike.items():
            warnings.warn_explicit(warning, kind, file, line, registry=_shown)

    def _keep(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: Any = None,  # noqa: ANN401 - of Python's own signature
        line: str | None = None,
    ) -> None:
        self._warned.append((without_values(message, category, sys._getframe(1)), filename, lineno))


def _nothing(_record: logging.LogRecord) -> bool:
    return False


@dataclass(slots=True)
class _Streams:
    """Where standard output and error went before, on both levels: Python's objects, and descriptors for other code."""

    _python: dict[str, Any] = field(default_factory=dict)
    _places: list[tuple[IO[str], int]] = field(default_factory=list)
    _descriptors: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _flush()
        self._python = {name: getattr(sys, name) for name in ("stdout", "stderr")}
        self._places = [(stream, place) for stream in self._python.values() if (place := _place(stream)) is not None]
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            for descriptor in _DESCRIPTORS:
                # A process may have been started without them.
                with suppress(OSError):
                    self._descriptors[descriptor] = os.dup(descriptor)
                    os.dup2(nowhere, descriptor)
        finally:
            os.close(nowhere)
        sys.stdout = sys.stderr = _nowhere()

    def restore(self) -> None:
        """Give them back, and drop what was written meanwhile through a reference that somebody kept."""
        _flush()
        sys.stdout, sys.stderr = self._python["stdout"], self._python["stderr"]
        for descriptor, before in self._descriptors.items():
            os.dup2(before, descriptor)
            os.close(before)
        for stream, place in self._places:
            with suppress(OSError, ValueError):
                stream.flush()
                stream.seek(place)
                stream.truncate()


@cache
def _nowhere() -> IO[str]:
    return open(os.devnull, "w", encoding="utf-8", errors="replace")


def _place(stream: Any) -> int | None:  # noqa: ANN401 - whatever stands for standard output
    """Return how far a stream has been written that holds what is written in memory or a file of its own."""
    try:
        if stream.fileno() in _DESCRIPTORS:
            return None
    except (AttributeError, OSError, ValueError):
        if not isinstance(getattr(stream, "buffer", stream), io.BytesIO | io.StringIO):
            return None
    try:
        stream.flush()
        return int(stream.tell()) if stream.seekable() else None
    except (AttributeError, OSError, ValueError):
        return None


def _flush() -> None:
    """Write out what Python and C hold back, so that each part goes where it was meant to go."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()  # type: ignore[union-attr]
    with suppress(AttributeError, OSError, TypeError):
        _c_library().fflush(None)


@cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None)
