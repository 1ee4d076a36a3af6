"""Slices nobody named in which a model does worse: searched on one half of the rows, to be confirmed on the other.

What a search finds is the luckiest of thousands, so that nothing that it saw says how weak a slice is: only the other
half does. Each half is searched and confirms what the other found, and the rows are halved more than once, since a
slice that by chance is not weak in one half of them is missed there. Few candidates with a test each, and a share of
the level for each search, keep false names rare (Benjamini and Hochberg 1995).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import exp, log
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from pytest_mlquality.errors import ModelError
from pytest_mlquality.measurement import Measurement, Measurements, number_text
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.equal_rows import equal_rows
from pytest_mlquality.measures.estimates import estimate
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.row_losses import row_losses
from pytest_mlquality.measures.scoring import suiting
from pytest_mlquality.measures.shares import share
from pytest_mlquality.measures.slice_search import OVERLAP, Conjunction, overlap, search
from pytest_mlquality.measures.slices import gap
from pytest_mlquality.measures.slicing import Slice
from pytest_mlquality.measures.unseen_gap import SHARE, unseen_gap
from pytest_mlquality.statistics.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

SAMPLE = 100_000
# How often the units are halved; each time both halves are searched.
HALVINGS = 3
# Share of false ones among the slices that are named.
FALSE_DISCOVERIES = 0.03
_SMALLEST_LEVEL = 1e-9
ANSWERED_FOR = f"the upper bound is that of every slice of {SHARE:.0%} of the rows or more"


def weak_slices(
    wanted: str | Metric, answers: Answers, rows: pd.DataFrame, *, depth: int, least_rows: int
) -> Measurements:
    """Measure by how much the slices lag behind the other rows that a search of one half finds and the other confirms.

    Bounds are those of the half that the search has not seen. Of slices that several searches find, the first is
    measured. Where none is confirmed, one measurement of 0 says how large a gap these rows leave possible.

    Parameters
    ----------
    wanted
        A metric that is a mean over rows, such as ``accuracy`` or ``log_loss``, or its name.
    rows
        The columns to search, in the order of the answers.
    depth
        The most columns that a slice names: 1, 2 or 3.
    least_rows
        Rows that a slice has in either half.

    Raises
    ------
    ModelError
        If the metric is no mean over rows, or does not suit the task or what the model answers.
    """
    metric, name = suiting(wanted, answers), str(wanted)
    loss = _losses(metric, answers)
    known: list[Flags] = []
    named: list[Measurement] = []
    tried = 0
    for half in _halves(answers, rows):
        weight = None if answers.weight is None else answers.weight[half]
        seen = rows[half].reset_index(drop=True)
        candidates = search(seen, loss[half], weight, depth=depth, least_rows=least_rows)
        tried += len(candidates)
        for one, measured in _confirmed(metric, candidates, answers.of_rows(~half), rows[~half], least_rows):
            held = one.holds(rows)
            if all(overlap(held, other) <= OVERLAP for other in known):
                known.append(held)
                named.append(measured)
    if not named:
        unseen = unseen_gap(metric, answers, rows, loss, depth=depth)
        if unseen.value is not None:
            said = f"none of {tried} candidates is confirmed by the other half; {ANSWERED_FOR}"
            unseen = replace(unseen, reason=said)
        return Measurements(name, [Measurement.of(f"{name}_gap[any slice]", unseen, unit=metric.unit)])
    return Measurements(name, named)


def _confirmed(
    metric: Metric, candidates: Sequence[Conjunction], answers: Answers, rows: pd.DataFrame, least_rows: int
) -> list[tuple[Conjunction, Measurement]]:
    """Return those candidates of one search whose gap on rows that it has not seen is not chance, and their gaps.

    The clearer a candidate was to the search, the larger its share of the level: 1/k for the k-th (Genovese, Roeder
    and Wasserman 2006, Biometrika 93, 509-524). Shares of the false discovery rates of all searches add up to that of
    the slices named.
    """
    found = []
    for candidate in candidates:
        one = Slice(str(candidate), candidate.holds(rows))
        if one.rows.sum() >= least_rows and (lag := gap(metric, answers, one)).value is not None:
            found.append((candidate, one, lag))
    if not found:
        return []
    shares = 1 / np.arange(1, len(found) + 1)
    chance = np.array([_chance(lag) for _, _, lag in found]) * shares.mean() / shares
    kept = false_discovery_control(np.minimum(chance, 1.0)) <= FALSE_DISCOVERIES / (2 * HALVINGS)
    return [
        (candidate, _named(metric, answers, one, lag))
        for (candidate, one, lag), is_kept in zip(found, kept, strict=True)
        if is_kept
    ]


def _named(metric: Metric, answers: Answers, one: Slice, found: Estimate) -> Measurement:
    """Return the gap of a slice with its own size and value."""
    rows = int(one.rows.sum())
    value = estimate(metric, answers.of_rows(one.rows)).value
    reason = f"{metric.name} {number_text(value)} on {rows:,} of {len(answers):,} rows"
    return Measurement.of(f"{metric.name}_gap[{one.name}]", replace(found, n=rows, reason=reason), unit=metric.unit)


def _losses(metric: Metric, answers: Answers) -> Floats:
    """Return the loss of each row, of which the metric is the mean, or one less it."""
    losses = row_losses(metric, answers)
    if losses is not None:
        return losses.values
    part = share(metric, answers)
    if part is None or part.function is not None or not part.among.all():
        raise ModelError(
            f"{metric.name} is no mean over rows, so no row is known to make a slice weak",
            "search with accuracy, log_loss, brier_score_loss or an error of regression",
        )
    return np.asarray(part.success != metric.higher_is_better, dtype=np.float64)


def _halves(answers: Answers, rows: pd.DataFrame) -> Iterator[Flags]:
    """Return random halves of the units, each with all of its rows, and after each half the other one.

    Where no unit is declared, equal rows are held together: what chance did to one of them happened to its copies.
    """
    draw = np.random.default_rng(answers.seed)
    unit = equal_rows(rows) if answers.unit is None else None
    for _ in range(HALVINGS):
        chosen = answers.one_in(2, draw, unit)
        yield chosen
        yield ~chosen


def _chance(found: Estimate) -> float:
    """Return how often chance alone shows such a gap: the least level at which its lower bound is above 0."""
    low, high = log(_SMALLEST_LEVEL), log(0.5)
    if found.lower(exp(high)) <= 0:
        return 1.0
    while high - low > 0.01:
        middle = (low + high) / 2
        low, high = (low, middle) if found.lower(exp(middle)) > 0 else (middle, high)
    return exp(high)
