"""What can be wrong with rows of one split, whatever anyone agreed on: shares counted by the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.kinds import is_number, kind_of
from pytest_mlquality.data.nan import finite, is_infinite, is_missing, without_nan
from pytest_mlquality.errors import DataError
from pytest_mlquality.measurement import Measurement
from pytest_mlquality.measures.columns import texts_of
from pytest_mlquality.measures.identifiers import identifiers
from pytest_mlquality.measures.roles import Roles
from pytest_mlquality.measures.texts import is_placeholder

if TYPE_CHECKING:
    import ibis

    from pytest_mlquality.data import Table

# Where the range of train ends: these quantiles, and as far again on both sides.
RANGE = (0.001, 0.999)
VALUES_HELD = 20_000_000
SECONDS_A_DAY = 86400
# Days that clocks and time zones may be apart.
AHEAD = 1.0
# Days, in words: to say more would tell when a single row arose.
_MORE_THAN = {365.25: "a year", 30.0: "a month", 7.0: "a week", AHEAD: "a day"}


def rows(table: Table, _roles: Roles) -> Measurement:
    """Count the rows."""
    return Measurement.exact(table.rows, name="rows", n=table.rows, unit="rows")


def staleness(table: Table, roles: Roles) -> Measurement:
    """Return the time since the newest row, in days; raise DataError where it is not known, or lies in the future."""
    time = roles.needed("time", table)
    newest = table.aggregates({"newest": without_nan(table.expression[time]).max()})["newest"]
    if newest is None:
        raise DataError(f"data.{table.name}: no row has a {time!r}, so its age is not known", "look at [data] time")
    if not isinstance(newest, date):
        raise DataError(
            f"data.{table.name}: {time!r} is {table.schema[time]}, not a time, so its age is not known",
            "store it as a date or timestamp, or drop staleness",
        )
    moment = newest if isinstance(newest, datetime) else datetime(newest.year, newest.month, newest.day)
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    age = (datetime.now(UTC) - aware).total_seconds() / SECONDS_A_DAY
    if age < -AHEAD:
        # One such row would hide for ever that no others arrive.
        ahead = next(words for days, words in _MORE_THAN.items() if -age > days)
        raise DataError(
            f"data.{table.name}: the newest {time!r} lies more than {ahead} in the future, so no age is known",
            "correct the row, leave it out by the filter, or store times in UTC",
        )
    return Measurement.exact(age, name="staleness", n=table.rows, unit="days")


def duplicate_rows(table: Table, roles: Roles) -> Measurement:
    """Return the share of rows that repeat another one in everything but the key, identifiers and what is ignored.

    The same features at another time are another row.
    """
    named = [name for name in table.columns if name != roles.key and name not in roles.ignored]
    told_apart = identifiers(table, [name for name in named if name not in roles.targets])
    # Named by place: a column may have any name.
    compared = [without_nan(table.expression[name]) for name in named if name not in told_apart]
    if not compared:
        raise DataError(
            f"data.{table.name}: beside {', '.join(told_apart)}, which tell every row apart, there is no column",
            "look at [data] ignore, or drop duplicate_rows",
        )
    distinct = table.expression.select(**{f"c{place}": value for place, value in enumerate(compared)}).distinct()
    different = table.aggregates({"rows": distinct.count()}, of=distinct)["rows"]
    return share_of("duplicate_rows", table.rows - different, table, reason=without(told_apart))


def conflicting_labels(table: Table, roles: Roles) -> Measurement:
    """Return the share of rows whose features equal those of a row with another label, of several with any other."""
    targets = roles.labels(table)
    # Named by place: a column may have any name.
    features = roles.features_in(table)
    told_apart = identifiers(table, features)
    compared = [without_nan(table.expression[name]) for name in features if name not in told_apart]
    if features and not compared:
        return share_of("conflicting_labels", 0, table, reason=without(told_apart))
    rows = table.expression
    labels = {f"l{place}": without_nan(rows[target]).nunique() for place, target in enumerate(targets)}
    by_features = rows.group_by(**{f"f{place}": value for place, value in enumerate(compared)})
    alike = by_features.aggregate(times=rows.count(), **labels)
    conflicting = alike.filter(reduce(or_, (alike[name] > 1 for name in labels)))
    found = table.aggregates({"rows": conflicting.times.sum()}, of=conflicting)["rows"]
    return share_of("conflicting_labels", int(found or 0), table, reason=without(told_apart))


def without(told_apart: Sequence[str]) -> str:
    """Say which columns rows were compared without, since each of their values stands in one row."""
    return f"compared without {', '.join(told_apart)}: unique in every row" if told_apart else ""


def rarest_class(table: Table, roles: Roles) -> Measurement:
    """Return the share of the labelled rows that have the least frequent label.

    Where a row has several labels or not, that is the least frequent value of any of them.
    """
    found = {target: _rarest(table, target) for target in roles.labels(table)}
    worst = min(found, key=lambda target: found[target][0])
    share, labels = found[worst]
    reason = f"a value of {worst}" if len(found) > 1 else ""
    return Measurement.exact(share, name="rarest_class", n=labels, unit="share", reason=reason)


def _rarest(table: Table, target: str) -> tuple[float, int]:
    """Return the share of the least frequent label among those of a column, and how many rows have one."""
    labelled = table.expression.filter(~is_missing(table.expression[target]))
    classes = labelled.group_by(label=labelled[target]).aggregate(times=lambda rows: rows.count())
    answer = table.aggregates({"rarest": classes.times.min(), "rows": classes.times.sum()}, of=classes)
    labels = int(answer["rows"] or 0)
    if not labels:
        raise DataError(f"data.{table.name}: no row has a label", "look at [data] target")
    return answer["rarest"] / labels, labels


def placeholders(table: Table, roles: Roles) -> Measurement:
    """Return the share of rows in which some text stands for a missing value."""
    texts = texts_of(table, roles)
    return any_row("placeholders", table, {name: is_placeholder(table.expression[name]) for name in texts})


def infinite_values(table: Table, roles: Roles) -> Measurement:
    """Return the share of rows in which some number is infinite."""
    types = table.expression.schema()
    floats = [name for name in roles.features_in(table) if kind_of(types[name]) == "number"]
    return any_row("infinite_values", table, {name: is_infinite(table.expression[name]) for name in floats})


def outlier_rows(table: Table, roles: Roles, train: Table | None) -> Measurement:
    """Return the share of rows in which some number lies far outside of the range of its finite values in `train`."""
    if train is None:
        raise DataError("[data.train] is not declared, so no range of the numbers is known", "add [data.train]")
    types = table.expression.schema()
    numbers = [
        name
        for name in roles.features_in(table)
        if name in train.columns and is_number(types[name]) and is_number(train.expression.schema()[name])
    ]
    broken: dict[str, ibis.BooleanValue] = {}
    for name, (low, high) in _ranges(train, numbers).items():
        reach = high - low
        value = without_nan(table.expression[name])
        broken[name] = (value < low - reach) | (value > high + reach)
    return any_row("outlier_rows", table, broken)


def _ranges(table: Table, columns: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return between which two quantiles the finite values of columns lie; a column without any has no range."""
    # An exact quantile holds all values of its column.
    at_once = max(1, VALUES_HELD // max(table.rows, 1))
    found: dict[str, tuple[float, float]] = {}
    for start in range(0, len(columns), at_once):
        some = columns[start : start + at_once]
        ends = table.aggregates(
            {
                f"{place} {end}": finite(table.expression[name]).quantile(share)
                for place, name in enumerate(some)
                for end, share in zip(("low", "high"), RANGE, strict=True)
            }
        )
        for place, name in enumerate(some):
            if ends[f"{place} low"] is not None:
                found[name] = float(ends[f"{place} low"]), float(ends[f"{place} high"])
    return found


def any_row(
    name: str, table: Table, conditions: Mapping[str, ibis.BooleanValue], said: Mapping[str, str] | None = None
) -> Measurement:
    """Return the share of rows in which any of some conditions on a column holds, with the count of each.

    Parameters
    ----------
    said
        What the condition on a column is called, where the column's name does not say it.
    """
    if not conditions:
        return share_of(name, 0, table)
    plain = {column: condition.fill_null(False) for column, condition in conditions.items()}
    # By place: a column may be called anything.
    counts = [table.expression.count(where=condition) for condition in [*plain.values(), reduce(or_, plain.values())]]
    *each, anywhere = table.aggregates({str(place): count for place, count in enumerate(counts)}).values()
    found = {column: int(count) for column, count in zip(conditions, each, strict=True)}
    rules = [{"rule": (said or {}).get(c, c), "count": count, "column": c} for c, count in found.items()]
    named = [column for column in sorted(found, key=lambda column: -found[column]) if found[column]]
    return share_of(name, int(anywhere), table, reason=", ".join(named[:5]), rules=rules)


def share_of(
    name: str, rows: int, table: Table, *, reason: str = "", rules: list[dict[str, Any]] | None = None
) -> Measurement:
    """Return so many of a split's rows as an exact share of them."""
    details = {"kind": "rules", "rules": rules} if rules else None
    return Measurement.exact(rows / table.rows, name=name, n=table.rows, unit="share", reason=reason, details=details)
