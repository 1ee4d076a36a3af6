"""Functions that label rows (weak supervision): how much they say, how often they differ, how often they are right.

Coverage and conflict are those of Ratner et al. 2017 (Snorkel: rapid training data creation with weak supervision),
accuracy is that on rows whose label is known. A synthetic example is a row like others: whether the model serves it as
well is a slice of the column that says where a row comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pytest_mlquality.errors import DataError
from pytest_mlquality.measurement import Measurement, Measurements
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.weighted_share import weighted_share_of

Flags = NDArray[np.bool_]


def labelling(
    name: str, votes: pd.DataFrame, truth: pd.Series[Any] | None, unit: NDArray[Any] | None = None
) -> Measurements:
    """Measure each labelling function.

    Parameters
    ----------
    name
        ``coverage``, ``conflict`` or ``accuracy``.
    votes
        A column for each function, a missing value where it abstains, shape (n, functions).
    truth
        The label of each row, missing where nobody knows it; None: nobody knows any.
    unit
        What is independent, shape (n,). None: every row.

    Raises
    ------
    DataError
        Accuracy is asked for, and there are no labels, or none that a function votes for.
    """
    if name == "accuracy":
        _require_labels(votes, truth)
    items = []
    for function in votes.columns:
        success, among = MEASURES[name](votes, function, truth)
        found = (
            weighted_share_of(success[among], unit=None if unit is None else unit[among])
            if among.any()
            else Estimate.undefined(len(votes), f"{function} votes on no row that could tell")
        )
        items.append(Measurement.of(f"{name}[{function}]", found, unit="share"))
    return Measurements(name, items)


def _coverage(votes: pd.DataFrame, function: str, _truth: pd.Series[Any] | None) -> tuple[Flags, Flags]:
    voted = votes[function].notna().to_numpy()
    return voted, np.ones_like(voted)


def _conflict(votes: pd.DataFrame, function: str, _truth: pd.Series[Any] | None) -> tuple[Flags, Flags]:
    differs = np.zeros(len(votes), dtype=np.bool_)
    for other in votes.columns:
        differs |= (votes[other].notna() & (votes[other] != votes[function])).to_numpy()
    return differs, votes[function].notna().to_numpy()


def _accuracy(votes: pd.DataFrame, function: str, truth: pd.Series[Any] | None) -> tuple[Flags, Flags]:
    assert truth is not None
    known = (votes[function].notna() & truth.notna()).to_numpy()
    return (votes[function] == truth).fillna(value=False).to_numpy(dtype=np.bool_), known


MEASURES: dict[str, Callable[[pd.DataFrame, str, pd.Series[Any] | None], tuple[Flags, Flags]]] = {
    "accuracy": _accuracy,
    "conflict": _conflict,
    "coverage": _coverage,
}


def _require_labels(votes: pd.DataFrame, truth: pd.Series[Any] | None) -> None:
    if truth is None or truth.isna().all():
        raise DataError("no row has a label that a vote could be held against", "set [data] target to labels")
    labels = set(truth.dropna().unique())
    for function in votes.columns:
        voted = set(votes[function].dropna().unique())
        if voted and not voted & labels:
            raise DataError(
                f"no vote of {function!r} is one of the labels of {truth.name!r}",
                f"write votes as the target writes labels: both {truth.dtype}, say",
            )
