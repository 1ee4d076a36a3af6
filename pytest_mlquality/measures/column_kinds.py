"""What a column holds, as far as it decides whether two columns can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis

NUMBER, TEXT, TRUTH, TIME, ZONED = "a number", "text", "true or false", "a time", "a time of a zone"


def kind(held: ibis.DataType) -> str:
    """Return what values of a type are; of other types, such as lists, the type itself."""
    if held.is_boolean():
        return TRUTH
    if held.is_numeric():
        return NUMBER
    if held.is_string():
        return TEXT
    if held.is_timestamp() and held.timezone is not None:
        return ZONED
    return TIME if held.is_timestamp() or held.is_date() else str(held.copy(nullable=True))
