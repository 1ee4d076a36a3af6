"""The measures of ``[schema.metrics]`` that look at one split, whatever anyone agreed on, by their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pytest_mlquality.measurement import Measurement
from pytest_mlquality.measures import columns, rows, time_gaps
from pytest_mlquality.measures.columns import IDENTIFIES
from pytest_mlquality.measures.engines import answered
from pytest_mlquality.measures.roles import Roles
from pytest_mlquality.measures.rows import RANGE
from pytest_mlquality.measures.texts import PLACEHOLDERS

if TYPE_CHECKING:
    from pytest_mlquality.data import Table

__all__ = ["IDENTIFIES", "MEASURES", "PLACEHOLDERS", "RANGE", "Roles", "integrity"]

MEASURES: dict[str, Callable[..., Measurement]] = {
    "rows": rows.rows,
    "staleness": rows.staleness,
    "longest_time_gap": time_gaps.longest_time_gap,
    "duplicate_rows": rows.duplicate_rows,
    "conflicting_labels": rows.conflicting_labels,
    "ambiguous_labels": columns.ambiguous_labels,
    "rarest_class": rows.rarest_class,
    "constant_columns": columns.constant_columns,
    "identifier_columns": columns.identifier_columns,
    "mixed_columns": columns.mixed_columns,
    "placeholders": rows.placeholders,
    "infinite_values": rows.infinite_values,
    "outlier_rows": rows.outlier_rows,
}
OF_TRAIN_TOO = ("outlier_rows",)


def integrity(name: str, table: Table, roles: Roles, *, train: Table | None = None) -> Measurement:
    """Return a measure of ``[schema.metrics]`` that looks at the rows of one split.

    Parameters
    ----------
    train
        The rows that say which range a number has, for ``outlier_rows``.

    Raises
    ------
    DataError
        If the settings do not name a column that the measure needs, the table lacks it, or its engine lacks an
        operation.
    """
    with answered(name):
        return MEASURES[name](table, roles, train) if name in OF_TRAIN_TOO else MEASURES[name](table, roles)
