"""Columns whose cells are lists of labels, with a column of truths made for each label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.faults import explained
from pytest_mlquality.errors import DataError, nearest

if TYPE_CHECKING:
    import ibis

    from pytest_mlquality.data.table import Table

# A label in fewer rows may point at a person, so messages do not name it.
ROWS_TO_BE_NAMED = 10


def with_label_columns(table: Table, column: str, columns: Mapping[str, str]) -> Table:
    """Return the table with a column of 0 and 1 for each label; one that lacks the lists is returned as it is.

    A row without a list has no label that is known: NULL.

    Parameters
    ----------
    columns
        The names of the new columns, each with that of its label: as the lists name it where they hold texts, else
        in the order of their 0 and 1.

    Raises
    ------
    DataError
        The column holds no lists, lists of another length, or labels that are not among these.
    """
    if column not in table.columns:
        return table
    lists = table.expression[column]
    if not lists.type().is_array():
        raise DataError(
            f"data.{table.name}: {column!r} is {table.schema[column]}, and [data] labels is of a column of lists",
            "store lists (in Parquet or Arrow), or name a column of 0 and 1 for each label in [data] target",
        )
    with explained(
        f"data.{table.name}: the lists of {column!r} cannot be looked into", "store a column for each label"
    ):
        if lists.type().value_type.is_string():
            _require_known(table, column, columns)
            found = {new: lists.contains(label).cast("int8") for new, label in columns.items()}
        else:
            _require_length(table, column, len(columns))
            found = {new: lists[place].cast("int8") for place, new in enumerate(columns)}
        return table.with_values(found)


def labels_of(table: Table, column: str) -> list[str]:
    """Return the labels that lists name, or the places of their 0 and 1, from 1 on."""
    lists = table.expression[column]
    if not lists.type().value_type.is_string():
        longest = int(table.aggregates({"longest": lists.length().max()})["longest"] or 0)
        return [str(place + 1) for place in range(longest)]
    return sorted(one["label"] for one in _counted(table, column) if one["label"] is not None)


def _counted(table: Table, column: str) -> list[dict[str, Any]]:
    """Return each label that lists name, and how often."""
    named = table.expression.select(label=table.expression[column].unnest())
    return named.group_by("label").aggregate(rows=named.count()).to_pyarrow().to_pylist()  # type: ignore[no-any-return]


def _require_length(table: Table, column: str, length: int) -> None:
    sizes: ibis.Value = table.expression[column].length()
    wrong = int(table.aggregates({"rows": table.expression.count(where=sizes != length)})["rows"])
    if wrong:
        raise DataError(
            f"data.{table.name}: {wrong:,} lists of {column!r} are not as long as [data] labels, {length}",
            "name every label, in the order of the lists",
        )


def _require_known(table: Table, column: str, columns: Mapping[str, str]) -> None:
    counted = _counted(table, column)
    unknown = {one["label"]: one["rows"] for one in counted if one["label"] not in columns.values()}
    if unknown:
        often = [label for label, rows in unknown.items() if rows >= ROWS_TO_BE_NAMED and label is not None][:5]
        told = ", ".join(f"{label!r}{nearest(label, columns.values())}" for label in often) or "each in few rows"
        raise DataError(
            f"data.{table.name}: lists of {column!r} hold {len(unknown):,} labels that [data] labels lacks: {told}",
            "name every label in [data] labels",
        )
