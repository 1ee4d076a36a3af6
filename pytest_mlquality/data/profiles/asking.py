"""Numbers counted by the engine where they lie: one query a column, for engines that this process must not stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pytest_mlquality.data import nan
from pytest_mlquality.data.profiles.kinds import Kind, number_of
from pytest_mlquality.data.profiles.numbers import NumberLayout
from pytest_mlquality.data.profiles.records import records
from pytest_mlquality.data.profiles.tally import Tally

if TYPE_CHECKING:
    import ibis

    from pytest_mlquality.data.table import Table

_NULL, _NAN = -1, -2


def tallies(table: Table, kinds: Mapping[str, Kind], layouts: Mapping[str, NumberLayout]) -> dict[str, Tally]:
    """Return the tallies of columns as the numbers that stand for them."""
    return {name: _tally(table, name, kinds[name], layout) for name, layout in layouts.items()}


def _tally(table: Table, name: str, kind: Kind, layout: NumberLayout) -> Tally:
    rows = table.expression.select(mlq_x=number_of(table.expression[name], kind))
    placed = rows.mutate(mlq_bin=_bin(rows.mlq_x, layout))
    z = (placed.mlq_x - layout.centre) / layout.scale
    square = z * z
    counted = placed.group_by("mlq_bin").aggregate(
        mlq_rows=placed.count(),
        mlq_zeros=placed.count(where=placed.mlq_x == 0),
        mlq_s1=z.sum(),
        mlq_s2=square.sum(),
        mlq_s3=(square * z).sum(),
        mlq_s4=(square * square).sum(),
    )
    found = {row["mlq_bin"]: row for row in records(table, name, counted)}
    # What is infinite, or no number, is in no sum.
    ordered = [row for place, row in found.items() if 0 <= place <= len(layout.starts)]
    s1, s2, s3, s4 = (sum(float(row[f"mlq_s{power}"]) for row in ordered) for power in (1, 2, 3, 4))
    rows_of = {place: int(row["mlq_rows"]) for place, row in found.items()}
    return Tally(
        tuple(rows_of.get(place, 0) for place in range(layout.size)),
        null=rows_of.get(_NULL, 0),
        nan=rows_of.get(_NAN, 0),
        zeros=sum(int(row["mlq_zeros"]) for row in ordered),
        sums=(s1, s2, s3, s4),
    )


def _bin(x: ibis.Value, layout: NumberLayout) -> ibis.Value:
    import ibis

    limit = ibis.literal(1.7976931348623157e308)
    ordered = len(layout.starts) + 1
    asked = [(x.isnull(), _NULL)]
    if nan.may_be_nan(x):
        asked.append((x.isnan(), _NAN))
    asked += [(x < -limit, ordered), (x > limit, ordered + 1)]
    return ibis.cases(*asked, else_=_searched(x, layout.starts, 0))


def _searched(x: ibis.Value, starts: Sequence[float], at: int) -> ibis.Value:
    """Return the ordered bin as a balanced tree of comparisons: seven a row for a hundred bins."""
    import ibis

    if not starts:
        return ibis.literal(at, type="int64")
    half = len(starts) // 2
    lower, upper = _searched(x, starts[:half], at), _searched(x, starts[half + 1 :], at + half + 1)
    return (x < starts[half]).ifelse(lower, upper)
