"""Comments in files for people: on their lines, whatever stands in the names that they quote."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

WIDTH = 116


def one_line(said: str) -> str:
    """Return text that cannot end the comment it stands in."""
    return "".join(letter if letter.isprintable() else "?" for letter in said)


def comment(said: str, indent: str = "") -> Iterator[str]:
    """Yield `said` as lines of a comment."""
    for line in wrap(one_line(said), WIDTH - len(indent), break_long_words=False, break_on_hyphens=False):
        yield f"{indent}# {line}"


def listed(names: list[str], most: int = 8) -> str:
    """Return names in a row, the first few of many."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
