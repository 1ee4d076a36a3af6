"""Training-serving skew by key: the same entity has one value in one table and another value in the other.

A column can be distributed alike in both and differ in every row; only rows of the same key, side by side, show that
(Breck et al. 2019, Data Validation for Machine Learning, feature skew).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

from pytest_mlquality.data.faults import explained
from pytest_mlquality.data.nan import is_infinite, is_missing
from pytest_mlquality.errors import DataError, nearest
from pytest_mlquality.measurement import Measurement, Measurements
from pytest_mlquality.measures.column_kinds import kind
from pytest_mlquality.measures.engines import answered
from pytest_mlquality.measures.equal_values import alike
from pytest_mlquality.measures.keyed_rows import KeyedRows
from pytest_mlquality.statistics.proportion import share

if TYPE_CHECKING:
    import ibis

    from pytest_mlquality.data import Table

NAME = "differing_values"
UNMATCHED = "unmatched_keys"


def differing_values(
    one: Table, other: Table, key: str, columns: Sequence[str], *, tolerance: Mapping[str, float] | float = 0.0
) -> Measurements:
    """Measure for each column the share of the keys in both tables whose values differ.

    The keys are a sample of what will be served: Clopper-Pearson bounds. NULL and NaN equal each other and differ from
    every value; others are compared by value, as `alike` says. A column that is a number here and a text there, say,
    differs in every key, and its reason says so.

    Parameters
    ----------
    one, other
        Such as a log of training and one of serving. Of one engine they are joined by it; of two, in memory.
    key
        A column of both that no two rows of a table share. Rows without a key are in no pair.
    columns
        The columns to compare, which both have.
    tolerance
        By how much numbers may differ, as a part of the larger magnitude, for all columns or by column (0 for others).

    Raises
    ------
    DataError
        A table lacks a column, the key is not unique, no key stands in both, or a tolerance names no column.
    ValueError
        A tolerance is negative or not finite.
    """
    allowed = _tolerances(columns, tolerance)
    with answered(NAME):
        pairs = KeyedRows.of(one, other, key, columns)
        types = [(one.expression[name].type(), other.expression[name].type()) for name in columns]
        asked = {
            name: pairs.joined.count(where=_differs(*pair, tolerance=allowed[name]))
            for place, name in enumerate(columns)
            if (pair := alike(pairs.joined[f"a{place}"], pairs.joined[f"b{place}"])) is not None
        }
        counts = _counted(pairs, asked)
    where = _alone(pairs, one, other)
    measured = []
    for name, (here, there) in zip(columns, types, strict=True):
        count = counts.get(name, pairs.count)
        reason = f"{count:,} of {pairs.count:,} keys differ"
        if name not in counts:
            reason = f"{kind(here)} in data.{one.name}, {kind(there)} in data.{other.name}: no value is the same"
        found = replace(share(count, pairs.count), reason=f"{reason}; {where}" if where else reason)
        measured.append(Measurement.of(f"{NAME}[{name}]", found, unit="share"))
    return Measurements(NAME, measured)


def unmatched_keys(one: Table, other: Table, key: str) -> Measurement:
    """Measure the share of the keys of both tables that stand in one of them alone; a row without a key is one.

    Parameters and errors as in `differing_values`.
    """
    with answered(UNMATCHED):
        pairs = KeyedRows.of(one, other, key, ())
    alone = sum(pairs.alone)
    found = replace(share(alone, alone + pairs.count), reason=_alone(pairs, one, other))
    return Measurement.of(UNMATCHED, found, unit="share")


def _tolerances(columns: Sequence[str], tolerance: Mapping[str, float] | float) -> dict[str, float]:
    by_name = tolerance if isinstance(tolerance, Mapping) else dict.fromkeys(columns, tolerance)
    for name, value in by_name.items():
        if name not in columns:
            raise DataError(
                f"tolerance: {name!r} is no column to compare{nearest(name, columns)}", "name one of the columns"
            )
        if not (isfinite(value) and value >= 0):
            raise ValueError(f"the tolerance of {name!r} is {value}, which is no part of a number")
    return {name: by_name.get(name, 0.0) for name in columns}


def _counted(pairs: KeyedRows, asked: Mapping[str, ibis.IntegerScalar]) -> dict[str, int]:
    with explained(f"{NAME}: the values cannot be compared", "give the columns the same types in both tables"):
        answer = pairs.table.aggregates(asked, of=pairs.joined)
    return {name: int(count or 0) for name, count in answer.items()}


def _alone(pairs: KeyedRows, one: Table, other: Table) -> str:
    """Say how many keys have no pair."""
    parts = [f"data.{table.name} {count:,}" for count, table in zip(pairs.alone, (one, other), strict=True) if count]
    return f"keys in one alone: {', '.join(parts)}" if parts else ""


def _differs(a: ibis.Value, b: ibis.Value, *, tolerance: float) -> ibis.BooleanValue:
    both_missing, one_missing = is_missing(a) & is_missing(b), is_missing(a) ^ is_missing(b)
    different: ibis.BooleanValue = (a != b).fill_null(False)
    if a.type().is_numeric() and not a.type().is_boolean() and tolerance > 0:
        different = different & _far(a, b, tolerance)
    # NaN differs from itself in one engine and not in the next.
    return (different & ~both_missing) | one_missing


def _far(a: ibis.NumericValue, b: ibis.NumericValue, tolerance: float) -> ibis.BooleanValue:
    import ibis

    # As floats: the difference of two small integers may not fit their type.
    one, other = a.cast("float64"), b.cast("float64")
    reach = tolerance * ibis.greatest(one.abs(), other.abs())
    # An infinite number is as far from every other as its own magnitude.
    far: ibis.BooleanValue = ((one - other).abs() > reach) | is_infinite(one) | is_infinite(other)
    return far.fill_null(False)
