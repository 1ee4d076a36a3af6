"""Models that say of each of several labels whether a row has it, however their library writes that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.adapters.models.checked import SUM_TOLERANCE, Ask, CheckedModel
from pytest_mlquality.adapters.models.wanted import Wanted
from pytest_mlquality.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.adapters.models.face import Model


def of_task(model: Model, wanted: Wanted) -> Model:
    """Return the model; of a multilabel task as one that answers for each label, in the order of the data."""
    if wanted.task != "multilabel" or not isinstance(model, CheckedModel):
        return model
    places = _places(model.classes, wanted)
    known = getattr(model.inside.estimator, "classes_", None) if model.inside is not None else None
    return replace(
        model,
        classes=wanted.labels,
        ask_labels=_asking(model.ask_labels, None, places),
        ask_probabilities=_asking(model.ask_probabilities, known, places),
        multilabel=True,
    )


def _places(own: tuple[Any, ...] | None, wanted: Wanted) -> list[int]:
    """Return where the model answers for each label: by its own names, else those of the settings, else in order."""
    labels = list(wanted.labels)
    for order in (own or (), wanted.classes):
        names = [str(name) for name in order]
        if sorted(names) == sorted(labels):
            return [names.index(label) for label in labels]
    return list(range(len(labels)))


def _asking(ask: Ask | None, known: Any, places: list[int]) -> Ask | None:  # noqa: ANN401 - arrays of a library
    if ask is None:
        return None

    def asked(frame: pd.DataFrame) -> NDArray[Any]:
        answers = by_label(ask(frame), known)
        # Answers of another shape are refused where shapes are.
        return answers[:, places] if answers.ndim == 2 and answers.shape[1] == len(places) else answers

    return asked


def by_label(answers: Any, known: Any = None) -> NDArray[Any]:  # noqa: ANN401 - whatever a library answers
    """Return answers with a column for each label, shape (n, labels).

    Parameters
    ----------
    answers
        In that shape, dense, sparse or a frame; or for each label the probabilities of its values, as scikit-learn's
        estimators of several outputs answer: so many arrays of shape (n, values), or one of shape (labels, n, values).
    known
        The values of each label, in the order of its probabilities; None: 0 and 1.
    """
    dense = answers.toarray() if hasattr(answers, "toarray") else answers
    if isinstance(dense, list | tuple) and dense and all(np.ndim(one) == 2 for one in dense):
        return _of_each(dense, known)
    found = np.asarray(dense)
    return _of_each(list(found), known) if found.ndim == 3 else found


def _of_each(answers: Sequence[Any], known: Any) -> NDArray[Any]:  # noqa: ANN401 - as above
    values = known if isinstance(known, list | tuple) and len(known) == len(answers) else [(0, 1)] * len(answers)
    return np.column_stack([_having(np.asarray(one), of_one) for one, of_one in zip(answers, values, strict=True)])


def _having(probabilities: NDArray[Any], values: Sequence[Any]) -> NDArray[Any]:
    """Return the probability that rows have a label, from those of its values, shape (n, values).

    A label that no row of train had, or every one, has a single value there.

    Raises
    ------
    ModelError
        They are no distribution over the values.
    """
    wrong = int((np.abs(probabilities.sum(axis=1) - 1) > SUM_TOLERANCE).sum())
    if wrong or probabilities.shape[1] != len(values):
        raise ModelError(
            f"the model gives probabilities of shape {probabilities.shape} for the {len(values)} values of a label, "
            f"and those of {wrong:,} rows do not sum to 1",
            "have it answer with one probability for each label, shape (n, labels); some exports to other formats mix "
            "labels up",
        )
    return np.asarray(probabilities[:, np.asarray(values) == 1].sum(axis=1))
