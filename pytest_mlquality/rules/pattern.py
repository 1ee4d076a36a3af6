r"""Regular expressions of Python, said so that every engine means the same.

``\d``, ``$`` and ``.`` mean one thing to Python, another to RE2 (DuckDB), to Rust (Polars) and to Java (Spark). What
has the same meaning everywhere is written out; what has not (look-around, back references) is left to Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from re import _constants as code  # type: ignore[attr-defined]  # Python's own parser, under this name since 3.11
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

# RE2 and Rust refuse patterns that grow too large when repetitions are written out.
MOST_REPEATS = 100
_CLASSES = {
    code.CATEGORY_DIGIT: r"\p{Nd}",
    code.CATEGORY_WORD: r"\p{L}\p{N}_",
    code.CATEGORY_SPACE: r"\t-\r\x1c-\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}",
}
_OUTSIDE = {
    code.CATEGORY_NOT_DIGIT: code.CATEGORY_DIGIT,
    code.CATEGORY_NOT_WORD: code.CATEGORY_WORD,
    code.CATEGORY_NOT_SPACE: code.CATEGORY_SPACE,
}
_PLACES = {
    code.AT_BEGINNING: "^",
    code.AT_BEGINNING_STRING: "^",
    code.AT_END_STRING: r"\z",
}


class _Untranslatable(Exception):
    """A part of a pattern that engines read differently."""


def portable(pattern: str, *, from_start: bool) -> str | None:
    """Return `pattern` as every engine reads it, or None where it must be left to Python.

    Parameters
    ----------
    from_start
        Whether it must match from the beginning of a text, as ``re.match`` does; else anywhere, as ``re.search``.

    Raises
    ------
    re.error
        If it is no regular expression.
    """
    tree = parser.parse(pattern)
    if tree.state.flags & ~re.UNICODE:
        return None
    try:
        text = _written(tree, MOST_REPEATS, last=True)
    except _Untranslatable:
        return None
    # DuckDB takes "^(?:)" for an empty text.
    return f"^{_group(text)}" if from_start else text


def _group(text: str) -> str:
    return f"(?:{text})" if text else ""


def _written(tree: Iterable[tuple[Any, Any]], repeats: int, *, last: bool) -> str:
    """Return a sequence of parts.

    Parameters
    ----------
    repeats
        How often a part of it may be repeated.
    last
        Whether nothing follows: only there may ``$``, which looks ahead for a line break, take it in.
    """
    parts = list(tree)
    end = len(parts) - 1
    return "".join(_part(*part, repeats, last=last and place == end) for place, part in enumerate(parts))


def _part(operation: Any, argument: Any, repeats: int, *, last: bool) -> str:  # noqa: ANN401 - Python's parser is not typed
    if operation is code.LITERAL:
        return _literal(argument)
    if operation is code.NOT_LITERAL:
        return f"[^{_literal(argument)}]"
    if operation is code.ANY:
        return r"[^\n]"
    if operation is code.IN:
        return _class(argument)
    if operation is code.AT and argument in _PLACES:
        return _PLACES[argument]
    if operation is code.AT and argument is code.AT_END and last:
        return r"(?:\n?\z)"
    if operation is code.BRANCH:
        return _group("|".join(_written(branch, repeats, last=last) for branch in argument[1]))
    if operation is code.SUBPATTERN and not (argument[1] or argument[2]):
        return _group(_written(argument[3], repeats, last=last))
    if operation in (code.MAX_REPEAT, code.MIN_REPEAT):
        least, most, what = argument
        return _repeated(least, most, what, repeats)
    raise _Untranslatable


def _repeated(least: int, most: int, what: Iterable[tuple[Any, Any]], repeats: int) -> str:
    endless = most is code.MAXREPEAT
    times = max(least, 1) if endless else max(most, 1)
    if times > repeats:
        raise _Untranslatable
    text = _group(_written(what, repeats // times, last=False))
    return f"{text}{{{least},{'' if endless else most}}}" if text else ""


def _class(members: Iterable[tuple[Any, Any]]) -> str:
    inside, negated = "", False
    for operation, argument in members:
        if operation is code.NEGATE:
            negated = True
        elif operation is code.LITERAL:
            inside += _literal(argument)
        elif operation is code.RANGE:
            inside += f"{_literal(argument[0])}-{_literal(argument[1])}"
        elif operation is code.CATEGORY and argument in _CLASSES:
            inside += _CLASSES[argument]
        elif operation is code.CATEGORY and argument in _OUTSIDE and len(list(members)) == 1:
            return f"[^{_CLASSES[_OUTSIDE[argument]]}]"
        else:
            raise _Untranslatable
    return f"[{'^' if negated else ''}{inside}]"


def _literal(point: int) -> str:
    character = chr(point)
    return character if character.isascii() and character.isalnum() else rf"\x{{{point:x}}}"
