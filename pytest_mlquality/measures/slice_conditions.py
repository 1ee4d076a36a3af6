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
        held = values.notna()
        if self.low is not None:
            held &= values >= self.low
        if self.high is not None:
            held &= values < self.high
        return held.to_numpy(dtype=np.bool_)


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


def conditions(values: pd.Series, loss: Floats, least_rows: int) -> list[Condition]:
    """Return the conditions on a column that leave at least so many rows in and out.

    Parameters
    ----------
    values
        The column, named, shape (n,).
    loss
        Of each row, shape (n,): labels are put together in the order of their mean loss.
    """
    found = [*_missing(values), *_intervals(values), *_labels(values, loss, least_rows)]
    return [some for some in found if least_rows <= int(some.holds(values).sum()) <= len(values) - least_rows]


def _missing(values: pd.Series) -> Iterator[Condition]:
    if values.isna().any():
        yield Missing(str(values.name))


def _intervals(values: pd.Series) -> Iterator[Condition]:
    if not is_number(values):
        return
    known = values.dropna().to_numpy(dtype=np.float64)
    if not len(known):
        return
    name, edges = str(values.name), cuts(known, PARTS)
    for edge in edges:
        yield Interval(name, None, edge)
        yield Interval(name, edge, None)
    for low, high in combinations(edges[1::2] if len(edges) > MOST_LEVELS // 2 else edges, 2):
        yield Interval(name, low, high)


def cuts(known: Floats, parts: int) -> list[float]:
    """Return where numbers are cut into parts of about equal size: round numbers, so that words say them whole."""
    quantiles = np.quantile(known, np.linspace(0, 1, parts + 1)[1:-1], method="nearest")
    return sorted(
        {cut for cut in (float(f"{quantile:.4g}") for quantile in quantiles) if known.min() < cut <= known.max()}
    )


def _text(number: float | None) -> str:
    return f"{number:.10g}"


def _labels(values: pd.Series, loss: Floats, least_rows: int) -> Iterator[Condition]:
    import pandas as pd

    place, labels = pd.factorize(values)
    if is_number(values) and len(labels) > MOST_LEVELS:
        return
    known = place >= 0
    rows = np.bincount(place[known], minlength=len(labels))
    often = np.flatnonzero(rows >= least_rows)
    for one in often.tolist():
        yield Among(str(values.name), (plain(labels[one]),))
    mean = np.bincount(place[known], weights=loss[known], minlength=len(labels)) / np.maximum(rows, 1)
    # A label in few rows is named by nobody.
    worst = [one for one in np.argsort(-mean, kind="stable").tolist() if rows[one] >= min(least_rows, 10)]
    for size in range(2, min(len(worst) - 1, MOST_LABELS) + 1):
        yield Among(str(values.name), tuple(in_order(plain(labels[one]) for one in worst[:size])))


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
