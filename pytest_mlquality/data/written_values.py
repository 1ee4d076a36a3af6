"""A value as somebody writes it on a command line, held against a column of any type."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from pytest_mlquality.data.kinds import is_number, kind_of

if TYPE_CHECKING:
    import ibis


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
    if kind == "whole" and not whole:
        return ibis.literal(value=False)
    # Never by a float where the column has exact numbers: floats above 2**53 stand for several.
    exact = int(number) if whole and abs(number) < 2**63 else number
    same: ibis.BooleanValue = value == (float(number) if kind == "number" else exact)
    return same
