"""How far long work is, on a terminal and nowhere else."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TextIO

WIDTH = 20


class Progress:
    """A bar on standard error that leaves no trace.

    Parameters
    ----------
    steps
        How many steps there will be, as far as is known.
    stream
        Where to draw; nothing is drawn on what is no terminal.
    """

    def __init__(self, steps: int, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._drawn = self._stream.isatty()
        self._steps = max(steps, 1)
        self._done = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._write("\r\x1b[K")

    def step(self, doing: str) -> None:
        """Say what is done next."""
        full = min(WIDTH, WIDTH * self._done // self._steps)
        self._done += 1
        self._write(f"\r\x1b[K[{'#' * full}{'.' * (WIDTH - full)}] {doing}")

    def _write(self, text: str) -> None:
        if self._drawn:
            self._stream.write(text)
            self._stream.flush()
