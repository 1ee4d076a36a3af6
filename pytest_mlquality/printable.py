"""Text from anywhere, such as the name of a column, as people and parsers read it: it is shown, and does nothing."""

from __future__ import annotations

import json


def one_line(text: str) -> str:
    r"""Return text on one line that a terminal shows as it is.

    What is not printable stands there as Python escapes it, as in ``\n``, ``\x1b`` and ``\u202e``: line breaks, control
    characters, what turns the direction of text, lone surrogates.
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def printable(text: str) -> str:
    """Return text of several lines, each of which a terminal shows as it is."""
    return "\n".join("\t".join(map(one_line, line.split("\t"))) for line in text.split("\n"))


def quoted(text: str) -> str:
    """Return text in double quotes on one line of printable characters, as TOML and YAML read it back.

    A lone surrogate, which no file in UTF-8 can hold, is written out.
    """
    # JSON's escapes are theirs; further ones have the letters that both know.
    return "".join(map(_escaped, json.dumps(text.encode("utf-8", "backslashreplace").decode(), ensure_ascii=False)))


def _shown(letter: str) -> str:
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")


def _escaped(letter: str) -> str:
    if letter.isprintable():
        return letter
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
