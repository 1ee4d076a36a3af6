"""Labels as people write them, and the numbers that stand for them while they are measured."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.errors import DataError, ModelError

# A whole number with more distinct values than this is taken for a quantity, not for a label.
MOST_WHOLE_CLASSES = 20
_NUMBERS = ("float", "decimal")
_WHOLE = ("int", "uint")
_LABELS = ("string", "boolean", "enum")
_YES = ("1", "yes", "true", "y", "t", "positive", "pos")

# A label in fewer rows may point at a person, so messages do not name it.
ROWS_TO_BE_NAMED = 10


@dataclass(frozen=True, slots=True)
class Codes:
    """Each row's place among the distinct labels of an array.

    Parameters
    ----------
    place
        Place in `labels`, shape (n,); -1 where the label is missing.
    labels
        The distinct labels, in order of appearance.
    """

    place: NDArray[np.intp]
    labels: list[Any]

    @classmethod
    def of(cls, array: NDArray[Any]) -> Codes:
        """Number the labels of an array of any dtype, None, NaN and NA being missing."""
        import pandas as pd

        place, labels = pd.factorize(array)
        return cls(np.asarray(place, dtype=np.intp), np.asarray(labels).tolist())

    @property
    def missing(self) -> int:
        """Rows without a label."""
        return int((self.place < 0).sum())


@dataclass(frozen=True, slots=True)
class Labels:
    """The classes of a task, and the number that stands for each.

    Parameters
    ----------
    classes
        As the model orders them.
    positive
        Of a binary task, the label that becomes 1; else None.
    """

    classes: tuple[Any, ...]
    positive: Any = None

    @classmethod
    def of(cls, task: str, classes: Sequence[Any] | None, positive: object, seen: Sequence[Any]) -> Labels:
        """Settle the classes of a task from what the model, the settings and the rows say.

        Raises
        ------
        ModelError
            If a binary task has not two classes, or `positive` is none of them.
        """
        known = tuple(classes) if classes is not None else _in_order(seen)
        if task != "binary":
            return cls(known)
        if classes is None and positive is not None and positive not in known:
            known = (*known, positive)
        if len(known) == 1 and positive is None and classes is None:
            raise ModelError(
                f"{known[0]!r} is the only label seen, so nothing says which one is positive",
                "set [model] positive",
            )
        if len(known) > 2 or (len(known) < 2 and classes is not None):
            raise ModelError(f"a binary task has two classes, not {len(known)}", 'set [model] task = "multiclass"')
        chosen = infer_positive(known) if positive is None else positive
        if chosen not in known:
            raise ModelError(f"positive = {chosen!r} is no class: {_few(known)}", "set [model] positive to one of them")
        return cls(known, chosen)

    @property
    def _numbers(self) -> dict[Any, int]:
        if self.positive is not None:
            return {label: int(label == self.positive) for label in self.classes}
        return {label: place for place, label in enumerate(self.classes)}

    def place(self, target: Codes, n: int) -> NDArray[np.intp]:
        """Return the number of each row's true label; labels that the model does not know come after the classes.

        Raises
        ------
        DataError
            If labels are unknown in a binary task, or all of them are: then they are of another type or meaning.
        """
        numbers = self._numbers
        unknown = [label for label in target.labels if label not in numbers]
        if unknown and (self.positive is not None or len(unknown) == len(target.labels)):
            rows = int(np.isin(target.place, [target.labels.index(label) for label in unknown]).sum())
            raise DataError(
                f"{rows:,} of {n:,} rows have a label that the model does not know: {_frequent(unknown, target)}; "
                f"it knows {_few(self.classes)}",
                self._remedy(target),
            )
        numbers |= {label: len(self.classes) + extra for extra, label in enumerate(unknown)}
        return _translated(target, numbers)

    def _remedy(self, target: Codes) -> str:
        """Say how labels come to be known: by their names, where the model knows no more than their numbers."""
        rows = np.bincount(target.place[target.place >= 0], minlength=len(target.labels))
        is_numbered = list(self.classes) == list(range(len(self.classes)))
        if is_numbered and len(target.labels) == len(self.classes) and int(rows.min()) >= ROWS_TO_BE_NAMED:
            names = json.dumps(sorted(target.labels, key=str), ensure_ascii=False, default=str)
            return (
                f"the model knows labels by number: set [model] classes = {names}, in the order of its numbers (that "
                "of the alphabet is what LabelEncoder gives)"
            )
        return "label the split as the training data were labelled, in the same type"

    def place_decisions(self, predicted: Codes) -> NDArray[np.intp]:
        """Return the number of each decision.

        Raises
        ------
        ModelError
            If the model decided for something that is none of its classes.
        """
        numbers = self._numbers
        unknown = [label for label in predicted.labels if label not in numbers]
        if unknown:
            raise ModelError(
                f"the model answers {_frequent(unknown, predicted)}, which is none of its classes {_few(self.classes)}",
                "set [model] task, or have the model answer with its classes",
            )
        return _translated(predicted, numbers)


def _translated(codes: Codes, numbers: dict[Any, int]) -> NDArray[np.intp]:
    return np.array([numbers[label] for label in codes.labels], dtype=np.intp)[codes.place]


def _in_order(labels: Sequence[Any]) -> tuple[Any, ...]:
    distinct = list(dict.fromkeys(labels))
    try:
        return tuple(sorted(distinct))
    except TypeError:
        raise ModelError(
            f"labels of several types cannot be put in order: {_few(distinct)}",
            "have the model answer in the type of the target",
        ) from None


def _frequent(labels: Sequence[Any], codes: Codes) -> str:
    """Name the labels that stand in enough rows to point at nobody, and count the others."""
    rows = np.bincount(codes.place, minlength=len(codes.labels))
    named = [label for label in labels if rows[codes.labels.index(label)] >= ROWS_TO_BE_NAMED]
    rare = len(labels) - len(named)
    counted = [f"{rare:,} in fewer than {ROWS_TO_BE_NAMED} rows each"] if rare else []
    return ", ".join([*([_few(named)] if named else []), *counted])


def _few(labels: Sequence[Any]) -> str:
    shown = ", ".join(repr(label) for label in labels[:5])
    return f"{shown} and {len(labels) - 5:,} more" if len(labels) > 5 else shown


def infer_task(target_dtype: str, distinct: int) -> str:
    """Return the task that a target suggests: binary, multiclass or regression.

    Text and truth values are labels. A whole number is one while it has at most `MOST_WHOLE_CLASSES` distinct
    values, any other number only with two.

    Parameters
    ----------
    target_dtype
        Ibis's name of the type, such as ``int64``, ``!string`` or ``decimal(10, 2)``.
    distinct
        Distinct values of the target.

    Raises
    ------
    DataError
        If the type is neither a label nor a number.
    """
    kind = target_dtype.lower().lstrip("!")
    if not kind.startswith((*_LABELS, *_WHOLE, *_NUMBERS)):
        raise DataError(
            f"a target of type {target_dtype} suggests no task", "set [model] task, or another [data] target"
        )
    if distinct <= 2 and (distinct == 2 or not kind.startswith(_NUMBERS)):
        return "binary"
    if kind.startswith(_LABELS) or (kind.startswith(_WHOLE) and distinct <= MOST_WHOLE_CLASSES):
        return "multiclass"
    return "regression"


def infer_positive(classes: Sequence[Any]) -> Any:  # noqa: ANN401 - a label of any type
    """Return which of two labels is the positive one: True, 1 or a word for yes; else the larger one.

    Raises
    ------
    ModelError
        If there are not two classes, or they cannot be compared.
    """
    if len(classes) != 2:
        raise ModelError(f"{len(classes)} classes have no positive one", "set [model] task and [model] positive")
    yes = [label for label in classes if label == 1 or str(label).strip().lower() in _YES]
    if len(yes) == 1:
        return yes[0]
    return _in_order(classes)[-1]
