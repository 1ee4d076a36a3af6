"""Rows of attributions whose shares are known: what a column has of each row, and how far a row's answer is moved."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.column_importance import Importance
from pytest_mlquality.statistics.rank_agreement import ndcg

Floats = NDArray[np.float64]

SHAPES = ("equal", "one dominant", "geometric decay", "near ties")
# Each column's share in geometric decay is so many times that of the one before.
DECAY = 0.7
# How little the shares of a row vary: below 1 nearly all of a row is one column's.
USUAL, HEAVY_TAILED = 4.0, 0.5


def shares(shape: str, columns: int) -> Floats:
    """Return true shares, largest first: one of `SHAPES`."""
    size = np.ones(columns)
    if shape == "one dominant":
        size[0] = columns - 1.0
    elif shape == "geometric decay":
        size = DECAY ** np.arange(columns)
    elif shape == "near ties":
        size = np.array([1.0, 1.0, *np.repeat(0.5, columns // 2), *np.repeat(0.1, columns)])[:columns]
        size = size - 1e-4 * np.arange(columns)
    return np.asarray(size / size.sum())


def rows(share: Floats, n: int, draw: np.random.Generator, *, heavy: bool = False, dependent: bool = True) -> Importance:
    """Return the explanation of n rows; how far each is moved is log-normal, and nothing that shares depend on."""
    weight = draw.lognormal(0.0, 1.0 if heavy else 0.5, n)
    return importance(parts(share, n, draw, heavy=heavy), weight)


def parts(share: Floats, n: int, draw: np.random.Generator, *, heavy: bool = False) -> Floats:
    """Return Dirichlet parts of rows, shape (n, columns); some columns have none of a row."""
    sizes = draw.standard_gamma(share * (HEAVY_TAILED if heavy else USUAL) * 1.0, (n, len(share))) + 1e-300
    return np.asarray(sizes / sizes.sum(axis=1, keepdims=True))


def importance(parts: Floats, weight: Floats) -> Importance:
    """Return an explanation of rows with known parts."""
    names = tuple(f"column{place}" for place in range(parts.shape[1]))
    return Importance(names, np.clip(parts, 0, 1), weight, (0.0, 1.0), None, "drawn")


@cache
def reordered(columns: int, agreed: float) -> tuple[int, ...]:
    """Return the order of columns in geometric decay whose NDCG is next to a number."""
    share = shares("geometric decay", columns)
    orders = np.random.default_rng(2026).permuted(np.tile(np.arange(columns), (20_000, 1)), axis=1)
    found = ndcg(np.broadcast_to(share, orders.shape), share[orders])
    return tuple(map(int, orders[np.argmin(np.abs(found - agreed))]))
