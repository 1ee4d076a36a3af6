"""NaN, which pandas takes for a missing value and engines for the largest number of all; and what is infinite."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis


def may_be_nan(value: ibis.Value) -> bool:
    """Return whether a column may hold NaN: it is floating, and its engine knows NaN."""
    from ibis.expr import operations

    return bool(value.type().is_floating()) and bool(value.get_backend().has_operation(operations.IsNan))


def is_missing(value: ibis.Value) -> ibis.BooleanValue:
    """Return whether a value is NULL or NaN."""
    missing: ibis.BooleanValue = value.isnull()
    return missing | value.isnan() if may_be_nan(value) else missing


def without_nan(value: ibis.Value) -> ibis.Value:
    """Return a column with NULL in place of NaN."""
    import ibis

    return value.isnan().ifelse(ibis.null(value.type()), value) if may_be_nan(value) else value


def is_infinite(value: ibis.Value) -> ibis.BooleanValue:
    """Return whether a number is infinite; asked by comparison, since not every engine has a name for it."""
    infinite: ibis.BooleanValue = without_nan(value).abs() > sys.float_info.max
    return infinite


def finite(value: ibis.Value) -> ibis.Value:
    """Return a column of numbers with NULL in place of NaN and of what is infinite."""
    import ibis

    return (
        is_infinite(value).ifelse(ibis.null(value.type()), without_nan(value)) if value.type().is_floating() else value
    )
