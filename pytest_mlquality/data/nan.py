"""NaN, which pandas takes for a missing value and engines for the largest number of all."""

from __future__ import annotations

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
