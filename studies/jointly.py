"""Two sides of rows whose columns depend on each other, alike or with a fault that no column shows by itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import rankdata

LEVELS = (3, 5, 8, 12, 30, 100, 300, 1_000)
FAULTS = ("nothing", "shuffled", "swapped", "label shuffled")
MONTH = 30 * 86_400


def wide(rows: int, correlation: float, draw: np.random.Generator) -> pd.DataFrame:
    """Return 30 columns: 20 numbers (12 of them correlated in groups of three), 8 labels, a time, a bool.

    The label of 8 levels goes with the first number of all; labels are as frequent as Zipf's law has it.
    """
    columns: dict[str, object] = {}
    for group in range(4):
        cause = draw.normal(size=rows)
        for place in range(3):
            noise = draw.normal(size=rows)
            columns[f"n{3 * group + place}"] = np.sqrt(correlation) * cause + np.sqrt(1 - correlation) * noise
    columns |= {f"n{place}": draw.normal(size=rows) for place in range(12, 18)}
    columns["n18"] = draw.lognormal(size=rows)
    columns["n19"] = np.where(draw.random(rows) < 0.1, np.nan, draw.normal(size=rows))
    for levels in LEVELS:
        columns[f"l{levels}"] = _labels(draw.random(rows), levels)
    beside = np.sqrt(correlation) * np.asarray(columns["n0"]) + np.sqrt(1 - correlation) * draw.normal(size=rows)
    columns["l8"] = _labels((rankdata(beside) - 0.5) / rows, 8)
    columns["time"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(draw.integers(0, MONTH, rows), unit="s")
    columns["flag"] = draw.random(rows) < 0.3
    return pd.DataFrame(columns)


def narrow(rows: int, draw: np.random.Generator) -> pd.DataFrame:
    """Return six columns, fast to learn from: correlated numbers, one with missing values, two labels."""
    cause = draw.normal(size=rows)
    return pd.DataFrame(
        {
            "a": cause + draw.normal(size=rows),
            "b": cause + draw.normal(size=rows),
            "c": np.where(draw.random(rows) < 0.2, np.nan, draw.exponential(size=rows)),
            "d": draw.integers(0, 4, rows),
            "e": _labels(draw.random(rows), 5),
            "f": _labels(draw.random(rows), 30),
        }
    )


def faulty(rows: pd.DataFrame, fault: str, draw: np.random.Generator) -> pd.DataFrame:
    """Return rows with one of `FAULTS`: each column by itself is distributed as before."""
    if fault == "shuffled":
        return rows.assign(n3=draw.permutation(rows["n3"].to_numpy()))
    if fault == "label shuffled":
        return rows.assign(l8=draw.permutation(rows["l8"].to_numpy()))
    if fault == "swapped":
        return rows.assign(n3=rows["n6"], n6=rows["n3"])
    return rows


def _labels(place: np.ndarray[tuple[int], np.dtype[np.float64]], levels: int) -> object:
    ends = np.cumsum(1 / np.arange(1, levels + 1))
    return np.array([f"v{level}" for level in range(levels)], dtype=object)[np.searchsorted(ends / ends[-1], place)]
