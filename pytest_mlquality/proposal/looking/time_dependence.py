"""Whether rows of neighbouring days are alike: then rows are not independent, and neither are days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pytest_mlquality.data.faults import explained
from pytest_mlquality.data.kinds import NUMBERS, is_time, kind_of
from pytest_mlquality.statistics.serial_dependence import serial_dependence

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.data import Table

MOST_COLUMNS = 50
# Of all columns together, how often chance alone proposes blocks.
CHANCE = 0.001
# Days of a block, as multiples of the days in a row that tell as much as one.
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
    """Return how far the days of a table are alike, in the numbers among some columns; None where none are."""
    types = table.expression.schema()
    numbers = [name for name in names if kind_of(types[name]) in NUMBERS][:MOST_COLUMNS]
    if not numbers or not is_time(types[time]):
        return None
    days = _days(table, time, numbers)
    found: dict[str, tuple[float, float]] = {}
    for place, name in enumerate(numbers):
        known = days[np.isfinite(days[f"mean{place}"])]
        if (alike := serial_dependence(known[f"mean{place}"].to_numpy(), CHANCE / len(numbers))) is not None:
            # Between days that have rows there may be others, as between the first days of months.
            step = float(np.median(np.diff(known["mlq_day"].to_numpy("datetime64[D]")).astype(float)))
            found[name] = alike.autocorrelation, alike.inflation * step
    if not found:
        return None
    # What days depend on for longest decides how long blocks are.
    longest = max(length for _, length in found.values())
    block = next((name for name, length in LENGTHS.items() if length >= TIMES_FORGOTTEN * longest), "1 year")
    column = max(found, key=lambda name: found[name][0])
    return Dependence(column, found[column][0], len(days), block)


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
