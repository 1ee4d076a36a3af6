"""The bins of every column: those of a reference, or chosen from the table itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlquality.data.profiles.atoms import NO_ATOMS, Atoms, frequent
from pytest_mlquality.data.profiles.column import Column
from pytest_mlquality.data.profiles.edges import number_layout
from pytest_mlquality.data.profiles.kinds import Kind, mismatch, number_of
from pytest_mlquality.data.profiles.labels import MOST_DIFFERENT, Counted, LabelLayout, count_labels
from pytest_mlquality.data.profiles.numbers import Floats, NumberLayout
from pytest_mlquality.data.profiles.profile import Profile
from pytest_mlquality.data.table import Table

if TYPE_CHECKING:
    import pandas as pd

SAMPLE = 100_000
# Columns that are asked for together: few enough for their sample to fit in memory, and for engines to plan.
TOGETHER = 50
_WITH_ATOMS = ("number", "time")


@dataclass(frozen=True, slots=True)
class Chosen:
    """How a column is counted.

    Parameters
    ----------
    layout
        None where the column does not fit the reference, which `mismatch` tells.
    labels
        Rows by label, where choosing has counted them already.
    atoms
        Numbers and times that are counted one by one.
    """

    kind: Kind
    layout: NumberLayout | LabelLayout | None
    mismatch: str | None = None
    labels: Counted | None = None
    atoms: Atoms = NO_ATOMS


def taken(table: Table, kinds: Mapping[str, Kind], like: Profile, seed: int) -> dict[str, Chosen]:
    """Return the bins of a reference, which has all of these columns, and the atoms of both sides."""
    bins = {}
    for name, kind in kinds.items():
        known = like.columns[name]
        said = "the reference itself has no bins" if known.layout is None else mismatch(known.kind, kind)
        bins[name] = Chosen(kind, None, said) if said else Chosen(known.kind, known.layout)
    has_atoms = {name: one.kind for name, one in bins.items() if one.layout is not None and one.kind in _WITH_ATOMS}
    for some in in_groups(list(has_atoms)):
        for name, values in _samples(table, narrowed(table, some), has_atoms, some, seed):
            known = like.columns[name]
            atoms = _atoms(values, kinds[name], table.rows, known).and_those_of(known.atoms)
            bins[name] = replace(bins[name], atoms=atoms)
    return bins


def chosen(table: Table, kinds: Mapping[str, Kind], seed: int) -> dict[str, Chosen]:
    """Return bins for this table as a reference, from a sample of its rows."""
    bins: dict[str, Chosen] = {}
    for some in in_groups(list(kinds)):
        narrow = narrowed(table, some)
        for name, values in _samples(table, narrow, kinds, some, seed):
            bins[name] = _of_sample(narrow, name, kinds[name], values)
    return bins


def _samples(
    table: Table, narrow: Table, kinds: Mapping[str, Kind], names: Sequence[str], seed: int
) -> Iterator[tuple[str, pd.Series]]:
    """Yield columns with what stands for their values, or the labels themselves, in some rows."""
    # Rows without an order of their own are drawn by the order of other columns too.
    of = narrow if table.origin.in_order else table
    numbers = {name: number_of(of.expression[name], kinds[name]) for name in names if kinds[name] != "label"}
    rows = of.with_values(numbers)
    sample = rows.sample(names, SAMPLE, seed) if table.rows > SAMPLE else _all(rows, names)
    for name in names:
        yield name, sample[name]


def _all(rows: Table, columns: Sequence[str]) -> pd.DataFrame:
    """Return all rows, in any order: none of them need be drawn, which an engine sorts for."""
    import pandas as pd

    batches = list(rows.batches(columns, SAMPLE, ordered=False))
    return pd.concat(batches, ignore_index=True) if batches else rows.frame(columns)


def narrowed(table: Table, columns: Sequence[str]) -> Table:
    """Return a table of these columns alone.

    Ibis takes its time for every column of what a query stands on, asked for or not: without this, each of two thousand
    columns would cost two thousand. So the query of these columns is made once, and others stand on its text.
    """
    expression = table.expression.select(list(columns))
    backend = expression.get_backend()
    if backend.name == "duckdb":
        expression = backend.sql(backend.compile(expression), schema=expression.schema())
    stored = expression if table.expression is table.origin.stored else None
    return Table(table.name, replace(table.origin, expression=expression, stored=stored))


def in_groups(names: Sequence[str]) -> Iterator[list[str]]:
    """Yield names, so many as are asked for together."""
    rest = iter(names)
    while group := list(islice(rest, TOGETHER)):
        yield group


def _of_sample(table: Table, name: str, kind: Kind, values: pd.Series) -> Chosen:
    type_ = table.expression.schema()[name]
    if kind != "label":
        layout = number_layout(_numbers(values), whole=type_.is_integer(), time=kind == "time")
        return Chosen(kind, layout, atoms=_atoms(values, kind, table.rows))
    labels = None
    if type_.is_boolean() or values.nunique() <= MOST_DIFFERENT:
        labels = count_labels(table, name)
        if type_.is_boolean() or not labels.is_text:
            return Chosen("label", labels.layout(), labels=labels)
    lengths = values.dropna().astype(str).str.len().to_numpy(dtype=np.float64)
    return Chosen("text", number_layout(np.asarray(lengths), whole=True))


def _atoms(values: pd.Series, kind: Kind, rows: int, like: Column | None = None) -> Atoms:
    numbers = _numbers(values)
    return frequent(np.floor(numbers) if kind == "time" else numbers, rows, like)


def _numbers(values: pd.Series) -> Floats:
    return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))
