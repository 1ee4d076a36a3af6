"""Types: what a pandera schema asks for, and what the engine has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_mlquality.column_type import ANY

if TYPE_CHECKING:
    import ibis.expr.datatypes as dt

_NUMBER = re.compile(r"(u?int|float)(8|16|32|64)")
_TIME = re.compile(r"(?:datetime64|timestamp)\[\w+(?:, *(?:tz=)?(?P<zone>[^\]]+))?\](?:\[pyarrow\])?")
_DECIMAL = re.compile(r"decimal(?:128|256)?\((?P<precision>\d+), *(?P<scale>-?\d+)\)")
_WORDS = {
    "bool": "boolean",
    "boolean": "boolean",
    "str": "string",
    "string": "string",
    "large_string": "string",
    "date": "date",
    "date32[day]": "date",
    "time": "time",
    "time32[s]": "time",
    "time32[ms]": "time",
    "time64[us]": "time",
    "time64[ns]": "time",
    "binary": "binary",
    "double": "float64",
    "float": "float64",
}
# A pandas column of these says nothing of what is in it.
_ANY = ("object", "category", "any")


def ibis_type(dtype: str) -> dt.DataType | None:
    """Return the type that a pandera dtype asks for; None where it accepts any.

    Raises
    ------
    ValueError
        For a dtype that no table of an engine can have.
    """
    import ibis.expr.datatypes as dt

    plain = dtype.strip().lower().removesuffix("[pyarrow]").removesuffix("[python]")
    if plain.startswith(_ANY):
        return None
    if plain in _WORDS:
        return dt.dtype(_WORDS[plain])
    if number := _NUMBER.fullmatch(plain):
        return dt.dtype(number[0])
    if time := _TIME.fullmatch(dtype.strip()):
        return dt.Timestamp(timezone=time["zone"])
    if plain.startswith(("timedelta64", "duration")):
        return dt.Interval(unit="us")
    if decimal := _DECIMAL.fullmatch(plain):
        return dt.Decimal(int(decimal["precision"]), int(decimal["scale"]))
    raise ValueError(f"the dtype {dtype!r} has no type of a table beside it")


def fits(found: dt.DataType, wanted: dt.DataType) -> bool:
    """Return whether a column has the type that is wanted: the same one, whatever the unit of times and zones' names.

    An engine's whole numbers stay whole where values are missing, unlike those of pandas.
    """
    if wanted.is_timestamp() and found.is_timestamp():
        return (wanted.timezone is None) == (found.timezone is None)
    if wanted.is_interval():
        return bool(found.is_interval())
    return bool(found.copy(nullable=True) == wanted.copy(nullable=True))


def word_of(type_: dt.DataType) -> str:
    """Return what people write for a type (`pytest_mlquality.column_type`); `ANY` for one that no text is read as."""
    kinds = {
        "boolean": type_.is_boolean(),
        "integer": type_.is_integer(),
        "number": type_.is_floating() or type_.is_decimal(),
        "text": type_.is_string(),
        "timestamp": type_.is_timestamp(),
        "date": type_.is_date(),
    }
    return next((word for word, fits in kinds.items() if fits), ANY)


def comparable(found: dt.DataType, value: object) -> bool:
    """Return whether the engine can compare a column with a value of Python."""
    from datetime import date, datetime, timedelta
    from decimal import Decimal

    if isinstance(value, bool):
        return bool(found.is_boolean() or found.is_numeric())
    if isinstance(value, int | float | Decimal):
        return bool(found.is_numeric() or found.is_boolean())
    if isinstance(value, str):
        return bool(found.is_string())
    if isinstance(value, datetime):
        # Without a zone a time is another instant in each engine.
        return bool(found.is_date() or (found.is_timestamp() and (found.timezone is None) == (value.tzinfo is None)))
    if isinstance(value, date):
        return bool(found.is_timestamp() or found.is_date())
    return isinstance(value, timedelta) and bool(found.is_interval())
