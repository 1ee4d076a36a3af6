"""Whose code a frame of a traceback runs: ours, a library's, or the user's."""

from __future__ import annotations

import sysconfig
from functools import cache
from pathlib import Path
from traceback import walk_tb
from types import FrameType

PACKAGE = "pytest_mlquality"
_INSTALLED = ("site-packages", "dist-packages")


def module_of(frame: FrameType) -> str:
    """Return the name of the module whose code a frame runs."""
    return str(frame.f_globals.get("__name__", ""))


def is_ours(frame: FrameType) -> bool:
    """Say whether a frame runs code of this package."""
    return module_of(frame) == PACKAGE or module_of(frame).startswith(f"{PACKAGE}.")


def is_library(frame: FrameType) -> bool:
    """Say whether a frame runs what is installed, of the standard library, or made of text while running."""
    if is_ours(frame):
        return False
    file = Path(frame.f_code.co_filename)
    return not file.is_absolute() or any(part in _INSTALLED for part in file.parts) or file.is_relative_to(_standard())


def raised_by_us(error: BaseException) -> bool:
    """Say whether the code that raised an error is ours: its words are then ours too."""
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    return not frames or is_ours(frames[-1])


def users_place(error: BaseException) -> str:
    """Return ``loader.py:14``: the last line of the user's own code that an error came through, if any."""
    own = [
        (frame, line) for frame, line in walk_tb(error.__traceback__) if not is_ours(frame) and not is_library(frame)
    ]
    if not own:
        return ""
    frame, line = own[-1]
    return f"{Path(frame.f_code.co_filename).name}:{line}"


@cache
def _standard() -> Path:
    return Path(sysconfig.get_path("stdlib"))
