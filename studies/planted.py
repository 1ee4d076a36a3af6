"""Rows in which somebody hid a weak slice, or nobody did: what a search for weak slices is tried on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

Flags = np.ndarray[Any, np.dtype[np.bool_]]

SEED = 2027
ROWS, ACCURACY, LOWER = 20_000, 0.85, 0.15
HIDDEN = ("nothing", "two columns", "two labels", "two numbers", "one label")
# How strongly columns that depend on each other, as those of people do, depend on the one cause that they share.
COMMON = 0.75


@dataclass(frozen=True, slots=True, eq=False)
class Planted:
    """Rows and a model's answers, of which 85% are right, and 70% in the hidden rows.

    Parameters
    ----------
    weak
        Whether a row is hidden, shape (n,).
    truth, decision
        Labels of each row, the true one and the model's: 0 or 1, shape (n,).
    """

    rows: pd.DataFrame
    weak: Flags
    truth: np.ndarray[Any, Any]
    decision: np.ndarray[Any, Any]


def planted(hidden: str, run: int, *, dependent: bool = False) -> Planted:
    """Draw rows and hide a slice.

    Parameters
    ----------
    hidden
        What it is hidden in: one of `HIDDEN`.
    run
        Others are drawn in each.
    dependent
        Whether the columns depend on each other.
    """
    draw = np.random.default_rng([SEED, HIDDEN.index(hidden), dependent, run])
    rows = columns(draw, ROWS, dependent=dependent)
    weak = _weak(rows, hidden, dependent)
    truth = draw.integers(0, 2, ROWS)
    right = draw.random(ROWS) < np.where(weak, ACCURACY - LOWER, ACCURACY)
    return Planted(rows, weak, truth, np.where(right, truth, 1 - truth))


def columns(draw: np.random.Generator, n: int, *, dependent: bool = False) -> pd.DataFrame:
    """Return six columns of numbers, an age and four of labels, of so many rows."""
    cause = draw.normal(size=n)

    def normal() -> np.ndarray[Any, Any]:
        own = draw.normal(size=n)
        return COMMON * cause + np.sqrt(1 - COMMON**2) * own if dependent else own

    rows = pd.DataFrame({f"n{place}": normal() for place in range(6)})
    rows["age"] = (17 + 73 * ndtr(normal())).astype(int)
    for place, levels in enumerate((2, 5, 9, 20)):
        rows[f"t{place}"] = (levels * ndtr(normal())).astype(int).astype(str)
    return rows


def _weak(rows: pd.DataFrame, hidden: str, dependent: bool) -> Flags:
    """Return which rows are hidden: about 2% of them, of one label a ninth."""
    return {
        "nothing": np.zeros(len(rows), dtype=bool),
        "two columns": np.asarray((rows.age >= 61) & (rows.t3 == ("11" if dependent else "7"))),
        "two labels": np.asarray((rows.t2 == "3") & (rows.t1 == "1")),
        "one label": np.asarray(rows.t2 == "3"),
        "two numbers": np.asarray((rows.n0 > 1.08) & (rows.n1 < -1.08)),
    }[hidden]


def is_hidden(held: Flags, weak: Flags) -> bool:
    """Return whether a slice is half of the hidden one or more, and mostly that."""
    both = (held & weak).sum()
    return bool(weak.any() and both >= 0.5 * weak.sum() and both >= 0.5 * held.sum())
