"""Whether rows of neighbouring days are alike: then rows are not independent, and neither are days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from pytest_mlquality.data.faults import explained
from pytest_mlquality.data.kinds import NUMBERS, is_time, kind_of

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.data import Table

Floats = NDArray[np.float64]

# Fewer days say nothing of how days follow each other.
LEAST_DAYS = 30
MOST_COLUMNS = 50
# Of all columns together, how often chance alone proposes blocks.
CHANCE = 0.001
# Days of a block, as multiples of the time after which a column has forgotten a day.
TIMES_FORGOTTEN = 2
LENGTHS = {"1 week": 7, "2 weeks": 14, "1 month": 30, "3 months": 91, "1 year": 365}


@dataclass(frozen=True, slots=True)
class Dependence:
    """How far days are alike.

    Parameters
    ----------
    column, correlation
        The column whose means of neighbouring days go together most, and how closely.
    days
        How many days there are.
    block
        Length of blocks whose rows are hardly alike.
    """

    column: str
    correlation: float
    days: int
    block: str


def dependence(table: Table, time: str, names: list[str]) -> Dependence | None:
    """Return how far the days of a table are alike, in the numbers among some columns; None where none are.

    The autocorrelations of the means of days are summed up to the first that chance explains (as an initial positive
    sequence: Geyer 1992, Statistical Science 7, 473-483).
    """
    types = table.expression.schema()
    numbers = [name for name in names if kind_of(types[name]) in NUMBERS][:MOST_COLUMNS]
    if not numbers or not is_time(types[time]):
        return None
    days = _days(table, time, numbers)
    if len(days) < LEAST_DAYS:
        return None
    least = -float(ndtri(CHANCE / len(numbers))) / np.sqrt(len(days))
    found = {name: _autocorrelations(days[f"mean{place}"].to_numpy()) for place, name in enumerate(numbers)}
    alike = {name: lags for name, lags in found.items() if lags[0] > least}
    if not alike:
        return None
    # What follows a day for longest decides how long blocks are.
    forgotten = max(1 + 2 * _initial(lags, least).sum() for lags in alike.values())
    block = next((name for name, days in LENGTHS.items() if days >= TIMES_FORGOTTEN * forgotten), "1 year")
    column = max(alike, key=lambda name: alike[name][0])
    return Dependence(column, float(alike[column][0]), len(days), block)


def _days(table: Table, time: str, numbers: list[str]) -> pd.DataFrame:
    """Return the means of numbers by day, in order."""
    import ibis

    expression = table.expression
    day = expression[time].cast("date")
    means = {f"mean{place}": expression[name].cast("float64").mean() for place, name in enumerate(numbers)}
    by_day = expression.filter(day.notnull()).group_by(mlq_day=day).aggregate(**means).order_by(ibis._.mlq_day)
    with explained(f"data.{table.name}: the means of days cannot be computed", f"look at the column {time!r}"):
        frame: pd.DataFrame = by_day.to_pandas()
    return frame


def _autocorrelations(means: Floats) -> Floats:
    """Return the correlations of days with those after them, by how many days after, up to a third of the days."""
    values = np.asarray(means, dtype=np.float64)
    known = np.isfinite(values)
    lags = len(values) // 3
    if known.sum() < LEAST_DAYS or not np.ptp(values[known]) > 0:
        return np.zeros(lags)
    apart = np.where(known, values - values[known].mean(), 0.0)
    square = float(apart @ apart)
    return np.array([float(apart[:-lag] @ apart[lag:]) / square for lag in range(1, lags + 1)])


def _initial(lags: Floats, least: float) -> Floats:
    """Return the correlations before the first that chance explains."""
    explained_by_chance = np.flatnonzero(lags <= least)
    return lags[: explained_by_chance[0]] if len(explained_by_chance) else lags
