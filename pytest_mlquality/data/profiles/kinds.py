"""What kind of column it is, and the engine's expression that is counted of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import ibis
    from ibis.expr.datatypes import DataType

Kind = Literal["number", "label", "time", "text"]
KINDS: tuple[Kind, ...] = ("number", "label", "time", "text")
# Said of a column whose kind the other side cannot share.
_CALLED = {"number": "a number", "label": "a label", "time": "a time", "text": "a text"}


def kind_of(type_: DataType) -> Kind | None:
    """Return the kind of a type, a string being a label at first sight; None where a type has no profile."""
    if type_.is_boolean() or type_.is_string():
        return "label"
    if type_.is_numeric():
        return "number"
    if type_.is_timestamp() or type_.is_date():
        return "time"
    return None


def number_of(value: ibis.Value, kind: Kind) -> ibis.Value:
    """Return the float64 that is counted: of a time its seconds since 1970 in UTC, of a text its characters."""
    if kind == "time":
        moment = value.cast("timestamp") if value.type().is_date() else value
        return moment.epoch_seconds().cast("float64")
    if kind == "text":
        return _characters(value).cast("float64")
    return value.cast("float64")


def label_of(value: ibis.Value) -> ibis.Value:
    """Return a label as text; engines differ in how they write a truth."""
    return value.ifelse("true", "false") if value.type().is_boolean() else value


def mismatch(reference: Kind, here: Kind) -> str | None:
    """Return what is said of two columns that cannot be compared, or None; labels may have become texts and back."""
    strings = {"label", "text"}
    if reference == here or {reference, here} == strings:
        return None
    return f"{_CALLED[reference]} in the reference, {_CALLED[here]} here"


def _characters(value: ibis.Value) -> ibis.Value:
    if value.get_backend().name == "polars":
        # Its length is that of the bytes in UTF-8.
        return value.re_replace(r"[^\x00-\x7F]", "x").length()
    return value.length()
