"""How far two samples agree on an order of importance, with bounds.

The normalised discounted cumulative gain of the current order, with the reference's shares as gains (Jarvelin and
Kekalainen 2002, ACM Transactions on Information Systems 20, 422-446): 1 where both order alike; what counts little
moves it little. And Spearman's correlation of the ranks (1904), in which every column counts the same.

Both jump where two columns change places, so that no variance can be linearised. Shares are drawn anew, normal around
what was seen with the covariance of their units. A bound lies as far from what was seen as that quantile of the draws
which is farther, on either side: a column that may well have changed places counts in full, where a multiple of a
standard deviation would miss it. At levels that the draws cannot show their noise is made larger instead.

Noise alone lowers an agreement, of columns that count about the same without end. So no upper bound lies below what
the best order gives in which each column keeps to the ranks that it may have, all of them at once (Bonferroni over the
pairs, as in `ranks`).

The bounds are no theorem. In studies/explanations.py the upper one errs no more often than it says, but for chance, in
every world; the lower one about as often as it says, and several times as often at a level of 0.001, where a column
that counts much has all but tied with one that counts little, and less often elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.special import stdtrit
from scipy.stats import rankdata

from pytest_mlquality.statistics.clusters import clusters
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.pivot import checked

Floats = NDArray[np.float64]

DRAWS = 2_000
# Where columns that change places give about the truth, half of the draws in which they do still lie short of it, and
# more where others change places too.
PART_OF_LEVEL = 1 / 3
ROUNDING = 1e-12
# Below this level the noise is made larger, as t quantiles are, and the quantile of the draws is that of this level.
LAST_LEVEL_OF_DRAWS = 0.005


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

    def ranks(self, far: float) -> tuple[Floats, Floats]:
        """Return the first and last rank of each column, 1 for the largest, where those far apart are in order.

        Parameters
        ----------
        far
            Standard errors of a difference.
        """
        products = self.contributions.T @ self.contributions
        variances = np.diag(products)
        error = np.sqrt(np.maximum(variances[:, None] + variances - 2 * products, 0.0))
        # A difference by which the one of the column is the smaller.
        difference = self.value - self.value[:, None]
        surely_above = (difference > far * error) & (difference > ROUNDING)
        return 1.0 + surely_above.sum(axis=1), len(self.value) - surely_above.sum(axis=0).astype(np.float64)


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
    units = min(len(reference.contributions), len(current.contributions))
    freedom = max(units - 1.0, 1.0)
    first, second = _noise(reference, current, same_units=same_units, freedom=freedom, seed=seed)
    value = float(function(reference.value, current.value))
    best = _most_ndcg if name == "ndcg" else _most_spearman

    @cache
    def drawn(times: float) -> Floats:
        """Return what draws give, smallest first, where their noise is some times as large."""
        return np.sort(function(reference.value + times * first, current.value + times * second))

    def away(times: float, level: float) -> float:
        low, high = np.quantile(drawn(times), [level, 1 - level])
        return max(value - float(low), float(high) - value)

    def distance(level: float) -> float:
        part = checked(level) * PART_OF_LEVEL
        shown = max(part, LAST_LEVEL_OF_DRAWS)
        found = away(1.0, shown)
        if part < shown:
            found = max(found, away(float(stdtrit(freedom, part) / stdtrit(freedom, shown)), shown))
        return found

    def upper(level: float) -> float:
        return min(max(value + distance(level), most(level)), 1.0)

    def most(level: float) -> float:
        pairs = 2 * max(len(reference.value) * (len(reference.value) - 1) / 2, 1)
        far = -float(stdtrit(freedom, level / pairs))
        return best(reference, current, far)

    return Estimate(
        value,
        reference.n + (0 if same_units else current.n),
        f"{DRAWS:,} draws of both orders, t with {freedom:,.0f} degrees of freedom",
        lambda level: max(value - distance(level), least),
        upper,
    )


def _most_ndcg(reference: Shares, current: Shares, far: float) -> float:
    """Return the largest NDCG of an order in which no column has a rank that it surely has not."""
    first, last = current.ranks(far)
    rank = np.arange(1, len(first) + 1)
    gains = np.maximum(reference.value, 0.0)
    discount = 1 / np.log2(rank + 1)
    gain = np.where((rank >= first[:, None]) & (rank <= last[:, None]), gains[:, None] * discount, -1e9)
    best = float((-np.sort(-gains) * discount).sum())
    return float(gain[linear_sum_assignment(gain, maximize=True)].sum()) / best if best > 0 else 1.0


def _most_spearman(reference: Shares, current: Shares, far: float) -> float:
    """Return a correlation of the ranks that none exceeds where no column has a rank that it surely has not."""
    (first, last), (other_first, other_last) = reference.ranks(far), current.ranks(far)
    apart = np.maximum(np.maximum(first - other_last, other_first - last), 0.0)
    columns = len(first)
    return 1 - 6 * float((apart**2).sum()) / (columns * (columns**2 - 1)) if columns > 1 else 1.0


def _noise(reference: Shares, current: Shares, *, same_units: bool, freedom: float, seed: int) -> tuple[Floats, Floats]:
    """Return errors as both could have had them, each of shape (draws, columns)."""
    random = np.random.default_rng(seed)
    columns = len(reference.value)
    scale = np.sqrt(freedom / random.chisquare(freedom, size=(DRAWS, 1)))
    if same_units:
        both = scale * _normal(np.hstack([reference.contributions, current.contributions]), random)
        return both[:, :columns], both[:, columns:]
    return scale * _normal(reference.contributions, random), scale * _normal(current.contributions, random)


def _normal(contributions: Floats, random: np.random.Generator) -> Floats:
    """Return normal draws whose covariance is that of sums of contributions."""
    root = np.linalg.qr(contributions, mode="r")
    return np.asarray(random.normal(size=(DRAWS, len(root))) @ root)
