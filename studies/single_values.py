"""Columns in which a single value gains rows: sentinels, zeros, a clipped sensor, NULL, a rare flag."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from moved_columns import SEED

Draw = np.random.Generator
Values = Callable[[int, Draw], np.ndarray]


def _normal(rows: int, draw: Draw) -> np.ndarray:
    return draw.normal(size=rows)


def _thousands(rows: int, draw: Draw) -> np.ndarray:
    return 1_000 * _normal(rows, draw)


def _ages(rows: int, draw: Draw) -> np.ndarray:
    return draw.integers(18, 95, rows).astype(float)


def _letters(rows: int, draw: Draw) -> np.ndarray:
    return draw.choice(np.array(list("abcdefgh"), dtype=object), rows)


def _flag(share: float) -> Values:
    return lambda rows, draw: draw.random(rows) < share


def _with(values: Values, value: float | str, share: float) -> Values:
    def some(rows: int, draw: Draw) -> np.ndarray:
        found = values(rows, draw)
        found[draw.random(rows) < share] = value
        return found

    return some


# What the reference is drawn from, and what the current rows are.
SINGLE: dict[str, tuple[Values, Values]] = {
    "clipped at the 95th percentile": (_normal, lambda rows, draw: np.minimum(_normal(rows, draw), 1.645)),
    "-999 in 1%, within the range": (
        _thousands, _with(_thousands, -999.0, 0.01),
    ),
    "-999 in 1%, out of the range": (_ages, _with(_ages, -999.0, 0.01)),
    "0 in 5%": (_normal, _with(_normal, 0.0, 0.05)),
    "a new label in 1%": (_letters, _with(_letters, "new", 0.01)),
    "missing 2% -> 6%": (_with(_normal, np.nan, 0.02), _with(_normal, np.nan, 0.06)),
    "missing 0% -> 3%": (_normal, _with(_normal, np.nan, 0.03)),
    "flag 1% -> 2%": (_flag(0.01), _flag(0.02)),
    "flag 5% -> 10%": (_flag(0.05), _flag(0.10)),
    "mean + 0.2 sd": (_normal, lambda rows, draw: _normal(rows, draw) + 0.2),
    "mean + 0.3 sd": (_normal, lambda rows, draw: _normal(rows, draw) + 0.3),
}  # fmt: skip


def moved(fault: str, rows: int, run: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a column as it was and with one of `SINGLE`."""
    draw = np.random.default_rng([SEED, 98, list(SINGLE).index(fault), rows, run])
    reference, current = SINGLE[fault]
    return pd.DataFrame({"column": reference(rows, draw)}), pd.DataFrame({"column": current(rows, draw)})


def with_single(reference: pd.DataFrame, current: pd.DataFrame, run: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both sides with columns in which single values have many rows, of one distribution."""
    draw = np.random.default_rng([SEED, 97, len(reference), run])

    def side(rows: pd.DataFrame) -> pd.DataFrame:
        n = len(rows)
        prices = draw.choice([4.99, 9.99, 19.99, 49.0, 99.0], n, p=[0.1, 0.4, 0.3, 0.1, 0.1])
        return rows.assign(
            age=_ages(n, draw),
            count=draw.geometric(0.3, n),
            price=np.where(draw.random(n) < 0.5, prices, draw.lognormal(3, 1, n).round(2)),
            rounded=_normal(n, draw).round(2),
            zeros=np.where(draw.random(n) < 0.2, 0.0, _normal(n, draw)),
            few=draw.choice([0, 1, 2], n, p=[0.98, 0.015, 0.005]),
            rare=draw.random(n) < 0.01,
            rarer=draw.random(n) < 0.001,
        )

    return side(reference), side(current)
