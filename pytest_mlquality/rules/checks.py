"""pandera's built-in checks as conditions of an engine, so that counting what breaks them is a query."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.faults import Reason
from pytest_mlquality.data.nan import is_missing, is_nan, may_be_nan
from pytest_mlquality.rules.pattern import portable
from pytest_mlquality.rules.rule import Answers
from pytest_mlquality.rules.types import comparable

if TYPE_CHECKING:
    import ibis
    from pandera.api.checks import Check

Condition = Callable[["ibis.Value", dict[str, Any]], "ibis.BooleanValue"]
_DATES = (date, datetime)
# DuckDB compares a value with each of a list in turn: a domain of 1,000 texts takes 100 times as long as a look-up.
MOST_COMPARED = 8
# Their regular expressions were compared with Python's; other engines hand texts over to Python.
_PATTERN_ENGINES = ("duckdb", "polars", "pyspark")
# Ibis takes the bytes of a text for its length there.
_COUNTS_BYTES = ("polars",)


class NotPushed(Exception):
    """A check that no engine can be asked: Python runs it."""


def breaks(check: Check, column: ibis.Value) -> ibis.BooleanValue:
    """Return the condition under which a value of `column` breaks a built-in check of pandera; null: it does not.

    Raises
    ------
    NotPushed
        For a check that is not built in, or that engines would read differently.
    TypeError
        Where values of the column cannot be compared with what the check names.
    """
    condition = _CONDITIONS.get(built_in(check))
    if condition is None:
        raise NotPushed
    kept = condition(column, _asked(check))
    if not check.ignore_na:
        return is_missing(column).ifelse(not _keeps_missing(check), ~kept.fill_null(False))
    # What is asked of NULL is null.
    return ~kept & ~is_nan(column) if may_be_nan(column) else ~kept


def built_in(check: Check) -> str:
    """Return the name of a built-in check, whatever the user calls it; an empty text for others, and for groups."""
    from pandera.api.function_dispatch import Dispatcher

    function = check._check_fn
    plain = check.groupby is None and not check.element_wise and isinstance(function, Dispatcher)
    return function.__name__ if plain else ""


def _asked(check: Check) -> dict[str, Any]:
    return check.statistics or {}


def _keeps_missing(check: Check) -> bool:
    """Whether a missing value keeps a check that does not pass over it, as pandas compares it."""
    name = built_in(check)
    if name == "isin":
        return any(map(_is_nothing, _asked(check)["allowed_values"]))
    if name == "notin":
        return not any(map(_is_nothing, _asked(check)["forbidden_values"]))
    return name == "not_equal_to"


def of_whole_column(check: Check, column: ibis.Value) -> tuple[dict[str, ibis.Value], Callable[[Answers], int]] | None:
    """Return the aggregates that ``unique_values_eq`` asks for, and how they are read; None for another check."""
    if built_in(check) != "unique_values_eq":
        return None
    wanted = set(_asked(check)["values"])
    known = _among(column, wanted).fill_null(False)
    odd = ~known & ~is_missing(column) if check.ignore_na else ~known
    asks = {"other": odd.ifelse(1, 0).sum(), "found": column.nunique(where=known)}
    return asks, lambda answers: int((answers["other"] or 0) > 0 or answers["found"] < len(wanted))


def _compared(operator: str, statistic: str) -> Condition:
    def condition(column: ibis.Value, statistics: dict[str, Any]) -> ibis.BooleanValue:
        return _against(column, operator, statistics[statistic])

    return condition


def _against(column: ibis.Value, operator: str, value: object) -> ibis.BooleanValue:
    plain = _plain(value)
    if plain is None:
        # Nothing is equal to a missing value, before it or behind it.
        return _always(column, operator == "__ne__")
    if not comparable(column.type(), plain):
        raise Reason(f"a column of {column.type()} cannot be compared with {plain!r}")
    condition: ibis.BooleanValue = getattr(_counted(column, plain), operator)(_number(column, plain))
    return condition


def _always(column: ibis.Value, answer: bool) -> ibis.BooleanValue:
    """Return one answer for every value, and null for NULL."""
    import ibis

    same: ibis.BooleanValue = column.isnull().ifelse(ibis.null("boolean"), answer)
    return same


def _counted(column: ibis.Value, plain: object) -> ibis.Value:
    """Return truths as 0 and 1 where they are compared with numbers, as Python does."""
    return column.cast("int8") if column.type().is_boolean() and not isinstance(plain, bool) else column


def _number(column: ibis.Value, plain: object) -> object:
    return int(plain) if isinstance(plain, bool) and not column.type().is_boolean() else plain


def _is_nothing(value: object) -> bool:
    """Whether a value of a schema is None, NaN or NaT."""
    return value is None or (isinstance(value, float | datetime) and value != value)


def _in_range(column: ibis.Value, statistics: dict[str, Any]) -> ibis.BooleanValue:
    low = _against(column, "__ge__" if statistics.get("include_min", True) else "__gt__", statistics["min_value"])
    high = _against(column, "__le__" if statistics.get("include_max", True) else "__lt__", statistics["max_value"])
    return low & high


def _isin(column: ibis.Value, statistics: dict[str, Any]) -> ibis.BooleanValue:
    return _among(column, statistics["allowed_values"])


def _notin(column: ibis.Value, statistics: dict[str, Any]) -> ibis.BooleanValue:
    return ~_among(column, statistics["forbidden_values"])


def _among(column: ibis.Value, values: Iterable[object]) -> ibis.BooleanValue:
    """Return whether a value is one of some; none that the column's type cannot hold is."""
    known = [value for value in map(_plain, values) if value is not None and comparable(column.type(), value)]
    numbers = column.type().is_boolean() and not all(isinstance(value, bool) for value in known)
    counted = column.cast("int8") if numbers else column
    plain = [_number(counted, value) for value in known]
    if len(plain) > MOST_COMPARED and column.get_backend().name == "duckdb":
        return _listed(counted, plain)
    condition: ibis.BooleanValue = counted.isin(plain) if plain else _always(column, False)
    return condition


def _listed(column: ibis.Value, values: list[object]) -> ibis.BooleanValue:
    """Return whether a value stands in a table of values: a hash is looked up, where a list is gone through."""
    import ibis

    array = ibis.literal(values, type=f"array<{column.type().copy(nullable=True)}>")
    listing = array.unnest().name("listed").as_table()
    condition: ibis.BooleanValue = column.isin(listing.listed)
    return condition


def _matches(*, from_start: bool) -> Condition:
    def condition(column: ibis.Value, statistics: dict[str, Any]) -> ibis.BooleanValue:
        pattern = statistics["pattern"]
        text, said = _text(column), portable(getattr(pattern, "pattern", pattern), from_start=from_start)
        if said is None or getattr(pattern, "flags", 0) not in (0, re.UNICODE):
            raise NotPushed
        if column.get_backend().name not in _PATTERN_ENGINES:
            raise NotPushed
        matched: ibis.BooleanValue = text.re_search(said)
        return matched

    return condition


def _edge(method: str) -> Condition:
    def condition(column: ibis.Value, statistics: dict[str, Any]) -> ibis.BooleanValue:
        text, edge = _text(column), statistics["string"]
        if not isinstance(edge, str):  # pandas takes several
            raise NotPushed
        found: ibis.BooleanValue = getattr(text, method)(edge)
        return found

    return condition


def _length(column: ibis.Value, statistics: dict[str, Any]) -> ibis.BooleanValue:
    text = _text(column)
    if column.get_backend().name in _COUNTS_BYTES:
        raise NotPushed
    length = text.length()
    least, most, exact = (statistics.get(name) for name in ("min_value", "max_value", "exact_value"))
    if exact is not None:
        return length == exact
    parts = [length >= least] if least is not None else []
    parts += [length <= most] if most is not None else []
    if not parts:
        raise Reason("no length is asked for")
    condition: ibis.BooleanValue = parts[0] & parts[-1]
    return condition


def _text(column: ibis.Value) -> ibis.Value:
    if not column.type().is_string():
        raise Reason(f"a column of {column.type()} is no text")
    return column


def _plain(value: object) -> object:
    """Return a value of numpy or pandas as Python's own."""
    if _is_nothing(value):
        return None
    if hasattr(value, "to_pydatetime"):
        if getattr(value, "nanosecond", 0):
            raise NotPushed  # Python's times end at microseconds
        return value.to_pydatetime()
    if hasattr(value, "to_pytimedelta"):
        return value.to_pytimedelta()
    return value if isinstance(value, _DATES) or not hasattr(value, "item") else value.item()


_CONDITIONS: dict[str, Condition] = {
    "equal_to": _compared("__eq__", "value"),
    "not_equal_to": _compared("__ne__", "value"),
    "greater_than": _compared("__gt__", "min_value"),
    "greater_than_or_equal_to": _compared("__ge__", "min_value"),
    "less_than": _compared("__lt__", "max_value"),
    "less_than_or_equal_to": _compared("__le__", "max_value"),
    "in_range": _in_range,
    "isin": _isin,
    "notin": _notin,
    "str_matches": _matches(from_start=True),
    "str_contains": _matches(from_start=False),
    "str_startswith": _edge("startswith"),
    "str_endswith": _edge("endswith"),
    "str_length": _length,
}
