"""Every column is counted into its bins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pytest_mlquality.data.profiles import asking, streaming
from pytest_mlquality.data.profiles.atoms import Counted as CountedNumbers
from pytest_mlquality.data.profiles.atoms import coarser, finer
from pytest_mlquality.data.profiles.bins import Chosen, in_groups, narrowed
from pytest_mlquality.data.profiles.column import Column
from pytest_mlquality.data.profiles.labels import MOST_NEW, Counted, LabelLayout, count_labels
from pytest_mlquality.data.profiles.numbers import NumberLayout
from pytest_mlquality.data.profiles.tally import Tally

if TYPE_CHECKING:
    from pytest_mlquality.data.table import Table


def counted(table: Table, bins: Mapping[str, Chosen]) -> dict[str, Column]:
    """Return the columns of a profile, in the order of `bins`."""
    found: dict[str, Column] = {}
    numbers = {name: one.layout for name, one in bins.items() if isinstance(one.layout, NumberLayout)}
    fine = {name: finer(layout, bins[name].atoms.values) for name, layout in numbers.items()}
    for name, tally in _tallies(table, bins, fine).items():
        found[name] = _of_numbers(table, name, bins[name], coarser(tally, numbers[name], bins[name].atoms.values))
    for names in in_groups([name for name, one in bins.items() if isinstance(one.layout, LabelLayout)]):
        some = narrowed(table, names)
        for name in names:
            found[name] = _of_labels(table, name, bins[name], some)
    for name, one in bins.items():
        if one.layout is None:
            found[name] = _without_bins(table, name, one)
    return {name: found[name] for name in bins}


def can_stream(table: Table) -> bool:
    """Return whether the engine runs in this process, so that what it streams has no way to go."""
    return table.expression.get_backend().name == "duckdb" and table.origin.registered is not None


def _tallies(table: Table, bins: Mapping[str, Chosen], layouts: Mapping[str, NumberLayout]) -> dict[str, Tally]:
    tallies: dict[str, Tally] = {}
    count = streaming.tallies if can_stream(table) else asking.tallies
    for names in in_groups(list(layouts)):
        kinds = {name: bins[name].kind for name in names}
        tallies |= count(narrowed(table, names), kinds, {name: layouts[name] for name in names})
    return tallies


def _of_numbers(table: Table, name: str, one: Chosen, counted: CountedNumbers) -> Column:
    tally = counted.tally
    return Column(
        one.kind,
        table.schema[name],
        table.rows,
        tally.null + tally.nan,
        one.layout,
        tally.counts,
        nan=tally.nan,
        zeros=tally.zeros,
        sums=tally.sums,
        atoms=counted.atoms,
        unlisted=one.atoms.unlisted if one.kind != "text" else None,
    )


def _of_labels(table: Table, name: str, one: Chosen, narrow: Table) -> Column:
    layout = one.layout
    assert isinstance(layout, LabelLayout)
    found: Counted = one.labels or count_labels(narrow, name, layout.labels)
    own = tuple(found.rows.get(label, 0) for label in layout.labels)
    binned = set(layout.labels)
    others = {label: n for label, n in found.rows.items() if label not in binned}
    named = dict(list(others.items())[:MOST_NEW])
    return Column(
        "label",
        table.schema[name],
        table.rows,
        found.null,
        layout,
        (*own, found.known - sum(own)),
        new_labels=named,
        more_labels=found.tail_labels + len(others) - len(named),
        more_rows=found.known - sum(own) - sum(named.values()),
    )


def _without_bins(table: Table, name: str, one: Chosen) -> Column:
    return Column(one.kind, table.schema[name], table.rows, table.nulls([name])[name], None, mismatch=one.mismatch)
