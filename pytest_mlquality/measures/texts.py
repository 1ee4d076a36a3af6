"""What a text says: nothing, a number, or something else, by patterns that engines read alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis

PLACEHOLDERS = (
    "",
    "na",
    "n/a",
    "#n/a",
    "nan",
    "null",
    "none",
    "nil",
    "?",
    "-",
    "--",
    "missing",
    "unknown",
    "undefined",
)
# What str.strip of Python takes away; `\s` and trimming are ASCII to some engines.
WHITE = "\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_NUMBER = r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"


def is_placeholder(value: ibis.StringValue) -> ibis.BooleanValue:
    """Return whether a text stands for a missing value, in any letter case, with any white space around it."""
    return _is(value, "|".join(map(re.escape, PLACEHOLDERS)), flags="(?i)")


def is_number(value: ibis.StringValue) -> ibis.BooleanValue:
    """Return whether a text is a decimal number: inf and nan, which engines read as numbers, are words to people."""
    return _is(value, _NUMBER)


def _is(value: ibis.StringValue, pattern: str, flags: str = "") -> ibis.BooleanValue:
    condition: ibis.BooleanValue = value.re_search(f"{flags}^[{WHITE}]*({pattern})[{WHITE}]*$")
    return condition
