"""How much every column counts for a model's answers, row by row, whatever says so."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.statistics.rank_agreement import Shares

if TYPE_CHECKING:
    from pytest_mlquality.adapters.explainers import Attributions
    from pytest_mlquality.statistics.scale import Support

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Importance:
    """What each column has of everything that moves the answers.

    A column's share is the weighted mean of `parts`, so that it has the bounds of a mean.

    Parameters
    ----------
    parts
        Shape (n, columns). Of attributions each row's own shares, which add up to 1.
    weight
        By how much each row's answer is moved at all, times the weight of the row, shape (n,).
    support
        Ends of the range in which parts can lie.
    unit
        What is independent, shape (n,). None: every row.
    method
        How it was obtained, in the field's words.
    attributions
        What it was made of; None where it was made of losses.
    """

    columns: tuple[str, ...]
    parts: Floats
    weight: Floats
    support: Support
    unit: NDArray[Any] | None
    method: str
    attributions: Attributions | None = None

    @classmethod
    def of_attributions(cls, found: Attributions, *, unit: NDArray[Any] | None, weight: Floats | None) -> Importance:
        """Take the mean of absolute attributions, over several outputs their sum, as importance."""
        size = np.abs(found.values).sum(axis=2)
        total = size.sum(axis=1)
        parts = np.divide(size, total[:, None], out=np.zeros_like(size), where=total[:, None] > 0)
        weights = total if weight is None else total * weight
        return cls(found.columns, np.clip(parts, 0, 1), weights, (0.0, 1.0), unit, found.method, found)

    @classmethod
    def of_increases(
        cls,
        columns: tuple[str, ...],
        increases: Floats,
        *,
        unit: NDArray[Any] | None,
        weight: Floats | None,
        method: str,
    ) -> Importance:
        """Take by how much a loss increases without a column as importance; of single rows it may fall.

        Parts are then shares with the linearised error of the row, as a ratio of means has it.

        Parameters
        ----------
        increases
            Shape (n, columns).
        """
        weights = np.ones(len(increases)) if weight is None else weight
        mean = np.average(increases, axis=0, weights=weights)
        whole = float(mean.sum())
        if not whole > 0:
            return cls(columns, np.zeros_like(increases), np.zeros(len(increases)), (-inf, inf), unit, method)
        share = mean / whole
        parts = share + (increases - share * increases.sum(axis=1, keepdims=True)) / whole
        return cls(columns, parts, weights, (-inf, inf), unit, method)

    @property
    def moves(self) -> bool:
        """Whether any answer moves with any column."""
        return bool(self.weight.any())

    @property
    def shares(self) -> Shares:
        """The shares of all columns, for comparing orders."""
        return Shares.of(self.parts, unit=self.unit, weight=self.weight)

    def place(self, column: str) -> int | None:
        """Return the place of a column; None where the model does not see it."""
        return self.columns.index(column) if column in self.columns else None

    def over(self, columns: tuple[str, ...]) -> Importance:
        """Return the same over other columns; of one that is new to it nothing depends on it."""
        parts = np.zeros((len(self.parts), len(columns)))
        for place, name in enumerate(columns):
            if (known := self.place(name)) is not None:
                parts[:, place] = self.parts[:, known]
        return Importance(columns, parts, self.weight, self.support, self.unit, self.method)
