"""Where the bins of a column of numbers begin: chosen once, from the values of the reference."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from pytest_mlquality.data.profiles.numbers import Floats, NumberLayout, places
from pytest_mlquality.data.profiles.rounding import STEPS_A_GAP, above, after, below, rounded, step_of

LEAST_ROWS = 10
BINS = 100
ATOM_SHARE = 0.01
# With fewer values to a bin, chance alone moves most of them past an edge.
_VALUES_A_BIN = 20
# Beyond it floats are too few for an edge and something on either side of it.
_LARGEST = 0.999 * float(np.finfo(np.float64).max)
# The grid that an outer edge is rounded to, as a part of its distance from the median.
_REACH_PARTS = 10


@dataclass(frozen=True, slots=True)
class _Bin:
    start: float
    rows: int
    atom: bool = False


def number_layout(values: Floats, *, whole: bool = False, time: bool = False) -> NumberLayout:
    """Return about 100 bins of equal frequency, with bins of their own for frequent values.

    Every bin but the two outer ones and the infinite ones holds at least 10 of the values. The outer bins begin where
    nearly no value is, and at no value: from the outermost edge with 10 values beyond it, outward by as much as that
    edge is from the median, rounded outward.

    Parameters
    ----------
    values
        Of the reference or a sample of it, shape (n,); only finite ones count.
    whole
        Values are whole numbers: a frequent one's bin ends at the next whole number.
    time
        Values are seconds since 1970.
    """
    values = np.clip(np.sort(values[np.isfinite(values)]), -_LARGEST, _LARGEST)
    if len(values) < LEAST_ROWS:  # any edge would tell of somebody
        return NumberLayout((), (0.0,), time=time, whole=whole or time)
    [median] = _quantiles(values, [0.5]).tolist()
    bins = _inner(values, whole=whole or time, time=time)
    starts = _with_outer(bins, values, median, time=time)
    scale, step = _spread(values, median)
    return NumberLayout(starts, _centres(values, starts), rounded(median, step), scale, time, whole or time)


def _inner(values: Floats, *, whole: bool, time: bool) -> list[_Bin]:
    """Return adjacent bins of enough rows, the first without a beginning."""
    ends_of_runs = np.flatnonzero(np.append(values[1:] != values[:-1], True))
    different, rows = values[ends_of_runs], np.diff(ends_of_runs, prepend=-1)
    frequent = rows >= max(LEAST_ROWS, ATOM_SHARE * len(values))
    atoms = {float(value) for value in different[frequent]}
    rest = np.repeat(different[~frequent], rows[~frequent])
    ends = {value + 1 if whole and value + 1 > value else after(value) for value in atoms}
    starts = sorted(atoms | ends | set(_cuts(rest, len(values), time=time)))
    counted = np.bincount(places(values, np.asarray(starts)), minlength=len(starts) + 1).tolist()
    bins = [_Bin(start, n, start in atoms) for start, n in zip([-np.inf, *starts], counted, strict=True)]
    return _joined(bins)


def _quantiles(ascending: Floats, parts: ArrayLike) -> Floats:
    """Return the nearest values at these parts of the way; numpy would sort again what is sorted."""
    found: Floats = ascending[np.rint(np.asarray(parts) * (len(ascending) - 1)).astype(np.intp)]
    return found


def _cuts(rest: Floats, of: int, *, time: bool) -> list[float]:
    parts = min(round(BINS * len(rest) / of), len(rest) // _VALUES_A_BIN)
    if parts < 2:
        return []
    quantiles = np.unique(_quantiles(rest, np.linspace(0, 1, parts + 1)[1:-1]))
    widths = np.diff(np.unique([rest[0], *quantiles, rest[-1]]))
    gaps = np.diff(quantiles) if len(quantiles) > 1 else widths
    near = np.minimum(np.append(gaps, gaps[-1]), np.insert(gaps, 0, gaps[0]))[: len(quantiles)]
    return [rounded(cut, step_of(gap, time=time)) for cut, gap in zip(quantiles.tolist(), near.tolist(), strict=True)]


def _joined(bins: list[_Bin]) -> list[_Bin]:
    """Put bins of too few rows together with a neighbour: one that is no atom if there is one, else the atom before.

    What few rows lie below or above an atom at the end are beyond the range, and stay alone.
    """
    joined: list[_Bin] = bins[:1]
    for each in bins[1:]:
        last = joined[-1]
        if each is bins[-1] and last.atom:
            joined.append(each)
        elif each.rows < LEAST_ROWS or (last.rows < LEAST_ROWS and not each.atom):
            joined[-1] = replace(last, rows=last.rows + each.rows)
        elif last.rows < LEAST_ROWS and len(joined) > 1:
            joined.pop()
            joined[-1] = replace(joined[-1], rows=joined[-1].rows + last.rows)
            joined.append(each)
        else:
            joined.append(each)
    return joined


def _with_outer(bins: list[_Bin], values: Floats, median: float, *, time: bool) -> tuple[float, ...]:
    starts = [each.start for each in bins[1:]]
    low, high = _reach(values, starts, median)
    if not starts:
        while _between(values, *(ends := _ends(median, low, median, high, time=time))) < LEAST_ROWS:
            low, high = 2 * low, 2 * high
        return ends
    first, last = starts[0], starts[-1]
    # An outermost bin of fewer rows lies beside an atom: what is beyond that is out of the range.
    if _between(values, -np.inf, first) >= LEAST_ROWS:
        while _between(values, first := _ends(starts[0], low, 0, 0, time=time)[0], starts[0]) < LEAST_ROWS:
            low *= 2  # where tails are heavy, most rows beyond the edge may lie beyond the outer one too
    if _between(values, last, np.inf) >= LEAST_ROWS:
        while _between(values, starts[-1], last := _ends(0, 0, starts[-1], high, time=time)[1]) < LEAST_ROWS:
            high *= 2
    return tuple(sorted({first, *(start for start in starts if first < start < last), last}))


def _ends(left: float, low: float, right: float, high: float, *, time: bool) -> tuple[float, float]:
    """Return an outer edge so far below `left`, and one so far above `right`, rounded outward."""
    grid = [step_of(reach * STEPS_A_GAP / _REACH_PARTS, time=time) for reach in (low, high)]
    top = above(min(right + high, _LARGEST), grid[1])
    return max(below(max(left - low, -_LARGEST), grid[0]), -_LARGEST), top if top < _LARGEST else after(_LARGEST)


def _reach(values: Floats, starts: list[float], median: float) -> tuple[float, float]:
    """Return how far the outermost edges are from the median; else four times as far as the quartiles are."""
    quarters = _quantiles(values, [0.25, 0.75])
    low, high = (median / 2 - starts[0] / 2, starts[-1] / 2 - median / 2) if starts else (0.0, 0.0)
    least = _spread(values, median)[0]
    return (
        2 * float(max(low, 0.0) or 2 * (median / 2 - quarters[0] / 2) or least),
        2 * float(max(high, 0.0) or 2 * (quarters[1] / 2 - median / 2) or least),
    )


def _between(values: Floats, low: float, high: float) -> int:
    return int(np.count_nonzero((values >= low) & (values < high)))


def _centres(values: Floats, starts: tuple[float, ...]) -> tuple[float, ...]:
    """Return the mean of each inner bin's values; an outer bin's is half a neighbour's width beyond its edge."""
    cut = np.searchsorted(values, starts, side="left")
    centres = []
    for low, high, begin, end in zip(cut, cut[1:], starts, starts[1:], strict=False):
        some = values[low:high]
        middle = float(np.sum(some / len(some))) if len(some) else begin / 2 + end / 2
        centres.append(min(max(middle, begin), float(np.nextafter(end, -np.inf))))
    if len(starts) == 1:
        return _beside(starts[0], 1.0, -1), starts[0]
    widths = starts[1] / 2 - starts[0] / 2, starts[-1] / 2 - starts[-2] / 2
    return (_beside(starts[0], widths[0], -1), *centres, _beside(starts[-1], widths[1], 1))


def _beside(edge: float, width: float, side: int) -> float:
    limit = _LARGEST / 0.9995
    moved = min(max(edge + side * width, -limit), limit)
    return moved if moved != edge else float(np.nextafter(edge, side * np.inf))


def _spread(values: Floats, median: float) -> tuple[float, float]:
    """Return a round scale of the bulk, and the step that its centre is rounded to."""
    low, high = _quantiles(values, [0.1, 0.9])
    width = float(high / 2 - low / 2)
    scale = width or abs(median) or 1.0
    rounded_scale = float(f"{scale:.2g}")
    return (rounded_scale or scale), (step_of(width) if width else 0.0)
