"""Rows, and the units within which they depend on each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Clusters:
    """Which unit each row belongs to, and what each row weighs.

    Parameters
    ----------
    code
        Number of the unit of each row, from 0 to ``units - 1``, shape (n,).
    weight
        Weight of each row, shape (n,).
    units
        Number of units.
    plain
        Whether every row is a unit of its own and all weigh the same, so that exact methods apply.
    """

    code: NDArray[np.intp]
    weight: Floats
    units: int
    plain: bool

    @property
    def rows_are_units(self) -> bool:
        """Whether no unit has a second row."""
        return self.units == len(self.code)

    def totals(self, values: Floats) -> Floats:
        """Return the sum of `values` over the rows of each unit, shape (units,)."""
        return np.bincount(self.code, weights=values, minlength=self.units).astype(np.float64)

    @property
    def effective_n(self) -> float:
        """Kish's effective sample size of the weights: rows of equal weight that would be worth as much."""
        return float(self.weight.sum() ** 2 / (self.weight**2).sum())

    def describe(self) -> str:
        """Return what is special about the rows, for the name of a method: units, weights, or nothing."""
        parts = [] if self.rows_are_units else [f"{self.units:,} units"]
        if np.ptp(self.weight) > 0:
            parts.append(f"weighted, effective n {self.effective_n:,.0f}")
        return "".join(f", {part}" for part in parts)


def clusters(n: int, unit: NDArray[Any] | None, weight: Floats | None) -> Clusters:
    """Number the units of `n` rows.

    Raises
    ------
    ValueError
        When lengths differ, or a weight is negative, not finite, or all are zero.
    """
    code, units = np.arange(n), n
    if unit is not None:
        _same_length("unit", unit, n)
        found, units = _codes(unit)
        # Rows that are units keep their own order, so that bounds that deal units at random are those without units.
        code = found if units < n else code
    weights = np.ones(n)
    if weight is not None:
        _same_length("weight", weight, n)
        weights = np.asarray(weight, dtype=np.float64)
        if n and not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
            raise ValueError("weights must be finite, not negative, and not all zero")
    plain = units == n and (n == 0 or bool(np.ptp(weights) == 0))
    return Clusters(code, weights, units, plain)


def _codes(unit: NDArray[Any]) -> tuple[NDArray[np.intp], int]:
    if unit.dtype != object:
        names, code = np.unique(unit, return_inverse=True)
        return code.astype(np.intp), len(names)
    # Objects need not be orderable (a key column with missing values): hashable is enough.
    numbers: dict[Any, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in unit], dtype=np.intp), len(numbers)


def _same_length(name: str, array: NDArray[Any], n: int) -> None:
    if len(array) != n:
        raise ValueError(f"{name} has {len(array):,} entries for {n:,} rows")
