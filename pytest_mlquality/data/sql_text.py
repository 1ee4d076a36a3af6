"""Names and texts as they stand in SQL of the embedded engine."""

from __future__ import annotations


def literal(value: str) -> str:
    """Return a text in quotes."""
    return "'" + value.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """Return the name of a column in quotes."""
    return '"' + name.replace('"', '""') + '"'
