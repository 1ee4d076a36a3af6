"""What engines can be asked: where one lacks an operation, what it would have said is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data import nan
from pytest_mlquality.data.engine import embedded
from pytest_mlquality.data.faults import OperationLacking
from pytest_mlquality.errors import DataError, MLQualityError

if TYPE_CHECKING:
    import ibis

    from pytest_mlquality.data import Table

_SAID = 160


def engine_of(table: Table) -> str | None:
    """Return the name of the engine that holds the rows; None where it is our own, which can be asked everything."""
    backend = table.expression.get_backend()
    return None if backend is embedded() else str(backend.name)


def answers(table: Table, asked: Mapping[str, ibis.Value]) -> dict[str, Any]:
    """Return the answers to aggregates by name, less those that the engine cannot be asked for.

    Raises
    ------
    DataError
        Where our own engine does not answer: the rows cannot be read.
    """
    try:
        return table.aggregates(asked)
    except DataError:
        if engine_of(table) is None:
            raise
    found: dict[str, Any] = {}
    for name, value in asked.items():
        try:
            found |= table.aggregates({name: value})
        except DataError:
            continue
    return found


def why_not(name: str, error: MLQualityError, engine: str) -> str:
    """Return for people why a measure was not answered."""
    if isinstance(error, OperationLacking):
        return f"{engine} cannot be asked for {name}"
    return f"not asked: {error.message[:_SAID]}"


def finite(column: ibis.Value, kind: str) -> ibis.Value:
    """Return a column of numbers without what is missing or infinite; decimals as binary fractions."""
    if kind == "decimal":
        return column.cast("float64")
    return nan.finite(column) if kind == "number" else column
