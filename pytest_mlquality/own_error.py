"""What code that is not ours says when it fails, without what it may quote of rows.

A part of a message is shown where it stands in the code that was running, or is a phrase that libraries write of every
such failure: what else a message holds is data. With ``[report] samples = true`` it is shown whole.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from traceback import walk_tb
from types import CodeType, FrameType

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.library_phrases import PHRASES, QUOTED_TYPES
from pytest_mlquality.redaction import conceal
from pytest_mlquality.shown import values_may_be_shown
from pytest_mlquality.whose_code import raised_by_us, users_place

UNKNOWN = "..."
SAMPLES = "[report] samples = true shows all that it says"
# What a caller of code that is not ours expects of it; a keyboard's interrupt and what stops a test go on.
ANY_FAILURE = (Exception, SystemExit, GeneratorExit)
# A shorter text may be anywhere by chance.
SHORTEST = 3
LONGEST = 400
MOST_KINDS = 3
# What these say names what stands in the code, such as an attribute.
_OF_NAMES = (AttributeError, ImportError, NameError, TypeError)
_WORD = re.compile(r"\w")
_REPEATED = re.compile(r"\.\.\.(\s*[^\w\s]*\s*\.\.\.)+")
# What may stand between known words as it is: quotes, brackets, commas; in a longer stretch it may be a cell.
_PLAIN = re.compile(r"[\s'\"()\[\],:;.]{0,4}|'?\s(and|object)\s'?")
_QUOTE = re.compile(r"^([\s'\"(\[]{0,2}).*?(['\")\]]?[\s.,:;]{0,2})$", re.DOTALL)
# Where %, str.format and f-strings put a value.
_VALUE = re.compile(r"%(?:\(\w+\))?[-+ #0]*[\d.]*[a-zA-Z]|\{[^{}]*\}")


def raised(what: str, error: BaseException, code: CodeType | None, known: Collection[str] = ()) -> str:
    """Return in one line that code of the user's raised an error: which, where, and what it says of itself.

    Parameters
    ----------
    code
        That of the function, to find the line in its file that the error came through.
    known
        Further words that may be shown, such as names of columns.
    """
    if isinstance(error, MLQualityError) and raised_by_us(error):
        return f"{what} raised {error.message}"
    file = code.co_filename if code is not None else None
    lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == file]
    where = f" in line {lines[-1]} of {Path(str(file)).name}" if lines else ""
    return f"{what} raised {kind_of(error)}{where}{said(error, known)}"


def told(error: BaseException, known: Collection[str] = ()) -> str:
    """Return in one line the kind of an error, the line of the user's code that it came through, and what it says."""
    if isinstance(error, MLQualityError) and raised_by_us(error):
        return conceal(error.message)
    place = users_place(error)
    return f"{kind_of(error)}{f' in {place}' if place else ''}{said(error, known)}"


def said(error: BaseException, known: Collection[str] = ()) -> str:
    """Return ``: `` and what an error says, fit to follow its kind; empty where nothing of it may be shown."""
    text = message(error, known)
    return f": {text}" if text else ""


def cause_of(error: BaseException) -> BaseException | None:
    """Return what to chain an error of ours to: Python prints the whole text of a cause, values of rows included."""
    return error if values_may_be_shown() else None


def kind_of(error: BaseException) -> str:
    """Return the name of an exception's class; of a group, with the kinds of what it holds.

    A class that no module holds under its name was made while running, and its name may be a cell: the nearest of its
    bases that a module holds stands for it.
    """
    name = name_of(type(error))
    if not isinstance(error, BaseExceptionGroup):
        return name
    kinds = list(dict.fromkeys(name_of(type(one)) for one in error.exceptions))
    more = " ..." if len(kinds) > MOST_KINDS else ""
    return f"{name} of {', '.join(kinds[:MOST_KINDS])}{more}"


def name_of(kind: type) -> str:
    """Return the name of a class as its module has it, or that of its nearest base which a module has."""
    return next((base.__name__ for base in kind.__mro__ if _stands_in_its_module(base)), "error")


def message(error: BaseException, known: Collection[str] = ()) -> str:
    """Return what an error says, on one line, with ``...`` for all that does not stand in the code that was running.

    Empty where nothing of it does. Whole where values may be shown.

    Parameters
    ----------
    known
        Further texts that may be shown, such as names of columns.
    """
    text = _said_by(error)
    if values_may_be_shown():
        return _cut(" ".join(conceal(text).split()))
    return only_known(text, {*known, *_written(error)})


def only_known(text: str, known: Collection[str]) -> str:
    """Return on one line those parts of a text that are known, and ``...`` for all else; empty where none is."""
    text = conceal(text)
    pieces = sorted({*map(str, known), *PHRASES, *QUOTED_TYPES} - {""}, key=lambda piece: -len(piece))
    pieces = [piece for piece in pieces if piece in text]
    if not pieces:
        return ""
    written = re.compile("|".join(map(_whole, pieces)))
    parts, end = [], 0
    for found in written.finditer(text):
        parts += [_hidden(text[end : found.start()]), found[0]]
        end = found.end()
    if not end:
        return ""
    shown = " ".join("".join([*parts, _hidden(text[end:])]).split())
    shown = _REPEATED.sub(UNKNOWN, shown)
    return _cut(shown) if _WORD.search(shown) else ""


def texts_of(code: CodeType) -> Iterator[str]:
    """Yield the texts that stand in code and in the functions that it defines, cut where values are put into them."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from texts_of(constant)
    yield from _pieces(_constants(code.co_consts))


def written_in(code: CodeType) -> bool:
    """Say whether code stands in a file: text that was compiled while running may hold cells."""
    return not code.co_filename.startswith("<") or code.co_filename.startswith("<frozen ")


def _whole(piece: str) -> str:
    """Return a pattern for a text that no letter or digit goes on with, where it begins or ends with one itself."""
    before = r"(?<!\w)" if _WORD.match(piece[0]) else ""
    after = r"(?!\w)" if _WORD.match(piece[-1]) else ""
    return f"{before}{re.escape(piece)}{after}"


def _hidden(stretch: str) -> str:
    """Return what is shown of a stretch that nobody knows: quotes around it, and what can be no cell."""
    if _PLAIN.fullmatch(stretch):
        return stretch
    around = _QUOTE.match(stretch)
    before, after = around.groups() if around is not None else ("", "")
    return f"{before}{UNKNOWN}{after}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} {UNKNOWN}"


def _said_by(error: BaseException) -> str:
    """Return an error's text and its notes; an error of the user's may fail to say anything."""
    try:
        notes = [one for one in getattr(error, "__notes__", ()) if isinstance(one, str)]
        return "\n".join([str(error), *notes])
    except Exception:
        return ""


@cache
def _stands_in_its_module(kind: type) -> bool:
    found: object = sys.modules.get(str(kind.__module__))
    for part in kind.__qualname__.split("."):
        found = inspect.getattr_static(found, part, None)
    return found is kind


def _written(error: BaseException) -> Iterator[str]:
    """Yield what stands in the code of every function that was running; its names too where errors tell of them."""
    for frame, _ in walk_tb(error.__traceback__):
        code = _code(frame)
        if code is None:
            continue
        yield from _pieces(_constants(code.co_consts))
        if isinstance(error, _OF_NAMES):
            names = (*code.co_names, *code.co_varnames, *code.co_freevars, f"{code.co_qualname}()", f"{code.co_name}()")
            yield from (name for name in names if len(name) >= SHORTEST)
    if isinstance(error, AttributeError) and error.obj is not None:
        yield f"'{name_of(type(error.obj))}'"


def _code(frame: FrameType) -> CodeType | None:
    return frame.f_code if written_in(frame.f_code) else None


def _pieces(texts: Iterator[str]) -> Iterator[str]:
    for text in texts:
        for piece in _VALUE.split(text):
            stripped = piece.strip()
            if len(stripped) >= SHORTEST:
                yield stripped
            elif len(stripped) > 1 and len(piece) >= SHORTEST:
                # Such as " of ": known with what stands around it.
                yield piece


def _constants(constants: object) -> Iterator[str]:
    if isinstance(constants, str):
        yield constants
    elif isinstance(constants, tuple | frozenset):
        for one in constants:
            yield from _constants(one)
