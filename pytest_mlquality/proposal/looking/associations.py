"""Which columns go together, seen on a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from pytest_mlquality.data.kinds import NUMBERS
from pytest_mlquality.measures.associations import cramers_v
from pytest_mlquality.proposal.looking.seen import Column

if TYPE_CHECKING:
    import pandas as pd

MOST_COLUMNS = 40
MOST_PAIRS = 20
MOST_LEVELS = 30
LEAST_SHOWN = 0.1


@dataclass(frozen=True, slots=True)
class Pair:
    """Two columns and how strongly they go together, from -1 or 0 to 1."""

    one: str
    other: str
    strength: float


def correlations(columns: Sequence[Column], frame: pd.DataFrame) -> list[Pair]:
    """Return the strongest rank correlations (Spearman 1904) of columns of numbers."""
    names = [c.name for c in columns if c.kind in NUMBERS and c.name in frame][:MOST_COLUMNS]
    numbers = frame[names].astype(float)
    varied = [name for name in names if numbers[name].nunique() > 1]
    strength = numbers[varied].rank().corr().to_numpy()
    places = combinations(range(len(varied)), 2)
    return _strongest([Pair(varied[a], varied[b], float(strength[a, b])) for a, b in places])


def dependences(columns: Sequence[Column], frame: pd.DataFrame) -> list[Pair]:
    """Return the strongest of Cramér's V of columns with few values."""
    import pandas as pd

    names = [c.name for c in columns if c.name in frame and 1 < frame[c.name].nunique() <= MOST_LEVELS][:MOST_COLUMNS]
    codes = {name: pd.factorize(frame[name])[0] for name in names}
    return _strongest([Pair(a, b, cramers_v(codes[a], codes[b])) for a, b in combinations(names, 2)])


def _strongest(pairs: list[Pair]) -> list[Pair]:
    shown = [pair for pair in pairs if abs(pair.strength) >= LEAST_SHOWN]  # NaN is not
    return sorted(shown, key=lambda pair: -abs(pair.strength))[:MOST_PAIRS]
