"""Does a model stand by what it says? Asked once, of a few rows, before anything is measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pytest_mlquality.adapters.models.face import Model
from pytest_mlquality.errors import ModelError

ASKED_AGAIN = 500
# As a share of the answers' range: 32-bit models round differently in batches of another size.
ROUNDING = 1e-4


def require_consistent(model: Model, frame: pd.DataFrame, answers: NDArray[Any]) -> None:
    """Ask the first rows again in reverse order, and whether decisions and probabilities mean the same classes.

    Parameters
    ----------
    frame
        Rows that the model was asked about.
    answers
        What it said: probabilities, shape (n, classes), where it has classes and probabilities, else decisions.

    Raises
    ------
    ModelError
        An answer depends on when, or with which other rows, it is asked; or the columns of the probabilities are in
        another order than the classes.
    """
    rows, first = frame.iloc[:ASKED_AGAIN], answers[:ASKED_AGAIN]
    by_probability = first.ndim == 2 and model.has_probabilities
    ask = model.predict_proba if by_probability else model.predict
    again = ask(rows.iloc[::-1].reset_index(drop=True))[::-1]
    differing = int(_differs(first, again).sum())
    if differing:
        raise ModelError(
            f"the model {model.uri!r} changes its answers: {differing} of {len(rows)} rows that were asked twice got "
            "another one",
            "make it answer each row for itself and without chance: no dropout (eval mode), no draws, no state",
        )
    # A fixture of the user's may give a model that has probabilities alone.
    if by_probability and model.classes is not None and hasattr(model, "predict"):
        decided = model.predict(rows)
        if decided.ndim == 1:
            _require_order(model, decided, first)
        else:
            _require_agreement(model, decided == 1, first)


def _differs(first: NDArray[Any], again: NDArray[Any]) -> NDArray[np.bool_]:
    apart: Any = first != again
    if first.dtype.kind == "f":
        apart = np.abs(first - again) > ROUNDING * max(float(np.ptp(first)), 1e-12)
    wrong: NDArray[np.bool_] = apart.reshape(len(first), -1).any(axis=1)
    return wrong


def _require_order(model: Model, decided: NDArray[Any], probabilities: NDArray[Any]) -> None:
    """Refuse probabilities that are lower for a class where the model decides for it than where it does not.

    Only the sum over the classes is looked at: a threshold of the model's own shifts decisions, but not their order.
    """
    classes = list(model.classes or ())
    strange = {str(label) for label in set(decided.tolist()) - set(classes)}
    if strange:
        raise ModelError(
            f"the model {model.uri!r} decides for labels that are none of its classes "
            f"({', '.join(map(str, classes))}): {', '.join(sorted(strange))}",
            "put all of its labels into [model] classes, in the order of its probabilities",
        )
    _require_agreement(model, np.column_stack([decided == label for label in classes]), probabilities)


def _require_agreement(model: Model, chosen: NDArray[np.bool_], probabilities: NDArray[Any]) -> None:
    """Refuse probabilities that are lower where the model decides for a class than where it does not, in sum.

    Parameters
    ----------
    chosen
        For which classes it decides, shape (n, classes).
    """
    surplus = 0.0
    for decided, probable in zip(chosen.T, probabilities.T, strict=True):
        if decided.any() and not decided.all():
            surplus += float(probable[decided].mean() - probable[~decided].mean())
    if surplus < 0:
        raise ModelError(
            f"the probabilities of the model {model.uri!r} contradict its decisions on {len(chosen)} rows: a class is "
            "less probable where it decides for it",
            "put [model] classes into the order of the probabilities' columns",
        )
