"""A column in the type that its schema reads it as, and the rule of that type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlquality.data.faults import told
from pytest_mlquality.data.nan import is_missing
from pytest_mlquality.rules import types
from pytest_mlquality.rules.rule import RowRule, Rule, Settled

if TYPE_CHECKING:
    import ibis
    import pandera.pandas as pandera
    from ibis.expr.datatypes import DataType


def typed(
    asked: pandera.Column, name: str, value: ibis.Value, frame: pandera.DataFrameSchema
) -> tuple[ibis.Value, Rule | None]:
    """Return a column in the type that it is read as, and the rule of its type; a dtype of the frame goes before.

    The rule is a `RowRule` where the column is read as another type than it has. A value that cannot be read breaks
    it, and is missing for every other rule.
    """
    wanted, problem = _wanted(frame.dtype or asked.dtype)
    if problem:
        return value, Settled(f"{name}: type", name, message=problem)
    if wanted is None:
        return value, None
    if asked.coerce or frame.coerce:
        return _coerced(value, wanted, name)
    message = "" if types.fits(value.type(), wanted) else f"is {_named(value.type())}, not {wanted}"
    return value, Settled(f"{name}: {wanted}", name, message=message)


def missing(value: ibis.Value, rule: Rule | None) -> ibis.BooleanValue:
    """Return whether a value that `typed` returned is missing in the source, and not only unreadable."""
    return is_missing(value) & ~rule.breaks if isinstance(rule, RowRule) else is_missing(value)


def _wanted(dtype: object) -> tuple[DataType | None, str]:
    if dtype is None:
        return None, ""
    try:
        return types.ibis_type(str(dtype)), ""
    except ValueError as error:
        return None, str(error)


def _coerced(value: ibis.Value, wanted: DataType, name: str) -> tuple[ibis.Value, Rule]:
    """Return a column as another type, and the rule that every value can be read as it, no number cut short."""
    import ibis

    rule = f"{name}: reads as {wanted}"
    if types.fits(value.type(), wanted):
        return value, Settled(rule, name)
    try:
        cast = value.try_cast(wanted)
        broken = cast.isnull()
        if wanted.is_integer() and not value.type().is_integer() and not value.type().is_boolean():
            broken = broken | (value.try_cast("float64") != cast.cast("float64")).fill_null(True)
            cast = broken.ifelse(ibis.null(wanted), cast)
    except Exception as error:
        message = f"is {_named(value.type())}, which cannot be read as {wanted}: {told(error)}"
        return value, Settled(rule, name, message=message)
    return cast, RowRule(rule, name, breaks=~is_missing(value) & broken)


def _named(type_: DataType) -> str:
    return str(type_.copy(nullable=True))
