"""A fault of our own: where it arose, told in one line without a value of the data."""

from __future__ import annotations

import re
import sysconfig
import traceback
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FrameType

from pytest_mlquality.errors import MLQualityError

PACKAGE = "pytest_mlquality"
_CHECKS = f"{PACKAGE}.checks."
_INSTALLED = ("site-packages", "dist-packages")
# What these say is names that stand in the code.
OF_CODE = (NameError, ImportError, AttributeError, SyntaxError)
# Python itself says these, of types and of arguments; a library's own message may quote a row.
_OF_TYPES = re.compile(
    r"unsupported operand type\(s\) for |'[^']*' not supported between instances of |bad operand type for "
    r"|[\w.]+\(\) (missing|takes|got an unexpected keyword|got multiple values)"
    r"|'[\w.]+' object (is not|does not|cannot be)|cannot unpack non-iterable |unhashable type: "
)


class Fault(MLQualityError):
    """Something that no user can put right: what is to be reported, and how to see more of it."""


def fault_of(error: BaseException | None, remedy: str) -> Fault | None:
    """Return what to tell of an exception that nobody foresaw; None where it is not of our making.

    It is of our making where the innermost code that belongs to no library is ours: a function of the user's that we
    call raises for itself. What a user's code is refused by a ``raise`` of ours, and the assert of a check, are meant.

    Parameters
    ----------
    remedy
        How to see the traceback.
    """
    if not isinstance(error, Exception) or isinstance(error, MLQualityError):
        return None
    frames = [(frame, line) for frame, line in traceback.walk_tb(error.__traceback__) if not _is_library(frame)]
    if not frames or not _is_ours(frames[-1][0]) or _is_meant(error, [frame for frame, _ in frames]):
        return None
    place = place_of(*frames[-1])
    if isinstance(error, MemoryError):
        return Fault(f"the memory did not suffice, in {place}", "run it where there is more, or narrow the rows")
    return Fault(
        f"a fault of pytest-mlquality {_version()}: {type(error).__name__}{said(error)} in {place}",
        f"report it with this line; {remedy}",
    )


def place_of(frame: FrameType, line: int) -> str:
    """Return ``pytest_mlquality/measures/slices.py:120``: the module's file as it is named everywhere, and the line."""
    module = str(frame.f_globals.get("__name__", ""))
    is_package = Path(frame.f_code.co_filename).name == "__init__.py"
    return f"{module.replace('.', '/')}{'/__init__' if is_package else ''}.py:{line}"


def said(error: BaseException) -> str:
    """Return what an exception says, in brackets, where that can be no value of the data; else nothing."""
    text = str(error).split("\n", 1)[0]
    is_of_code = isinstance(error, OF_CODE) or (isinstance(error, TypeError) and _OF_TYPES.match(text))
    return f" ({text})" if is_of_code and text else ""


def _is_meant(error: Exception, frames: list[FrameType]) -> bool:
    if isinstance(error, AssertionError) and _module(frames[-1]).startswith(_CHECKS):
        return True
    entries = traceback.extract_tb(error.__traceback__)
    is_raised_here = entries[-1].filename == frames[-1].f_code.co_filename
    called_by_user = not all(map(_is_ours, frames))
    return is_raised_here and called_by_user and (entries[-1].line or "").startswith("raise ")


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _is_ours(frame: FrameType) -> bool:
    return _module(frame) == PACKAGE or _module(frame).startswith(f"{PACKAGE}.")


def _is_library(frame: FrameType) -> bool:
    if _is_ours(frame):
        return False
    file = Path(frame.f_code.co_filename)
    return not file.is_absolute() or any(part in _INSTALLED for part in file.parts) or file.is_relative_to(_standard())


@cache
def _standard() -> Path:
    return Path(sysconfig.get_path("stdlib"))


@cache
def _version() -> str:
    try:
        return version("pytest-mlquality")
    except PackageNotFoundError:
        return ""
