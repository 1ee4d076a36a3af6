"""What text in CSV or in the name of a folder is read as: the words that people write for it."""

from __future__ import annotations

# strptime as DuckDB knows it.
_FORMAT = r"[^%]*(%-?[aAbBdfgGHIjmMnpSuUVwWyYzZ%][^%]*)+"
WRITTEN = rf"^(text|integer|number|boolean|date|timestamp|(date|timestamp) {_FORMAT})$"

# What a model or a role says less exactly: numbers of either kind; a label that may be a whole number; one that is 0 or
# 1, which true and false are too; a date or a time; nothing but that there is such a column.
NUMERIC, LABEL, BIT, MOMENT, ANY = "numeric", "label", "bit", "moment", ""
_FINER = {
    NUMERIC: ("integer", "number", "boolean"),
    LABEL: ("text", "integer", "number", "boolean"),
    BIT: ("text", "integer", "number", "boolean"),
    MOMENT: ("date", "timestamp", "integer", "number"),
}


def refined(first: str, second: str) -> str:
    """Return what a column is by two that say it: the first, unless the second says the same more exactly."""
    if first == ANY:
        return second
    return second if second.split(" ")[0] in _FINER.get(first, ()) else first
