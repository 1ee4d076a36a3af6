"""What code of the user's says when it fails, without what it may quote of rows.

A word of a message is shown where it stands in the code that was running: what else a message holds is data.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from traceback import walk_tb
from types import CodeType

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.redaction import conceal

UNKNOWN = "..."
_WORD = re.compile(r"\w+|[^\w\s]+|\s+")


def raised(what: str, error: BaseException, code: CodeType | None, known: Collection[str] = ()) -> str:
    """Return in one line that a function of the user's raised an error: which, where, and what it says of itself.

    Parameters
    ----------
    code
        That of the function, to find the line in its file that the error came through.
    known
        Further words that may be shown, such as names of columns.
    """
    if isinstance(error, MLQualityError):
        return f"{what} raised {error.message}"
    file = code.co_filename if code is not None else None
    lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == file]
    where = f" in line {lines[-1]} of {Path(str(file)).name}" if lines else ""
    text = message(error, known)
    return f"{what} raised {type(error).__name__}{where}" + (f": {text}" if text else "")


def message(error: BaseException, known: Collection[str] = ()) -> str:
    """Return what an error says, on one line, with ``...`` for words that are not written in the code that was running.

    Empty where none of them is.
    """
    words = {word for text in (*known, *_texts(error)) for word in _WORD.findall(text)}
    shown = "".join(
        word if word.isspace() or word in words or not word[0].isalnum() else UNKNOWN
        for word in _WORD.findall(conceal(str(error)))
    )
    shown = re.sub(r"\.\.\.(\s*[^\w\s]*\s*\.\.\.)+", UNKNOWN, " ".join(shown.split()))
    return shown if any(word[0].isalnum() for word in _WORD.findall(shown) if not word.isspace()) else ""


def _texts(error: BaseException) -> Iterator[str]:
    """Yield the texts that stand in the code of every function that was running."""
    for frame, _ in walk_tb(error.__traceback__):
        yield from _constants(frame.f_code.co_consts)


def _constants(constants: object) -> Iterator[str]:
    if isinstance(constants, str):
        yield constants
    elif isinstance(constants, tuple | frozenset):
        for one in constants:
            yield from _constants(one)
