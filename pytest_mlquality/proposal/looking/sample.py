"""Some rows of a split in memory, for what a query cannot see: pairs of columns, and texts letter by letter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_mlquality.data.faults import explained
from pytest_mlquality.data.memory import register
from pytest_mlquality.data.table import Origin, Table
from pytest_mlquality.proposal.looking.asking import engine_of
from pytest_mlquality.proposal.looking.columns import kinds_of

if TYPE_CHECKING:
    import ibis

ROWS = 20_000


def sample_of(table: Table, seed: int = 0) -> Table:
    """Return a table in memory of about `ROWS` rows, all where there are fewer, with the columns that are described."""
    names = [name for name, kind in kinds_of(table).items() if kind != "other"]
    chosen = _drawn(table, seed).select(names)
    with explained(f"data.{table.name}: {table.source} cannot be sampled", "is the source complete?"):
        arrow = chosen.to_pyarrow()
    expression, registered = register(arrow, f"data.{table.name}")
    origin = Origin(
        table.source, expression, in_order=True, registered=registered, categoricals=table.origin.categoricals
    )
    return Table(table.name, origin)


def first_rows(table: Table, most: int = ROWS) -> Table:
    """Return the first rows of a table that has an order."""
    return Table(table.name, replace(table.origin, expression=table.expression.limit(most)))


def _drawn(table: Table, seed: int) -> ibis.Table:
    if table.rows <= ROWS:
        return table.expression
    share = ROWS / table.rows
    for given in (seed, None):
        rows = table.expression.sample(share, method="row", seed=given)
        if engine_of(table) is None or _can_be_asked(rows):
            return rows
    return table.expression.limit(ROWS)


def _can_be_asked(rows: ibis.Table) -> bool:
    """Return whether the engine knows how to draw rows: few take a seed."""
    from ibis.common.exceptions import IbisError

    try:
        rows.get_backend().compile(rows)
    except IbisError:
        return False
    return True
