"""What a column holds, as far as it decides whether two columns can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlquality.data.kinds import is_number, is_time, kind_of

if TYPE_CHECKING:
    import ibis

NUMBER, TEXT, TRUTH, TIME, ZONED = "a number", "text", "true or false", "a time", "a time of a zone"


def kind(held: ibis.DataType) -> str:
    """Return what values of a type are; of other types, such as lists, the type itself."""
    if is_number(held):
        return NUMBER
    # Ibis has no name for nanoseconds of a zone.
    if getattr(held, "timezone", None) is not None or "TIMESTAMPTZ" in str(held):
        return ZONED
    if is_time(held):
        return TIME
    return {"truth": TRUTH, "text": TEXT}.get(kind_of(held)) or str(held.copy(nullable=True))
