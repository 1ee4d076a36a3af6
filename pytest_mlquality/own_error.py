"""What code of the user's says when it fails, without what it may quote of rows.

A part of a message is shown where it stands in the code that was running: what else a message holds is data.
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
# A shorter text may be anywhere by chance.
SHORTEST = 3
_WORD = re.compile(r"\w+")
_REPEATED = re.compile(r"\.\.\.(\s*[^\w\s]*\s*\.\.\.)+")
# Where %, str.format and f-strings put a value.
_VALUE = re.compile(r"%(?:\(\w+\))?[-+ #0]*[\d.]*[a-zA-Z]|\{[^{}]*\}")


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
    """Return what an error says, on one line, with ``...`` for all that does not stand in the code that was running.

    Empty where nothing of it does.
    """
    said = conceal(str(error))
    pieces = sorted({*known, *_pieces(error)}, key=lambda piece: -len(piece))
    written = re.compile("|".join(rf"(?<!\w){re.escape(piece)}(?!\w)" for piece in pieces)) if pieces else None
    shown = _without(written, said) if written is not None else ""
    return shown if _WORD.search(shown) else ""


def _without(written: re.Pattern[str], said: str) -> str:
    """Return a text with only those parts that are written somewhere, and what stands between words."""
    parts, end = [], 0
    for found in written.finditer(said):
        parts += [_WORD.sub(UNKNOWN, said[end : found.start()]), found[0]]
        end = found.end()
    shown = " ".join("".join([*parts, _WORD.sub(UNKNOWN, said[end:])]).split())
    return _REPEATED.sub(UNKNOWN, shown)


def _pieces(error: BaseException) -> Iterator[str]:
    """Yield the texts of the running code, cut where values are put into them."""
    for text in _texts(error):
        for piece in _VALUE.split(text):
            if len(piece) >= SHORTEST and piece.strip():
                yield piece.strip()


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
