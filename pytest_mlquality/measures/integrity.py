"""What can be wrong with the rows of one split, whatever anyone agreed on: counted by the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.nan import without_nan
from pytest_mlquality.errors import DataError
from pytest_mlquality.measurement import Measurement

if TYPE_CHECKING:
    import ibis

    from pytest_mlquality.data import Table

PLACEHOLDERS = (
    "",
    "na",
    "n/a",
    "#n/a",
    "nan",
    "null",
    "none",
    "nil",
    "?",
    "-",
    "--",
    "missing",
    "unknown",
    "undefined",
)
# A feature with a value of its own in this share of the rows tells rows apart and nothing else.
IDENTIFIES = 0.99
SECONDS_A_DAY = 86400
# Days that clocks and time zones may be apart.
AHEAD = 1.0
# Where the range of train ends: these quantiles, and as far again on both sides.
RANGE = (0.001, 0.999)


@dataclass(frozen=True, slots=True)
class Roles:
    """Which column means what.

    Parameters
    ----------
    features
        The columns that the model sees.
    """

    features: tuple[str, ...]
    target: str | None = None
    key: str | None = None
    time: str | None = None

    def needed(self, role: str) -> str:
        """Return the column of a role; raise DataError where the settings name none."""
        column: str | None = getattr(self, role)
        if column is None:
            raise DataError(f"[data] {role} is not set, which this measure needs", f"set [data] {role}")
        return column


def integrity(name: str, table: Table, roles: Roles, *, train: Table | None = None) -> Measurement:
    """Return a measure of ``[schema.metrics]`` that looks at the rows of one split.

    Parameters
    ----------
    train
        The rows that say which range a number has, for ``outlier_rows``.

    Raises
    ------
    DataError
        If the settings do not name a column that the measure needs, or the table lacks it.
    """
    return MEASURES[name](table, roles, train)


def _rows(table: Table, _roles: Roles, _train: Table | None) -> Measurement:
    return Measurement.exact(table.rows, name="rows", n=table.rows, unit="rows")


def _staleness(table: Table, roles: Roles, _train: Table | None) -> Measurement:
    time = _present(table, roles.needed("time"))
    newest = table.aggregates({"newest": table.expression[time].max()})["newest"]
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
        raise DataError(
            f"data.{table.name}: the newest {time!r} lies {-age:,.1f} days in the future, so no age is known",
            "correct the row, leave it out by the filter, or store times in UTC",
        )
    return Measurement.exact(age, name="staleness", n=table.rows, unit="days")


def _duplicate_rows(table: Table, roles: Roles, _train: Table | None) -> Measurement:
    columns = [name for name in table.columns if name != roles.key]
    distinct = table.expression.select(columns).distinct()
    return _share(
        "duplicate_rows", table.rows - table.aggregates({"rows": distinct.count()}, of=distinct)["rows"], table
    )


def _conflicting_labels(table: Table, roles: Roles, _train: Table | None) -> Measurement:
    target = _present(table, roles.needed("target"))
    # Named by place: a column may have any name.
    features = {f"f{place}": table.expression[name] for place, name in enumerate(_require_features(table, roles))}
    alike = table.expression.group_by(**features).aggregate(
        times=lambda rows: rows.count(), labels=lambda rows: rows[target].nunique()
    )
    conflicting = alike.filter(alike.labels > 1)
    rows = table.aggregates({"rows": conflicting.times.sum()}, of=conflicting)["rows"]
    return _share("conflicting_labels", int(rows or 0), table)


def _ambiguous_labels(table: Table, roles: Roles, _train: Table | None) -> Measurement:
    target = _present(table, roles.needed("target"))
    labels = table.expression.filter(table.expression[target].notnull()).select(target).distinct()
    plain = labels[target].cast("string").strip().lower()
    answer = table.aggregates({"labels": labels.count(), "plain": plain.nunique()}, of=labels)
    return Measurement.exact(
        answer["labels"] - answer["plain"], name="ambiguous_labels", n=answer["labels"], unit="labels"
    )


def _rarest_class(table: Table, roles: Roles, _train: Table | None) -> Measurement:
    target = _present(table, roles.needed("target"))
    labelled = table.expression.filter(table.expression[target].notnull())
    classes = labelled.group_by(label=labelled[target]).aggregate(times=lambda rows: rows.count())
    answer = table.aggregates({"rarest": classes.times.min(), "rows": classes.times.sum()}, of=classes)
    rows = int(answer["rows"] or 0)
    if not rows:
        raise DataError(f"data.{table.name}: no row has a label", "look at [data] target")
    return Measurement.exact(answer["rarest"] / rows, name="rarest_class", n=rows, unit="share")


def _constant_columns(table: Table, roles: Roles, _train: Table | None) -> Measurement:
    features = _require_features(table, roles)
    distinct = _distinct(table, features)
    return _columns("constant_columns", [name for name in features if distinct[name] <= 1], features)


def _identifier_columns(table: Table, roles: Roles, _train: Table | None) -> Measurement:
    features = _require_features(table, roles)
    types = table.expression.schema()
    suspects = [name for name in features if types[name].is_string() or types[name].is_integer()]
    distinct = _distinct(table, suspects)
    found = [name for name in suspects if distinct[name] >= IDENTIFIES * table.rows and table.rows > 1]
    return _columns("identifier_columns", found, features)


def _mixed_columns(table: Table, roles: Roles, _train: Table | None) -> Measurement:
    texts = _texts(table, roles)
    asked = {
        name: {
            "numbers": table.expression[name].count(where=_is_number(table.expression[name])),
            "values": table.expression[name].count(where=~_is_placeholder(table.expression[name])),
        }
        for name in texts
    }
    answers = _nested(table, asked)
    return _columns("mixed_columns", [n for n in texts if 0 < answers[n]["numbers"] < answers[n]["values"]], texts)


def _placeholders(table: Table, roles: Roles, _train: Table | None) -> Measurement:
    texts = _texts(table, roles)
    return _any_row("placeholders", table, {name: _is_placeholder(table.expression[name]) for name in texts})


def _infinite_values(table: Table, roles: Roles, _train: Table | None) -> Measurement:
    types = table.expression.schema()
    floats = [name for name in _require_features(table, roles) if types[name].is_floating()]
    return _any_row("infinite_values", table, {name: table.expression[name].isinf() for name in floats})


def _outlier_rows(table: Table, roles: Roles, train: Table | None) -> Measurement:
    if train is None:
        raise DataError("[data.train] is not declared, so no range of the numbers is known", "add [data.train]")
    types = table.expression.schema()
    numbers = [
        name
        for name in _require_features(table, roles)
        if name in train.columns and types[name].is_numeric() and train.expression.schema()[name].is_numeric()
    ]
    broken: dict[str, ibis.BooleanValue] = {}
    for name in numbers:
        # A column at a time: an exact quantile holds all of its values.
        found = train.aggregates(_ends(train.expression[name]))
        low, high = found["low"], found["high"]
        if low is not None and high is not None:
            reach = float(high) - float(low)
            value = without_nan(table.expression[name])
            broken[name] = (value < float(low) - reach) | (value > float(high) + reach)
    return _any_row("outlier_rows", table, broken)


def _ends(value: ibis.NumericColumn) -> dict[str, ibis.Value]:
    known = without_nan(value)
    return {"low": known.quantile(RANGE[0]), "high": known.quantile(RANGE[1])}


def _any_row(name: str, table: Table, conditions: Mapping[str, ibis.BooleanValue]) -> Measurement:
    """Return the share of rows in which any of some conditions on a column holds, with the count of each."""
    if not conditions:
        return _share(name, 0, table)
    plain = {column: condition.fill_null(False) for column, condition in conditions.items()}
    asked = {column: table.expression.count(where=condition) for column, condition in plain.items()}
    found = table.aggregates({**asked, "": table.expression.count(where=reduce(or_, plain.values()))})
    rules = [{"rule": column, "count": int(found[column]), "column": column} for column in conditions]
    named = [column for column in sorted(conditions, key=lambda column: -found[column]) if found[column]]
    return _share(name, int(found[""]), table, reason=", ".join(named[:5]), rules=rules)


def _share(
    name: str, rows: int, table: Table, *, reason: str = "", rules: list[dict[str, Any]] | None = None
) -> Measurement:
    details = {"kind": "rules", "rules": rules} if rules else None
    return Measurement.exact(rows / table.rows, name=name, n=table.rows, unit="share", reason=reason, details=details)


def _columns(name: str, found: Sequence[str], among: Sequence[str]) -> Measurement:
    details = {"kind": "rules", "rules": [{"rule": column, "count": 1, "column": column} for column in found]}
    return Measurement.exact(
        len(found), name=name, n=len(among), unit="columns", reason=", ".join(found), details=details
    )


def _distinct(table: Table, columns: Sequence[str]) -> dict[str, int]:
    """Return the number of different values by column: NULL is one of them."""
    asked = {
        name: {"values": table.expression[name].nunique(), "missing": table.expression[name].isnull().any()}
        for name in columns
    }
    answers = _nested(table, asked)
    return {name: int(answer["values"]) + bool(answer["missing"]) for name, answer in answers.items()}


def _nested(table: Table, asked: Mapping[str, Mapping[str, ibis.Value]]) -> dict[str, dict[str, Any]]:
    """Answer several aggregates of several columns in one query."""
    flat = {f"{place} {part}": value for place, parts in enumerate(asked.values()) for part, value in parts.items()}
    answer = table.aggregates(flat)
    return {
        name: {part: answer[f"{place} {part}"] for part in parts} for place, (name, parts) in enumerate(asked.items())
    }


def _texts(table: Table, roles: Roles) -> list[str]:
    types = table.expression.schema()
    return [name for name in _require_features(table, roles) if types[name].is_string()]


def _is_placeholder(value: ibis.StringColumn) -> ibis.BooleanValue:
    condition: ibis.BooleanValue = value.strip().lower().isin(PLACEHOLDERS)
    return condition


def _is_number(value: ibis.StringColumn) -> ibis.BooleanValue:
    """Return whether a text is a finite number: engines read inf and nan too, which are words to people."""
    number = value.try_cast("float64")
    condition: ibis.BooleanValue = number.notnull() & ~number.isinf() & ~number.isnan()
    return condition & ~_is_placeholder(value)


def _require_features(table: Table, roles: Roles) -> list[str]:
    return [name for name in roles.features if name in table.columns]


def _present(table: Table, column: str) -> str:
    if column not in table.columns:
        raise DataError(f"data.{table.name}: there is no column {column!r}", "look at [data]")
    return column


MEASURES: dict[str, Callable[[Table, Roles, Table | None], Measurement]] = {
    "rows": _rows,
    "staleness": _staleness,
    "duplicate_rows": _duplicate_rows,
    "conflicting_labels": _conflicting_labels,
    "ambiguous_labels": _ambiguous_labels,
    "rarest_class": _rarest_class,
    "constant_columns": _constant_columns,
    "identifier_columns": _identifier_columns,
    "mixed_columns": _mixed_columns,
    "placeholders": _placeholders,
    "infinite_values": _infinite_values,
    "outlier_rows": _outlier_rows,
}
