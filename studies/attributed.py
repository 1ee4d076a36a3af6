"""Rows of attributions whose shares are known: what a column has of each row, and how far a row's answer is moved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measures.column_importance import Importance
from pytest_mlquality.statistics.rank_agreement import ndcg

Floats = NDArray[np.float64]

# Each column's share in geometric decay is so many times that of the one before.
DECAY = 0.7
# How little the shares of a row vary: below 1 nearly all of a row is one column's. How much rows differ in weight.
USUAL, HEAVY_TAILED = (4.0, 0.5), (0.5, 1.0)


def shares(shape: str, columns: int) -> Floats:
    """Return true shares, largest first."""
    size: Floats = np.ones(columns)
    if shape == "one dominant":
        size[0] = columns - 1.0
    elif shape == "geometric decay":
        size = np.asarray(DECAY ** np.arange(columns), dtype=np.float64)
    elif shape == "near ties":
        steps = np.array([1.0, 1.0, *np.repeat(0.5, columns // 2), *np.repeat(0.1, columns)])
        size = steps[:columns] - 1e-4 * np.arange(columns)
    return np.asarray(size / size.sum())


@dataclass(frozen=True, slots=True)
class World:
    """True shares of a reference and of what is compared with it."""

    reference: Floats
    current: Floats

    @classmethod
    def alike(cls, shape: str, columns: int) -> World:
        """Return two whose shares are the same."""
        return cls(shares(shape, columns), shares(shape, columns))

    @classmethod
    def reordered(cls, columns: int, agreed: float) -> World:
        """Return geometric decay in two orders, whose NDCG is next to a number."""
        share = shares("geometric decay", columns)
        return cls(share, share[list(_order(columns, agreed))])

    @classmethod
    def tied(cls, columns: int, above: float) -> World:
        """Return geometric decay, whose first and last have come so near each other that either may seem larger.

        Parameters
        ----------
        above
            By how much the first is still above the last, or, where negative, below.
        """
        share = shares("geometric decay", columns)
        current = share.copy()
        current[[0, -1]] = (share[0] + share[-1]) / 2 + np.array([above, -above]) / 2
        return cls(share, current)

    def drawn(
        self, rows: tuple[int, int], draw: np.random.Generator, *, heavy: bool, same_rows: bool
    ) -> tuple[Importance, Importance]:
        """Return explanations of two samples; of the same rows, which weigh the same, half of each part is shared."""
        if not same_rows:
            return explained(self.reference, rows[0], draw, heavy=heavy), explained(
                self.current, rows[1], draw, heavy=heavy
            )
        first, second = (_parts(share, rows[1], draw, heavy=heavy) for share in (self.reference, self.current))
        if np.array_equal(self.reference, self.current):
            second = (first + second) / 2
        weight = _weights(rows[1], draw, heavy=heavy)
        return _importance(first, weight), _importance(second, weight)


def explained(share: Floats, rows: int, draw: np.random.Generator, *, heavy: bool) -> Importance:
    """Return the explanation of rows, which weigh what they do whatever their parts."""
    return _importance(_parts(share, rows, draw, heavy=heavy), _weights(rows, draw, heavy=heavy))


def _parts(share: Floats, rows: int, draw: np.random.Generator, *, heavy: bool) -> Floats:
    concentration = (HEAVY_TAILED if heavy else USUAL)[0]
    sizes = draw.standard_gamma(share * concentration, (rows, len(share))) + 1e-300
    return np.asarray(sizes / sizes.sum(axis=1, keepdims=True))


def _weights(rows: int, draw: np.random.Generator, *, heavy: bool) -> Floats:
    return draw.lognormal(0.0, (HEAVY_TAILED if heavy else USUAL)[1], rows)


def _importance(parts: Floats, weight: Floats) -> Importance:
    names = tuple(f"column{place}" for place in range(parts.shape[1]))
    return Importance(names, np.clip(parts, 0, 1), weight, (0.0, 1.0), None, "drawn")


@cache
def _order(columns: int, agreed: float) -> tuple[int, ...]:
    share = shares("geometric decay", columns)
    orders = np.random.default_rng(2026).permuted(np.tile(np.arange(columns), (20_000, 1)), axis=1)
    found = ndcg(np.broadcast_to(share, orders.shape), share[orders])
    return tuple(map(int, orders[np.argmin(np.abs(found - agreed))]))
