"""Values of two tables in a form in which equal ones are the same, whatever types the tables store them in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlquality.data.nan import without_nan
from pytest_mlquality.measures.column_kinds import NUMBER, TEXT, TIME, TRUTH, ZONED, kind

if TYPE_CHECKING:
    import ibis
    from ibis.expr.datatypes import DataType

Pair = tuple["ibis.Value", "ibis.Value"]
_NARROW = ("float16", "float32")
# What every engine has; a finer one of one table is cut, a value of 9999 has no place in a finer one.
_MICROSECONDS = 6


def alike(one: ibis.Value, other: ibis.Value) -> Pair | None:
    """Return two columns in a form in which equal values are the same; None where no value can equal one of the other.

    NaN is NULL. Whole, decimal and floating numbers are compared by value, in the precision of the narrower floating
    one; truths as 0 and 1; a date as its midnight; times of zones by their instant, those without one as UTC.
    """
    here, there = kind(one.type()), kind(other.type())
    if {here, there} <= {NUMBER, TRUTH}:
        return (one, other) if here == there == TRUTH else _numbers(_counted(one), _counted(other))
    if {here, there} <= {TIME, ZONED}:
        return _times(one, other)
    if here == there:
        return one, other
    if {here, there} == {TEXT, "uuid"}:
        return one.cast("string").lower(), other.cast("string").lower()
    return None


def alike_keys(one: ibis.Value, other: ibis.Value) -> Pair | None:
    """Return two columns that identify rows in a form in which equal ones are the same; else as `alike`.

    The id 17 is 17.0 and "17": systems write the same id as number and as text. No digit of a whole number is lost.
    """
    kinds = {kind(one.type()), kind(other.type())}
    floating = {bool(column.type().is_floating()) for column in (one, other)}
    if kinds == {NUMBER, TEXT} or (kinds == {NUMBER} and len(floating) > 1):
        return _written(one), _written(other)
    return alike(one, other)


def _counted(value: ibis.Value) -> ibis.Value:
    return value.cast("int8") if value.type().is_boolean() else value


def _numbers(one: ibis.Value, other: ibis.Value) -> Pair:
    types = (one.type(), other.type())
    if not any(type_.is_floating() for type_ in types):
        return one, other
    precision = "float32" if any(str(type_.copy(nullable=True)) in _NARROW for type_ in types) else "float64"
    return _floating(one, precision), _floating(other, precision)


def _floating(value: ibis.Value, precision: str) -> ibis.Value:
    return without_nan(value if _is(value.type(), precision) else value.cast(precision))


def _times(one: ibis.Value, other: ibis.Value) -> Pair:
    from ibis.expr.datatypes import Timestamp

    types = (one.type(), other.type())
    if types[0].copy(nullable=True) == types[1].copy(nullable=True):
        return one, other
    zone = "UTC" if any(kind(type_) == ZONED for type_ in types) else None
    wanted = Timestamp(timezone=zone, scale=None if zone else _MICROSECONDS)
    return one.cast(wanted), other.cast(wanted)


def _written(value: ibis.Value) -> ibis.Value:
    """Return keys as text: whole numbers without a decimal point."""
    type_ = value.type()
    if type_.is_string() or type_.is_integer():
        return value.cast("string")
    from ibis.expr import operations

    known = without_nan(value)
    may_try = value.get_backend().has_operation(operations.TryCast)
    if type_.is_floating():
        whole = known.try_cast("int64") if may_try else known.cast("int64")
    else:
        whole = known.round().cast("decimal(38, 0)")
    return (whole.cast(type_) == known).ifelse(whole.cast("string"), known.cast("string"))


def _is(type_: DataType, name: str) -> bool:
    return str(type_.copy(nullable=True)) == name
