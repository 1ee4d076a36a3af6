"""What can be wrong with the columns of one split, whatever anyone agreed on: counted by the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.kinds import is_handed_over, is_whole, kind_of
from pytest_mlquality.data.nan import is_missing, without_nan
from pytest_mlquality.measurement import Measurement
from pytest_mlquality.measures.roles import Roles
from pytest_mlquality.measures.texts import is_number, is_placeholder

if TYPE_CHECKING:
    import ibis

    from pytest_mlquality.data import Table

# A feature with a value of its own in this share of the rows tells rows apart and nothing else.
IDENTIFIES = 0.99
# So many rows say of most columns what all rows need not be asked.
FEW = 1_000


def constant_columns(table: Table, roles: Roles) -> Measurement:
    """Count features with one value in all rows; a missing value is one too."""
    features = roles.features_in(table)
    return _columns("constant_columns", list(_constants(table, features)), features)


def constant_apart(one: Table, other: Table, columns: Sequence[str]) -> list[str]:
    """Return which of some columns have one value in all rows of a table, and another one in all of the other."""
    suspects = [name for name in columns if not one.expression[name].type().is_nested()]
    for table in (one, other):
        suspects = list(_constants(table.some(FEW), suspects))
    here = _constants(one, suspects)
    there = _constants(other, list(here))
    return [name for name in there if here[name] != there[name]]


def _constants(table: Table, columns: Sequence[str]) -> dict[str, Any]:
    """Return the value of each column that has one in all rows; None where all are missing."""
    # Counting the different values of hundreds of columns takes an engine seconds, however few the rows.
    asked = {
        name: {
            "least": _ordered(table.expression[name]).min(),
            "most": _ordered(table.expression[name]).max(),
            "missing": table.expression.count(where=is_missing(table.expression[name])),
        }
        for name in columns
    }
    answers = _nested(table, asked)
    return {
        name: answer["least"]
        for name, answer in answers.items()
        if answer["missing"] == table.rows or (not answer["missing"] and answer["least"] == answer["most"])
    }


def _ordered(value: ibis.Value) -> ibis.Value:
    """Return a column as values whose least and greatest an engine hands over."""
    return without_nan(value) if is_handed_over(value.type()) else value.cast("string")


def identifier_columns(table: Table, roles: Roles) -> Measurement:
    """Count features of text or whole numbers that have a value of its own in nearly every row."""
    features = roles.features_in(table)
    types = table.expression.schema()
    suspects = [name for name in features if kind_of(types[name]) == "text" or is_whole(types[name])]
    distinct = _distinct(table, suspects)
    found = [name for name in suspects if distinct[name] >= IDENTIFIES * table.rows and table.rows > 1]
    return _columns("identifier_columns", found, features)


def mixed_columns(table: Table, roles: Roles) -> Measurement:
    """Count features of text in which some values are numbers and others are not; placeholders are neither."""
    texts = texts_of(table, roles)
    asked = {
        name: {
            "numbers": table.expression[name].count(where=is_number(table.expression[name])),
            "values": table.expression[name].count(where=~is_placeholder(table.expression[name])),
        }
        for name in texts
    }
    answers = _nested(table, asked)
    return _columns("mixed_columns", [n for n in texts if 0 < answers[n]["numbers"] < answers[n]["values"]], texts)


def ambiguous_labels(table: Table, roles: Roles) -> Measurement:
    """Count labels that differ from another one in letter case or white space only."""
    target = roles.labels(table)[0]
    # Of several labels each is 0 or 1.
    if len(roles.targets) > 1 or kind_of(table.expression[target].type()) != "text":
        labels = table.aggregates({"labels": without_nan(table.expression[target]).nunique()})["labels"]
        return Measurement.exact(0, name="ambiguous_labels", n=labels, unit="labels")
    # Engines know the letter case of other alphabets than ours as little as their white space.
    written = [label for label in table.values(target) if label is not None]
    plain = {label.strip().lower() for label in written}
    return Measurement.exact(len(written) - len(plain), name="ambiguous_labels", n=len(written), unit="labels")


def texts_of(table: Table, roles: Roles) -> list[str]:
    """Return the features that are texts."""
    types = table.expression.schema()
    return [name for name in roles.features_in(table) if kind_of(types[name]) == "text"]


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
