"""The words of a column's name."""

from __future__ import annotations

import re


def words_of(name: str) -> list[str]:
    """Return the words of a name in snake_case, CamelCase or any other, in lower case."""
    return [word.lower() for word in re.findall(r"[^\W\d_a-z]+(?![a-z])|[^\W\d_]?[^\W\d_A-Z]+|\d+", name)]
