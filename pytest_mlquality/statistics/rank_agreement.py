"""How far two samples agree on an order of importance, with bounds.

The normalised discounted cumulative gain of the current order, with the reference's shares as gains (Jarvelin and
Kekalainen 2002, ACM Transactions on Information Systems 20, 422-446): 1 where both order alike; what counts little
moves it little. And Spearman's correlation of the ranks (1904), in which every column counts the same.

Both jump where two columns change places, so that no variance can be linearised. Shares are drawn anew, normal around
what was seen with the covariance of their units; the bounds are t bounds of the root mean square distance between what
the draws give and what was seen, which takes in that noise lowers an agreement. studies/explanations.py says how well
they hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit
from scipy.stats import rankdata

from pytest_mlquality.statistics.clusters import clusters
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.pivot import checked

Floats = NDArray[np.float64]

DRAWS = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Shares of several columns in a whole, estimated from units.

    Parameters
    ----------
    value
        Shape (columns,).
    contributions
        What each unit adds to the error of the shares, shape (units, columns).
    n
        Rows that entered.
    """

    value: Floats
    contributions: Floats
    n: int

    @classmethod
    def of(cls, values: Floats, *, unit: NDArray[Any] | None = None, weight: Floats | None = None) -> Shares:
        """Return the weighted means of columns; parameters as in `ranks.rank`."""
        rows = clusters(len(values), unit, weight)
        share = np.average(values, axis=0, weights=rows.weight)
        errors = rows.weight[:, None] * (values - share)
        totals = np.zeros((rows.units, values.shape[1]))
        np.add.at(totals, rows.code, errors)
        widened = np.sqrt(rows.units / max(rows.units - 1, 1))
        return cls(share, totals / rows.weight.sum() * widened, len(values))

    def drawn(self, noise: Floats) -> Floats:
        """Return shares as they could have been seen, shape (draws, columns); `noise` has shape (draws, units)."""
        return self.value + noise @ self.contributions


def ndcg(reference: Floats, current: Floats) -> Floats:
    """Return the gain of the order of `current` with the gains of `reference`, both of shape (..., columns)."""
    gains = np.maximum(reference, 0.0)
    discount = 1 / np.log2(np.arange(gains.shape[-1]) + 2)
    ordered = np.take_along_axis(gains, np.argsort(-current, axis=-1, kind="stable"), axis=-1)
    best = (-np.sort(-gains, axis=-1) * discount).sum(axis=-1)
    found: Floats = np.divide((ordered * discount).sum(axis=-1), best, out=np.ones_like(best), where=best > 0)
    return found


def spearman(reference: Floats, current: Floats) -> Floats:
    """Return the correlation of the ranks, both of shape (..., columns); 1 where there is no order to disagree on."""
    first, second = (rankdata(each, axis=-1) for each in (reference, current))
    first, second = (each - each.mean(axis=-1, keepdims=True) for each in (first, second))
    scale = np.sqrt((first**2).sum(axis=-1) * (second**2).sum(axis=-1))
    found: Floats = np.divide((first * second).sum(axis=-1), scale, out=np.ones_like(scale), where=scale > 0)
    return found


AGREEMENTS: Mapping[str, tuple[Callable[[Floats, Floats], Floats], float]] = {
    "ndcg": (ndcg, 0.0),
    "spearman_correlation": (spearman, -1.0),
}


def agreement(name: str, reference: Shares, current: Shares, *, same_units: bool, seed: int) -> Estimate:
    """Return how far two orders agree: one of `AGREEMENTS`.

    Parameters
    ----------
    same_units
        Whether both were seen on the same units, in the same order.
    """
    function, least = AGREEMENTS[name]
    random = np.random.default_rng(seed)
    noise = random.normal(size=(DRAWS, len(reference.contributions)))
    other = noise if same_units else random.normal(size=(DRAWS, len(current.contributions)))
    value = float(function(reference.value, current.value))
    draws = function(reference.drawn(noise), current.drawn(other))
    away = float(np.sqrt(((draws - value) ** 2).mean()))
    units = min(len(reference.contributions), len(current.contributions))
    freedom = max(units - 1.0, 1.0)

    def bound(level: float, side: float) -> float:
        far = value - side * away * float(stdtrit(freedom, checked(level)))
        return float(np.clip(far, least, 1.0))

    return Estimate(
        value,
        reference.n + (0 if same_units else current.n),
        f"{DRAWS:,} normal draws of both orders, t with {freedom:,.0f} degrees of freedom",
        lambda level: bound(level, -1.0),
        lambda level: bound(level, 1.0),
    )
