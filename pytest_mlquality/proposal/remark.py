"""Comments in files for people: on their lines, whatever stands in the names that they quote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import wrap

from pytest_mlquality.printable import one_line, quoted

WIDTH = 116
_PLAIN = re.compile(r"\w[\w .-]*")


def remark(said: str) -> str:
    """Return a comment on one line, the only one who writes one: nothing in `said` can end it."""
    return f"# {one_line(said)}"


def comment(said: str, indent: str = "") -> Iterator[str]:
    """Yield `said` as lines of a comment, none of which looks like the header of a table."""
    glued = one_line(said).replace(" [", "\0[")
    for line in wrap(glued, WIDTH - len(indent), break_long_words=False, break_on_hyphens=False):
        yield indent + remark(line.replace("\0", " "))


def listed(names: list[str], most: int = 8) -> str:
    """Return names in a row, the first few of many; in quotes where one would not be told from the words around it."""
    shown = [name if _PLAIN.fullmatch(name) else quoted(name) for name in names[:most]]
    return ", ".join(shown) + (f" and {len(names) - most} more" if len(names) > most else "")
