"""Conditions on one column that a slice may consist of: in the words of people, and as a choice of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

# Numbers with at most so many different values are tried one by one too, as labels are.
MOST_LEVELS = 20
# More labels in one condition are no words that anyone remembers.
MOST_LABELS = 6
# Into so many parts of equal size the other numbers are cut; intervals begin and end with every second one.
PARTS = 20
# A cut is rounded to so many digits, and to more where it would move by a larger part of the way to its neighbour.
DIGITS, MOVED = 4, 0.05


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers from `low` on and below `high`; None: no end on that side."""

    column: str
    low: float | None
    high: float | None

    def __str__(self) -> str:
        if self.low is None:
            return f"{self.column} < {_text(self.high)}"
        if self.high is None:
            return f"{self.column} >= {_text(self.low)}"
        return f"{_text(self.low)} <= {self.column} < {_text(self.high)}"

    def holds(self, values: pd.Series) -> Flags:
        """Return for which values it holds; a missing one is in no interval."""
        numbers = as_numbers(values)
        held = ~np.isnan(numbers)
        if self.low is not None:
            held &= numbers >= self.low
        if self.high is not None:
            held &= numbers < self.high
        return held


@dataclass(frozen=True, slots=True)
class Among:
    """One of some labels."""

    column: str
    labels: tuple[Any, ...]

    def __str__(self) -> str:
        named = ", ".join(map(str, self.labels))
        return f"{self.column} = {named}" if len(self.labels) == 1 else f"{self.column} in {{{named}}}"

    def holds(self, values: pd.Series) -> Flags:
        """Return for which values it holds."""
        return values.isin(self.labels).to_numpy(dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Missing:
    """No value."""

    column: str

    def __str__(self) -> str:
        return f"{self.column} is missing"

    def holds(self, values: pd.Series) -> Flags:
        """Return for which values it holds."""
        return values.isna().to_numpy(dtype=np.bool_)


Condition = Interval | Among | Missing


def is_number(values: pd.Series) -> bool:
    """Return whether a column holds numbers; truths are labels."""
    from pandas.api import types

    return bool(types.is_numeric_dtype(values.dtype) and not types.is_bool_dtype(values.dtype))


def as_numbers(values: pd.Series) -> Floats:
    """Return a column of numbers, a missing one as NaN."""
    return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))


def conditions(values: pd.Series, loss: Floats, weight: Floats, least_rows: int) -> list[Condition]:
    """Return the conditions on a column.

    Parameters
    ----------
    values
        The column, named, shape (n,).
    loss, weight
        Of each row, shape (n,): labels are put together in the order of their mean loss.
    least_rows
        Labels of fewer rows are not tried alone.
    """
    return [*_missing(values), *_intervals(values), *_labels(values, loss, weight, least_rows)]


def _missing(values: pd.Series) -> Iterator[Condition]:
    if values.isna().any():
        yield Missing(str(values.name))


def _intervals(values: pd.Series) -> Iterator[Condition]:
    if not is_number(values):
        return
    name, edges = str(values.name), edges_of(values)
    for edge in edges:
        yield Interval(name, None, edge)
        yield Interval(name, edge, None)
    for low, high in combinations(edges[1::2] if len(edges) > MOST_LEVELS // 2 else edges, 2):
        yield Interval(name, low, high)


def edges_of(values: pd.Series) -> list[float]:
    """Return where a column of numbers is cut, in order; nowhere if all are missing."""
    numbers = as_numbers(values)
    known = numbers[~np.isnan(numbers)]
    return cuts(known, PARTS) if len(known) else []


def cuts(known: Floats, parts: int) -> list[float]:
    """Return where numbers are cut into parts of about equal size: round numbers, so that words say them whole.

    A cut has as many digits as tell it from its neighbours, however small their distance is beside their size.
    """
    quantiles = np.quantile(known, np.linspace(0, 1, parts + 1)[1:-1], method="nearest")
    marks = np.unique([known.min(), *quantiles, known.max()])
    gaps = np.diff(marks, prepend=-np.inf, append=np.inf)
    nearest = dict(zip(marks.tolist(), np.minimum(gaps[:-1], gaps[1:]).tolist(), strict=True))
    least = float(known.min())
    rounded = {_rounded(quantile, MOVED * nearest[quantile], quantile - least) for quantile in quantiles.tolist()}
    return sorted(cut for cut in rounded if known.min() < cut <= known.max())


def _rounded(number: float, reach: float, above: float) -> float:
    """Return a number of four digits if they move it no further than `reach`, else of as many as it takes.

    Those are as exact as four digits of what the number is `above` the least one.
    """
    short = float(f"{number:.{DIGITS}g}")
    if abs(short - number) <= reach:
        return short
    exact = above * 10.0**-DIGITS / 2
    some = (float(f"{number:.{digits}g}") for digits in range(DIGITS + 1, 17))
    return next((one for one in some if abs(one - number) <= exact), number)


def _text(number: float | None) -> str:
    short = f"{number:.10g}"
    if number is None or float(short) == number:
        return short
    return f"{number:.0f}" if number.is_integer() and abs(number) < 1e16 else repr(number)


def _labels(values: pd.Series, loss: Floats, weight: Floats, least_rows: int) -> Iterator[Condition]:
    import pandas as pd

    place, labels = pd.factorize(values)
    if is_number(values) and len(labels) > MOST_LEVELS:
        return
    known = place >= 0
    rows = np.bincount(place[known], minlength=len(labels))
    weighed = np.bincount(place[known], weights=weight[known], minlength=len(labels))
    lost = np.bincount(place[known], weights=(loss * weight)[known], minlength=len(labels))
    mean = np.divide(lost, weighed, out=np.zeros(len(labels)), where=weighed > 0)
    # A label in few rows is named by nobody. In order: which of two equal ones is first is not for the rows to decide.
    some = in_order((plain(labels[one]), one) for one in np.flatnonzero(rows >= min(least_rows, 10)).tolist())
    for label, one in some:
        if rows[one] >= least_rows:
            yield Among(str(values.name), (label,))
    worst = [label for label, _ in sorted(some, key=lambda pair: -mean[pair[1]])]
    for size in range(2, min(len(worst) - 1, MOST_LABELS) + 1):
        yield Among(str(values.name), tuple(in_order(worst[:size])))


def plain(label: Any) -> Any:  # noqa: ANN401 - a label of any type
    """Return a label as people write it: whole numbers are floats where values are missing."""
    one = label.item() if isinstance(label, np.generic) else label
    return int(one) if isinstance(one, float) and one.is_integer() else one


def in_order(labels: Iterable[Any]) -> list[Any]:
    """Return labels sorted, as text where they do not compare."""
    some = list(labels)
    try:
        return sorted(some)
    except TypeError:
        return sorted(some, key=str)
