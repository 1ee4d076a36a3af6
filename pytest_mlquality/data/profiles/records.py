"""The rows of a query's answer, with what an engine says in the words of people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.faults import asked_of, explained

if TYPE_CHECKING:
    import ibis

    from pytest_mlquality.data.table import Table


def records(table: Table, name: str, query: ibis.Table) -> list[dict[str, Any]]:
    """Return what a query over the column `name` of a table gives; a DataError names both where it fails."""
    what = f"data.{table.name}: {name!r} cannot be counted"
    with explained(what, "is the source complete?"), asked_of(query.get_backend().name, f"data.{table.name}"):
        answer: list[dict[str, Any]] = query.to_pyarrow().to_pylist()
    return answer
