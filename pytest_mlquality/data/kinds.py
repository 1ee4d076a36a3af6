"""What kind of column a type makes: decided here alone, whatever engine or format has the rows.

A decimal is a number and a date a time in every measure; what only an engine's own type tells apart, such as the width
of an integer, is for the schema's rules.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ibis.expr.datatypes import DataType

# A whole number, a floating one, a decimal; a timestamp and a date. Lists, structs, binary, times of day, durations
# and all else are "other": nothing is measured of them.
Kind = Literal["truth", "whole", "number", "decimal", "text", "moment", "day", "other"]
NUMBERS: tuple[Kind, ...] = ("whole", "number", "decimal")
TIMES: tuple[Kind, ...] = ("moment", "day")

# Names of types as Ibis, MLflow and pandas write them.
_NAMED: dict[Kind, str] = {
    "truth": r"bool(ean)?",
    "whole": r"u?int(eger)?\d*|long|short|byte",
    "number": r"float\d*|double",
    "decimal": r"decimal(\(.*\))?",
    "text": r"(large_)?string|str|object|varchar",
    "moment": r"(timestamp|datetime\d*)(\W.*)?",
    "day": r"date\d*",
}


def kind_of(type_: DataType) -> Kind:
    """Return the kind of a column of an Ibis type."""
    kinds: dict[Kind, bool] = {
        "truth": type_.is_boolean(),
        "whole": type_.is_integer(),
        "number": type_.is_floating(),
        "decimal": type_.is_decimal(),
        "text": type_.is_string(),
        "moment": type_.is_timestamp(),
        "day": type_.is_date(),
    }
    return next((kind for kind, fits in kinds.items() if fits), "other")


def kind_named(type_name: str) -> Kind:
    """Return the kind of a column whose type is known by name alone, such as ``!int64`` or MLflow's ``long``."""
    plain = type_name.lower().lstrip("!")
    return next((kind for kind, names in _NAMED.items() if re.fullmatch(names, plain)), "other")


def is_number(type_: DataType) -> bool:
    """Return whether a column holds numbers, decimals among them; truths are labels."""
    return kind_of(type_) in NUMBERS


def is_time(type_: DataType) -> bool:
    """Return whether a column holds times: dates or timestamps."""
    return kind_of(type_) in TIMES


def is_handed_over(type_: DataType) -> bool:
    """Return whether an engine's values of a type reach a frame: durations, and lists of nothing but nulls, do not."""
    name = str(type_)
    return "interval" not in name and '"NULL"' not in name


def is_whole(type_: DataType) -> bool:
    """Return whether a column can hold nothing but whole numbers: integers, and decimals without a fraction."""
    kind = kind_of(type_)
    return kind == "whole" or (kind == "decimal" and type_.scale == 0)
