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
    if is_time(held):
        return ZONED if getattr(held, "timezone", None) is not None else TIME
    return {"truth": TRUTH, "text": TEXT}.get(kind_of(held)) or str(held.copy(nullable=True))
