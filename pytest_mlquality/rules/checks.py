"""pandera's built-in checks as conditions of an engine, so that counting what breaks them is a query."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pytest_mlquality.rules.pattern import portable
from pytest_mlquality.rules.rule import Answers
from pytest_mlquality.rules.types import comparable

if TYPE_CHECKING:
    import ibis
    from pandera.api.checks import Check

Condition = Callable[["ibis.Value", dict[str, Any]], "ibis.BooleanValue"]
_DATES = (date, datetime)


class NotPushed(Exception):
    """A check that no engine can be asked: Python runs it."""


def holds(check: Check, column: ibis.Value) -> ibis.BooleanValue:
    """Return the condition under which a value of `column` keeps to a built-in check of pandera.

    Raises
    ------
    NotPushed
        For a check that is not built in, or that engines would read differently.
    TypeError
        Where values of the column cannot be compared with what the check names.
    """
    condition = _CONDITIONS.get(str(check.name))
    if condition is None or check.statistics is None or check.groupby is not None or _is_replaced(check):
        raise NotPushed
    return condition(column, check.statistics)


def _is_replaced(check: Check) -> bool:
    """Whether a check only bears the name of a built-in one."""
    from pandera.api.checks import Check as Known

    return getattr(Known, str(check.name), None) is None or check.element_wise


def of_whole_column(check: Check, column: ibis.Value) -> tuple[dict[str, ibis.Value], Callable[[Answers], int]] | None:
    """Return the aggregates that ``unique_values_eq`` asks for, and how they are read; None for another check."""
    if check.name != "unique_values_eq" or check.statistics is None:
        return None
    wanted = list(check.statistics["values"])
    known = _among(column, wanted)
    asks = {"other": column.count(where=~known), "found": column.nunique(where=known)}
    return asks, lambda answers: int(answers["other"] > 0 or answers["found"] < len(set(wanted)))


def _compared(operator: str, statistic: str) -> Condition:
    def condition(column: ibis.Value, statistics: dict[str, Any]) -> ibis.BooleanValue:
        return _against(column, operator, statistics[statistic])

    return condition


def _against(column: ibis.Value, operator: str, value: object) -> ibis.BooleanValue:
    plain = _plain(value)
    if not comparable(column.type(), plain):
        raise TypeError(f"a column of {column.type()} cannot be compared with {plain!r}")
    condition: ibis.BooleanValue = getattr(column, operator)(plain)
    return condition


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
    plain = [value for value in map(_plain, values) if comparable(column.type(), value)]
    if not plain:
        return column.notnull() & column.isnull()
    condition: ibis.BooleanValue = column.isin(plain)
    return condition


def _matches(*, from_start: bool) -> Condition:
    def condition(column: ibis.Value, statistics: dict[str, Any]) -> ibis.BooleanValue:
        pattern = statistics["pattern"]
        said = portable(getattr(pattern, "pattern", pattern), from_start=from_start)
        if said is None or getattr(pattern, "flags", 0) not in (0, 32):
            raise NotPushed
        matched: ibis.BooleanValue = _text(column).re_search(said)
        return matched

    return condition


def _begins(column: ibis.Value, statistics: dict[str, Any]) -> ibis.BooleanValue:
    condition: ibis.BooleanValue = _text(column).startswith(statistics["string"])
    return condition


def _ends(column: ibis.Value, statistics: dict[str, Any]) -> ibis.BooleanValue:
    condition: ibis.BooleanValue = _text(column).endswith(statistics["string"])
    return condition


def _length(column: ibis.Value, statistics: dict[str, Any]) -> ibis.BooleanValue:
    length = _text(column).length()
    least, most, exact = (statistics.get(name) for name in ("min_value", "max_value", "exact_value"))
    if exact is not None:
        return length == exact
    parts = [length >= least] if least is not None else []
    parts += [length <= most] if most is not None else []
    condition: ibis.BooleanValue = parts[0] & parts[-1]
    return condition


def _text(column: ibis.Value) -> ibis.Value:
    if not column.type().is_string():
        raise TypeError(f"a column of {column.type()} is no text")
    return column


def _plain(value: object) -> object:
    """Return a value of numpy or pandas as Python's own."""
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime()
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
    "str_startswith": _begins,
    "str_endswith": _ends,
    "str_length": _length,
}
