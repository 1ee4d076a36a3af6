"""Patterns of the settings, in which only ``*`` is special: brackets and dots are literal."""

from __future__ import annotations

from re import DOTALL, escape, fullmatch


def matches(pattern: str, name: str) -> bool:
    """Return whether `name` is what `pattern` says, ``*`` standing for any text."""
    return fullmatch(".*".join(escape(part) for part in pattern.split("*")), name, DOTALL) is not None
