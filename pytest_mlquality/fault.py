"""A fault of our own: where it arose, told in one line without a value of the data."""

from __future__ import annotations

import traceback
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FrameType

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.own_error import kind_of, message
from pytest_mlquality.whose_code import PACKAGE, is_library, is_ours, module_of, raised_by_us

_CHECKS = f"{PACKAGE}.checks."


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
    if not isinstance(error, Exception) or (isinstance(error, MLQualityError) and raised_by_us(error)):
        return None
    frames = [(frame, line) for frame, line in traceback.walk_tb(error.__traceback__) if not is_library(frame)]
    if not frames or not is_ours(frames[-1][0]) or _is_meant(error, [frame for frame, _ in frames]):
        return None
    place = place_of(*frames[-1])
    if isinstance(error, MemoryError):
        return Fault(f"the memory did not suffice, in {place}", "run it where there is more, or narrow the rows")
    # What an assert compared may be rows.
    text = "" if isinstance(error, AssertionError) else message(error)
    said = f" ({text})" if text else ""
    return Fault(
        f"a fault of pytest-mlquality {_version()}: {kind_of(error)}{said} in {place}",
        f"report it with this line; {remedy}",
    )


def place_of(frame: FrameType, line: int) -> str:
    """Return ``pytest_mlquality/measures/slices.py:120``: the module's file as it is named everywhere, and the line."""
    module = module_of(frame)
    is_package = Path(frame.f_code.co_filename).name == "__init__.py"
    return f"{module.replace('.', '/')}{'/__init__' if is_package else ''}.py:{line}"


def _is_meant(error: Exception, frames: list[FrameType]) -> bool:
    if isinstance(error, AssertionError) and module_of(frames[-1]).startswith(_CHECKS):
        return True
    entries = traceback.extract_tb(error.__traceback__)
    is_raised_here = entries[-1].filename == frames[-1].f_code.co_filename
    called_by_user = not all(map(is_ours, frames))
    return is_raised_here and called_by_user and (entries[-1].line or "").startswith("raise ")


@cache
def _version() -> str:
    try:
        return version("pytest-mlquality")
    except PackageNotFoundError:
        return ""
