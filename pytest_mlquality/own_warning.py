"""What code that is not ours warns of, without what it may quote of rows: its kind, its place, and its own words."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import CodeType, FrameType
from typing import TextIO

from pytest_mlquality.own_error import name_of, only_known, texts_of, written_in
from pytest_mlquality.shown import values_may_be_shown
from pytest_mlquality.whose_code import is_ours

HIDDEN = "what it says is not shown, it may quote rows ([report] samples = true shows it)"
# Attribute of a warning that holds no value any more.
_CLEAN = "_mlquality_without_values"


@contextmanager
def warnings_without_values(wanted: Callable[[], bool]) -> Iterator[None]:
    """Show warnings inside the block without values of rows, where it is `wanted` when they arise."""
    before = warnings.showwarning

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if wanted() and not values_may_be_shown():
            message = without_values(message, category, sys._getframe(1))
            category = type(message)
        before(message, category, filename, lineno, file, line)

    warnings.showwarning = show
    try:
        yield
    finally:
        # Who else has put a way of showing in place has not put this one back.
        if warnings.showwarning is show:
            warnings.showwarning = before


def without_values(message: Warning | str, category: type[Warning], frame: FrameType | None) -> Warning:
    """Return a warning of the same kind with those of its words that stand in the code which warned.

    Parameters
    ----------
    frame
        The innermost that was running.
    """
    if isinstance(message, Warning) and getattr(message, _CLEAN, False):
        return message
    known = [text for code in _running(frame) for text in texts_of(code)]
    kind = next((base for base in category.__mro__ if base.__name__ == name_of(category)), UserWarning)
    made = _made(kind, only_known(str(message), known) or HIDDEN)
    setattr(made, _CLEAN, True)
    return made


def _running(frame: FrameType | None) -> Iterator[CodeType]:
    """Yield the code of the functions that are running, from the innermost up to ours, of those that stand in files."""
    while frame is not None and not is_ours(frame):
        if written_in(frame.f_code):
            yield frame.f_code
        frame = frame.f_back


def _made(kind: type[Warning], text: str) -> Warning:
    """Return a warning of a kind; of one that asks for more than a text, a plain one that names it."""
    with suppress(Exception):
        made = kind(text)
        if str(made) == text:
            return made
    return UserWarning(f"{kind.__name__}: {text}")
