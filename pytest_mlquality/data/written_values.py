"""A value as somebody writes it on a command line, held against a column of any type."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from pytest_mlquality.data.kinds import is_number, kind_of

if TYPE_CHECKING:
    import ibis
    from ibis.expr.datatypes import DataType


def is_written(value: ibis.Value, text: str) -> ibis.BooleanValue:
    """Return whether a value is what a text says: of numbers the number, however many zeros either is written with."""
    import ibis

    as_text: ibis.BooleanValue = value.cast("string") == text
    if not is_number(value.type()):
        return as_text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return as_text
    if not number.is_finite():
        return as_text
    kind, whole = kind_of(value.type()), number == number.to_integral_value()
    if (kind == "whole" and not whole) or not _holds(value.type(), number):
        return ibis.literal(value=False)
    # Never by a float where the column has exact numbers: floats above 2**53 stand for several.
    exact = int(number) if kind == "whole" else number
    same: ibis.BooleanValue = value == (float(number) if kind == "number" else exact)
    return same


def _holds(type_: DataType, number: Decimal) -> bool:
    """Return whether a column can have a number so large: engines refuse to compare it with another."""
    if kind_of(type_) == "decimal":
        return number.adjusted() < (type_.precision or 38) - (type_.scale or 0)
    return kind_of(type_) == "number" or -(2**63) <= number < 2**63 or (type_.is_uint64() and number < 2**64)
