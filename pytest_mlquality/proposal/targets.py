"""Which columns of the data a target is that somebody named: one, several, or lists in a column."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_mlquality.data.label_lists import labels_of
from pytest_mlquality.errors import DataError
from pytest_mlquality.proposal.request import Request

if TYPE_CHECKING:
    from pytest_mlquality.data import Table

# A list of more labels is no target of a classifier, but text.
MOST_LABELS = 200


def with_targets(request: Request, table: Table) -> Request:
    """Return the request with columns that were named between commas told apart, and with the labels of lists.

    Raises
    ------
    DataError
        Lists hold more labels than anyone would name.
    """
    target = request.target
    if not isinstance(target, str) or request.labels:
        return request
    if target not in table.columns and "," in target:
        return replace(request, target=tuple(part.strip() for part in target.split(",") if part.strip()))
    if target not in table.columns or not table.expression[target].type().is_array():
        return request
    labels = labels_of(table, target)
    if not 2 <= len(labels) <= MOST_LABELS:
        raise DataError(
            f"--target {target}: its lists hold {len(labels):,} labels",
            f"name a column with 2 to {MOST_LABELS} of them",
        )
    return replace(request, labels=tuple(labels))
