"""NaN, which pandas takes for a missing value and engines for the largest number of all; and what is infinite."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis
    from ibis.expr.datatypes import DataType


def may_be_nan(value: ibis.Value) -> bool:
    """Return whether a column may hold NaN: it is floating, and its engine knows NaN."""
    from ibis.expr import operations

    return bool(value.type().is_floating()) and bool(value.get_backend().has_operation(operations.IsNan))


def is_nan(value: ibis.Value) -> ibis.BooleanValue:
    """Return whether a value of a floating column is NaN; null for NULL."""
    from pytest_mlquality.data.engine import embedded

    backend = value.get_backend()
    if backend.name != "duckdb" or backend is embedded():
        found: ibis.BooleanValue = value.isnan()
        return found
    # DuckDB concludes from what Parquet files keep of a column that this holds nowhere, unless it is told not to as the
    # embedded one is; of what is finite it concludes nothing.
    return ~(_is_finite(value) | value.isinf())


def _is_finite(value: ibis.Value) -> ibis.BooleanValue:
    found: ibis.BooleanValue = _isfinite(value.type().copy(nullable=True))(value)
    return found


@cache
def _isfinite(held: DataType) -> Callable[[ibis.Value], ibis.BooleanValue]:
    import ibis

    def isfinite(_x):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        """Return whether a number is neither NaN nor infinite, as DuckDB calls it."""

    asked: Callable[[ibis.Value], ibis.BooleanValue] = ibis.udf.scalar.builtin(isfinite, signature=((held,), "boolean"))
    return asked


def is_missing(value: ibis.Value) -> ibis.BooleanValue:
    """Return whether a value is NULL or NaN."""
    missing: ibis.BooleanValue = value.isnull()
    return missing | is_nan(value) if may_be_nan(value) else missing


def without_nan(value: ibis.Value) -> ibis.Value:
    """Return a column with NULL in place of NaN."""
    import ibis

    return is_nan(value).ifelse(ibis.null(value.type()), value) if may_be_nan(value) else value


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
