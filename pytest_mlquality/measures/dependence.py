"""How a model's answers depend on one column, all else as it is: partial dependence, and whether it goes one way.

Friedman 2001, Annals of Statistics 29, 1189-1232; of single rows Goldstein et al. 2015, Journal of Computational and
Graphical Statistics 24, 44-65.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.adapters.explainers import Question
from pytest_mlquality.data.other_values import with_other_values
from pytest_mlquality.data.profiles.rounding import rounded, step_of
from pytest_mlquality.errors import DataError, ModelError
from pytest_mlquality.measurement import Measurement
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.mean import mean

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Direction = Literal["increasing", "decreasing"]

POINTS = 10
# A value that fewer rows have is nobody's to see.
LEAST_ROWS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Dependence:
    """Answers to the same rows with one value after the other in a column.

    Parameters
    ----------
    points
        The values, rising where they are numbers.
    answers
        Shape (points, n, outputs).
    are_cells
        Whether a point is the value of a single row, and not one that many have: shown rounded, as profiles are.
    """

    points: list[Any]
    answers: Floats
    is_numeric: bool
    are_cells: bool = False

    def details(self, outputs: list[str]) -> dict[str, Any]:
        """Return the mean answer at each value, for the evidence."""
        lines = [
            {"name": name, "y": self.answers[:, :, place].mean(axis=1).tolist()} for place, name in enumerate(outputs)
        ]
        if self.is_numeric:
            numbers = [float(point) for point in self.points]
            return {"x": _rounded(numbers) if self.are_cells else numbers, "lines": lines}
        return {"labels": [str(point) for point in self.points], "lines": lines}


def dependence(question: Question, column: str) -> Dependence | None:
    """Ask for the answers to the question's rows with other values of a column; None where it has fewer than two."""
    rows = question.rows
    places, is_numeric, are_cells = _points(rows[column])
    if len(places) < 2:
        return None
    asked = rows.iloc[np.tile(np.arange(len(rows)), len(places))]
    asked = with_other_values(asked, {column: rows[column].array.take(np.repeat(places, len(rows)))})
    answers = question.answers(asked).reshape(len(places), len(rows), -1)
    return Dependence(rows[column].iloc[places].tolist(), answers, is_numeric, are_cells)


def against_direction(
    question: Question,
    column: str,
    direction: Direction,
    *,
    unit: NDArray[Any] | None,
    weight: Floats | None,
) -> Measurement:
    """Measure which part of the movement of the answers goes against a declared direction as a column rises.

    0 where every row's answer goes the declared way, 1 where all go the other.

    Raises
    ------
    DataError
        If the column holds no numbers.
    ModelError
        If the model does not see it, or has several classes, whose answers have no one direction.
    """
    name = f"against_direction[{column}]"
    if column not in question.columns:
        raise ModelError(f"the model does not see {column!r}, whose direction is declared", "remove it from monotone")
    found = dependence(question, column)
    if found is None:
        return Measurement.of(name, Estimate.undefined(len(question.rows), f"{column} has fewer than two values"))
    if not found.is_numeric:
        raise DataError(
            f"{column!r} holds no numbers, so that it cannot rise", "declare directions of columns of numbers alone"
        )
    if found.answers.shape[2] != 1:
        raise ModelError(
            "a direction is declared, and the model has several classes", "declare it for binary models or regressions"
        )
    steps = np.diff(found.answers[:, :, 0], axis=0) * (1 if direction == "increasing" else -1)
    against, whole = np.maximum(-steps, 0).sum(axis=0), np.abs(steps).sum(axis=0)
    shown = found.details(["mean answer"])
    details = {
        "kind": "curve",
        "title": f"partial dependence on {column}",
        "x_label": column,
        "y_label": question.unit,
        "series": [{**line, "x": shown["x"]} for line in shown["lines"]],
    }
    weights = whole if weight is None else whole * weight
    if not weights.any():
        return Measurement.exact(0.0, name=name, n=len(whole), reason="no answer moves with it", details=details)
    part = np.divide(against, whole, out=np.zeros_like(whole), where=whole > 0)
    estimate = mean(np.clip(part, 0, 1), unit=unit, weight=weights, support=(0.0, 1.0))
    return Measurement.of(name, estimate, unit="share", details=details)


def _rounded(points: list[float]) -> list[float]:
    """Return rising numbers with the digits that tell them from those two places away."""
    last = len(points) - 1
    gaps = [(points[min(max(i, 1) + 1, last)] - points[max(min(i, last - 1) - 1, 0)]) / 2 for i in range(last + 1)]
    return [rounded(point, step_of(gap)) for point, gap in zip(points, gaps, strict=True)]


def _points(values: pd.Series[Any]) -> tuple[NDArray[np.intp], bool, bool]:
    """Return places of rows with the values that are tried, whether these are numbers, and of single rows."""
    import pandas as pd

    is_numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    counts = values.value_counts()
    frequent = counts.index[counts >= LEAST_ROWS]
    if not is_numeric or len(counts) <= POINTS:
        kept = sorted(frequent) if is_numeric else list(frequent[:POINTS])
        first = [int(np.flatnonzero((values == one).to_numpy())[0]) for one in kept]
        return np.array(first, dtype=np.intp), is_numeric, False
    known = np.flatnonzero(values.notna().to_numpy())
    order = known[np.argsort(values.iloc[known].to_numpy(dtype=np.float64), kind="stable")]
    # So many that at least ten rows lie between two of them, and beyond the outermost.
    count = min(POINTS, len(order) // LEAST_ROWS - 1)
    chosen = order[(np.arange(1, count + 1) * len(order)) // (count + 1)] if count > 0 else order[:0]
    distinct = np.unique(values.iloc[chosen].to_numpy(dtype=np.float64), return_index=True)[1]
    return chosen[np.sort(distinct)], is_numeric, True
