"""A model whose answers are not taken on trust.

A wrong number of answers, a NaN or a probability of 1.2 would otherwise become a metric that looks like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pytest_mlquality.adapters.models.face import Inside
from pytest_mlquality.adapters.models.failing import failing_row, raises
from pytest_mlquality.errors import ModelError, nearest
from pytest_mlquality.foreign_code import foreign_code
from pytest_mlquality.own_error import ANY_FAILURE, SAMPLES, cause_of, kind_of, said
from pytest_mlquality.whose_code import raised_by_us, users_place

if TYPE_CHECKING:
    from numpy.typing import NDArray

Ask = Callable[[pd.DataFrame], Any]

# Probabilities of a float32 model with many classes sum to 1 only so far.
SUM_TOLERANCE = 1e-3
# Of several labels a row has those that are as likely as not.
LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class CheckedModel:
    """The one implementation of `Model`; a format gives it what its signature says and how to ask.

    Parameters
    ----------
    ask_labels
        Frame with exactly `columns` -> n answers in any array-like; None where only the probabilities say.
    ask_probabilities
        Frame with exactly `columns` -> n x classes in any array-like; None where the model has none.
    multilabel
        Whether each of the classes is a label that a row has or has not: answers have a column for each.
    inside
        The fitted object, where an explainer may look into it.
    remarks
        See `Model.remarks`.
    written
        How its library writes the name of a column, where it writes some otherwise than they are.
    known_as
        What the model itself calls `columns`, where the data call them otherwise.
    """

    uri: str
    digest: str | None
    columns: tuple[str, ...] | None
    classes: tuple[Any, ...] | None = None
    ask_labels: Ask | None = None
    ask_probabilities: Ask | None = None
    column_types: dict[str, str] | None = None
    version: str | None = None
    inside: Inside | None = None
    multilabel: bool = False
    remarks: tuple[str, ...] = ()
    written: Callable[[str], str] | None = None
    known_as: tuple[str, ...] | None = None

    @property
    def decides(self) -> bool:
        """See `Model.decides`."""
        return self.ask_labels is not None

    @property
    def has_probabilities(self) -> bool:
        """See `Model.has_probabilities`."""
        return self.ask_probabilities is not None

    def predict(self, frame: pd.DataFrame) -> NDArray[Any]:
        """See `Model.predict`."""
        if self.ask_labels is None:
            probabilities = self.predict_proba(frame)
            if self.multilabel:
                return (probabilities >= LIKELY).astype(int)
            decided: NDArray[Any] = np.asarray(self.classes)[probabilities.argmax(axis=1)]
            return decided
        answers = self._ask("predict", self.ask_labels, frame)
        if self.multilabel:
            return self._label_sets(answers, len(frame))
        if answers.ndim == 2 and answers.shape[1] == 1:
            answers = answers[:, 0]
        numbers = answers.shape[1:] if self.classes is None and answers.ndim == 2 else ()
        self._require_shape("predict", answers, (len(frame), *numbers))
        wrong = _not_finite(answers).reshape(len(frame), -1)
        self._refuse("predict", np.logical_or.reduce(wrong, axis=1), "missing or not finite")
        return answers

    def predict_proba(self, frame: pd.DataFrame) -> NDArray[Any]:
        """See `Model.predict_proba`."""
        if self.ask_probabilities is None:
            raise ModelError(
                f"the model {self.uri!r} has no probabilities (no predict_proba)",
                "ask for metrics of labels such as accuracy, or calibrate the model so that it has probabilities",
            )
        answers = self._ask("predict_proba", self.ask_probabilities, frame)
        width = len(self.classes) if self.classes is not None else answers.shape[-1] if answers.ndim == 2 else 2
        self._require_shape("predict_proba", answers, (len(frame), width))
        answers = answers.astype(float, copy=False)
        self._refuse("predict_proba", np.logical_or.reduce(_not_finite(answers), axis=1), "missing or not finite")
        self._refuse("predict_proba", np.logical_or.reduce((answers < 0) | (answers > 1), axis=1), "outside 0 to 1")
        if not self.multilabel:
            sums = answers.sum(axis=1)
            self._refuse("predict_proba", abs(sums - 1) > SUM_TOLERANCE, "do not sum to 1 over the classes")
        return answers

    def _label_sets(self, answers: NDArray[Any], rows: int) -> NDArray[Any]:
        self._require_shape("predict", answers, (rows, len(self.classes or ())))
        self._refuse("predict", np.logical_or.reduce(_not_finite(answers), axis=1), "missing or not finite")
        strange = np.logical_or.reduce(~np.isin(answers, (0, 1)), axis=1)
        self._refuse("predict", strange, "other than 0 or 1 for some label")
        return answers.astype(int)

    def _ask(self, question: str, ask: Ask, frame: pd.DataFrame) -> NDArray[Any]:
        if len(frame) == 0:
            raise ModelError(f"the model {self.uri!r} was asked about 0 rows", "check the split's source and filter")
        frame = _as_floats(self._chosen(frame))
        try:
            with foreign_code():
                return np.asarray(ask(frame))
        except ANY_FAILURE as error:
            if isinstance(error, ModelError) and raised_by_us(error):
                raise
            place = users_place(error)
            raise ModelError(
                f"the model {self.uri!r} raised {kind_of(error)} in {question} on {_where(ask, frame)}"
                f"{f' ({place})' if place else ''}{said(error, frame.columns)}",
                f"check that the data have the types and values that the model was trained on; {SAMPLES}",
            ) from cause_of(error)

    def _chosen(self, frame: pd.DataFrame) -> pd.DataFrame:
        if self.columns is None:
            return frame
        missing = [column for column in self.columns if column not in frame.columns]
        if missing:
            spare = [str(column) for column in frame.columns if column not in self.columns]
            named = ", ".join(f"{column!r}{nearest(column, spare)}" for column in missing)
            raise ModelError(
                f"the data lack columns that the model {self.uri!r} asks for: {named}",
                "correct the split's source, or judge the model on the data it was trained for",
            )
        chosen = frame[list(self.columns)]
        return chosen if self.known_as is None else chosen.set_axis(list(self.known_as), axis=1)

    def _require_shape(self, question: str, answers: NDArray[Any], expected: tuple[int, ...]) -> None:
        if answers.shape == expected:
            return
        each = "probability" if question == "predict_proba" else "0 or 1"
        kind = "labels" if self.multilabel else "classes"
        raise ModelError(
            f"{question} of the model {self.uri!r} answered with shape {answers.shape} where {expected} was expected: "
            f"{expected[0]} rows were asked",
            "a model answers each row once"
            + (f", with one {each} for each of its {expected[1]} {kind}" if len(expected) > 1 else ""),
        )

    def _refuse(self, question: str, wrong: NDArray[np.bool_], complaint: str) -> None:
        count = int(np.count_nonzero(wrong))
        if count:
            raise ModelError(
                f"{question} of the model {self.uri!r}: answers for {count} of {len(wrong)} rows {_be(complaint)}",
                "look for missing or extreme values in the features of such rows, and for a custom last step",
            )


def _as_floats(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose whole numbers are floats where some are missing, as those of training data are."""
    with_gaps = [name for name, dtype in frame.dtypes.items() if isinstance(dtype, (pd.Int64Dtype, pd.UInt64Dtype))]
    return frame.astype(dict.fromkeys(with_gaps, "float64")) if with_gaps else frame


def _where(ask: Ask, frame: pd.DataFrame) -> str:
    """Say on how many rows the model raised, and on which of them if it is a single one."""
    place = failing_row(ask, frame)
    if place is None or len(frame) == 1:
        return f"{len(frame)} rows"
    first = frame.index.start if isinstance(frame.index, pd.RangeIndex) else 0
    row = f"row {first + place + 1:,}"
    if raises(ask, frame.drop(frame.index[place])):
        return f"{len(frame)} rows ({row} is one of those that it cannot answer)"
    return f"{row}, the only one of {len(frame):,} that it cannot answer"


def _not_finite(answers: NDArray[Any]) -> NDArray[np.bool_]:
    inexact = np.issubdtype(answers.dtype, np.inexact)
    wrong: NDArray[np.bool_] = np.logical_not(np.isfinite(answers)) if inexact else np.asarray(pd.isna(answers))
    return wrong


def _be(complaint: str) -> str:
    return complaint if complaint.startswith("do ") else f"are {complaint}"
