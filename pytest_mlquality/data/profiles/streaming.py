"""Numbers counted in this process, as an engine inside it streams them.

DuckDB's own ``histogram(x, edges)`` searches the edges row by row, which takes twice the time of all that is done
here. Here a table of cells of equal width says the bin of nearly every value at once, and only values in a cell that
holds an edge are searched for; the counts are the same.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.data.profiles.kinds import Kind, number_of
from pytest_mlquality.data.profiles.moments import Sums
from pytest_mlquality.data.profiles.numbers import INFINITE, Floats, NumberLayout, places
from pytest_mlquality.data.profiles.tally import Tally

if TYPE_CHECKING:
    import pyarrow as pa

    from pytest_mlquality.data.table import Table

Places = NDArray[np.intp]

_CELLS = 8192
# Of all columns together, in a batch.
_VALUES = 4_000_000
_MOST_ROWS = 120_000
# Values looked at together: few enough to stay in the cache of a processor, many enough that threads seldom wait.
_CHUNK = 32_768
_THREADS = min(4, os.cpu_count() or 1)


class Counter:
    """Counts values into the bins of one layout."""

    def __init__(self, layout: NumberLayout) -> None:
        self.layout = layout
        self._starts = np.asarray(layout.starts, dtype=np.float64)
        width = float(self._starts[-1] / 2 - self._starts[0] / 2) * 2 if len(self._starts) > 1 else 0.0
        with np.errstate(over="ignore", divide="ignore"):
            self._cells_a_unit = float(np.float64(_CELLS) / np.float64(width))
        # The cell of a value never falls as the value grows, with the rounding of floats too. So between the cells of
        # two edges all values are of one bin. Where cells are too narrow or too wide for floats, all values are unsure.
        self._has_cells = 0 < width < np.inf and 0 < self._cells_a_unit < np.inf
        if self._has_cells:
            edges = self._cells(self._starts)
            self._bin_of_cell = np.searchsorted(edges, np.arange(_CELLS + 1), side="right")
            self._unsure = np.zeros(_CELLS + 1, dtype=np.bool_)
            self._unsure[edges] = True

    def _cells(self, values: Floats) -> Places:
        cells: Floats = values - self._starts[0]
        cells *= self._cells_a_unit
        np.clip(cells, 0, _CELLS, out=cells)
        return cells.astype(np.intp)

    def count(self, array: pa.ChunkedArray) -> Tally:
        """Return the tally of a column of integers or floats."""
        known = array.drop_null().to_numpy() if array.null_count else array.to_numpy()
        known = known.astype(np.float64, copy=False)
        values = np.floor(known) if self.layout.time else known
        bins, cells = np.zeros(len(self._starts) + 1, dtype=np.intp), np.zeros(_CELLS + 1, dtype=np.intp)
        rest = Tally.of_none(len(INFINITE))
        with np.errstate(over="ignore", invalid="ignore"):
            for start in range(0, len(values), _CHUNK):
                rest += self._of_chunk(values[start : start + _CHUNK], bins, cells)
        if self._has_cells:
            cells[self._unsure] = 0
            bins += np.bincount(self._bin_of_cell, weights=cells, minlength=len(bins)).astype(np.intp)
        return replace(rest, counts=(*bins.tolist(), *rest.counts), null=array.null_count)

    def _of_chunk(self, values: Floats, bins: Places, cells: Places) -> Tally:
        """Count finite values into `bins` or `cells`, and return the tally of all else."""
        sums = self._sums(values)
        nan, infinite = 0, (0, 0)
        if not isfinite(sums[-1]):
            nan = int(np.count_nonzero(np.isnan(values)))
            infinite = (int(np.count_nonzero(values == -np.inf)), int(np.count_nonzero(values == np.inf)))
            values = values[np.isfinite(values)]
            sums = self._sums(values)
        self._place(values, bins, cells)
        zeros = len(values) - int(np.count_nonzero(values))
        return Tally(infinite, nan=nan, zeros=zeros, sums=sums)

    def _place(self, values: Floats, bins: Places, cells: Places) -> None:
        if self._has_cells:
            found = self._cells(values)
            values = values[self._unsure.take(found)]
            # Counted by cell and not by bin: a processor waits where it adds to one place again and again.
            cells += np.bincount(found, minlength=len(cells))
        bins += np.bincount(places(values, self._starts), minlength=len(bins))

    def _sums(self, values: Floats) -> Sums:
        z: Floats = values - self.layout.centre
        z /= self.layout.scale
        square = z * z
        first, second = float(z.sum()), float(square.sum())
        z *= square
        third = float(z.sum())
        square *= square
        return first, second, third, float(square.sum())


def tallies(table: Table, kinds: Mapping[str, Kind], layouts: Mapping[str, NumberLayout]) -> dict[str, Tally]:
    """Return the tallies of columns as the numbers that stand for them.

    They are streamed in any order and never in memory at once: numbers as they are, of all else what the engine makes.
    """
    schema = table.expression.schema()
    plain = [name for name, kind in kinds.items() if kind == "number" and not schema[name].is_decimal()]
    made = {name: number_of(table.expression[name], kind) for name, kind in kinds.items() if name not in plain}
    total = {name: Tally.of_none(layout.size) for name, layout in layouts.items()}
    for some, names in ((table, plain), (table.with_values(made), list(made))):
        for part in _counted(some, {name: Counter(layouts[name]) for name in names}) if names else ():
            for name, tally in part.items():
                total[name] += tally
    return total


def _counted(table: Table, counters: Mapping[str, Counter]) -> Iterator[dict[str, Tally]]:
    def count(batch: pa.Table) -> dict[str, Tally]:
        return {name: counter.count(batch[name]) for name, counter in counters.items()}

    rows = max(_CHUNK, min(_MOST_ROWS, _VALUES // len(counters)))
    waiting: deque[Future[dict[str, Tally]]] = deque()
    with ThreadPoolExecutor(_THREADS) as pool:
        for batch in table.arrow_batches(counters, rows, ordered=False):
            waiting.append(pool.submit(count, batch))
            # In the order of the rows, so that sums of floats are the same in every run.
            if len(waiting) > _THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
