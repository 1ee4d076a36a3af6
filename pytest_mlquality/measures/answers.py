"""Labels and a model's answers on the same rows: checked once, so that what measures them need not ask again."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.errors import DataError, ModelError, nearest
from pytest_mlquality.measures.labels import Codes, Labels, infer_positive, infer_task

__all__ = ["Answers", "infer_positive", "infer_task"]

Array = NDArray[Any]
Floats = NDArray[np.float64]

TASKS = ("binary", "multiclass", "multilabel", "regression", "ranking")
# Probabilities of 32-bit models add up to 1 within about 1e-6; what is further off is no distribution.
_ROUNDING = 1e-3
_OF_ROWS = frozenset({"target", "predicted", "probabilities", "unit", "weight", "truth", "decision"})


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a model said about rows whose truth is known.

    Parameters
    ----------
    target
        The truth of each row: labels, numbers or, in a ranking, relevance, shape (n,); of multilabel 0 or 1, shape
        (n, labels).
    predicted
        The model's decisions, in the shape of `target`; a threshold is already applied.
    probabilities
        Of each class in the order of `classes`, shape (n, classes); of multilabel of each label, shape (n, labels).
    classes
        Labels that the model knows. None: those that occur in `target` or `predicted`, sorted. Of multilabel the names
        of the columns, where they have any.
    task
        binary, multiclass, multilabel, regression or ranking.
    positive
        The label that counts as positive in a binary task. None: as `infer_positive` says.
    unit
        What is independent, shape (n,): rows that share a value are one unit. None: every row. In a ranking task the
        rows of a unit are a list.
    weight
        Weight of each row, not negative, shape (n,).
    seed
        Of whatever is drawn at random from these rows.

    Raises
    ------
    DataError
        If labels or weights are missing, of another length, or not what the task or the model knows.
    ModelError
        If answers are missing, of another length or shape, or no probabilities.
    """

    target: Array
    predicted: Array
    probabilities: Array | None = None
    classes: tuple[Any, ...] | None = None
    task: str = "binary"
    positive: Any = None
    unit: Array | None = None
    weight: Floats | None = None
    seed: int = 0
    # Numbers in place of labels, for measuring: of binary 1 is positive, of multiclass the place in `classes`.
    truth: Array = field(init=False, repr=False)
    decision: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise ModelError(f"answers of the task {self.task!r} cannot be measured", f"use one of {', '.join(TASKS)}")
        self._set(target=np.asarray(self.target), predicted=np.asarray(self.predicted))
        self._check_lengths()
        if self.task == "ranking":
            self._require_lists()
        if self.task in ("regression", "ranking"):
            self._set(truth=_numbers("target", self.target), decision=_numbers("prediction", self.predicted))
        elif self.task == "multilabel":
            self._set(truth=_flags("target", self.target), decision=_flags("prediction", self.predicted))
        else:
            self._code_labels()
        self._check_weight()
        if self.probabilities is not None:
            self._set(probabilities=self._checked_probabilities(np.asarray(self.probabilities)))

    def __len__(self) -> int:
        return len(self.target)

    def of_rows(self, rows: NDArray[np.bool_]) -> Answers:
        """Return the answers on some rows, shape (n,); what was settled of all of them, such as classes, stays."""
        part = object.__new__(Answers)
        for each in fields(self):
            value = getattr(self, each.name)
            is_of_rows = each.name in _OF_ROWS and value is not None
            object.__setattr__(part, each.name, value[rows] if is_of_rows else value)
        return part

    def of_label(self, name: str) -> Answers:
        """Return what was said of one label of a multilabel task, as answers of a binary task with 1 for having it.

        Raises
        ------
        ModelError
            If there is no such label.
        """
        names = [str(label) for label in self.classes or ()]
        if self.task != "multilabel" or name not in names:
            raise ModelError(
                f"there is no label {name!r}{nearest(name, names)}",
                f"labels are those of [data] target: {', '.join(names)}" if names else "name them in [data] target",
            )
        place = names.index(name)
        likely = None if self.probabilities is None else self.probabilities[:, place]
        return replace(
            self,
            target=self.truth[:, place],
            predicted=self.decision[:, place],
            probabilities=None if likely is None else np.column_stack([1 - likely, likely]),
            classes=(0, 1),
            task="binary",
            positive=1,
        )

    def one_in(self, many: int, draw: np.random.Generator, held: Array | None = None) -> NDArray[np.bool_]:
        """Return which rows belong to a random part of the units, one in so many of them, shape (n,).

        Parameters
        ----------
        held
            What rows that are held together share, where there is no unit, shape (n,).
        """
        import pandas as pd

        shared = held if self.unit is None else self.unit
        # Units in order of their values, so that the order of the rows does not count.
        unit = np.arange(len(self)) if shared is None else pd.factorize(shared, sort=True)[0]
        chosen = draw.permutation(int(unit.max(initial=-1)) + 1) % many == 0
        return np.asarray(chosen[unit])

    @property
    def positives(self) -> NDArray[np.bool_]:
        """Whether each row is positive in truth, for a binary task, shape (n,)."""
        return np.asarray(self.truth == 1)

    @property
    def score(self) -> Array:
        """Probability of the positive class, shape (n,); of the other tasks of every class, shape (n, classes).

        In a ranking task the model's numbers, shape (n,).

        Raises
        ------
        ModelError
            If the model gave none.
        """
        if self.task == "ranking":
            return self.decision
        if self.probabilities is None:
            raise ModelError(
                "the model gives no probabilities, only decisions",
                "choose a metric of decisions (run `mlquality list metrics`), or log a model with predict_proba",
            )
        if self.task != "binary" or self.classes is None:
            return self.probabilities
        return np.asarray(self.probabilities[:, self.classes.index(self.positive)])

    def _set(self, **values: Any) -> None:  # noqa: ANN401 - arrays, and labels of any type
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _check_lengths(self) -> None:
        n = len(self.target)
        if self.predicted.ndim == 2 and self.target.ndim == 1:
            raise ModelError(
                f"the model answers with {self.predicted.shape[1]} numbers a row, and a row has one label",
                'name a function that answers with one of them: [model] uri = "python:module:function"',
            )
        if self.predicted.shape != self.target.shape:
            raise ModelError(
                f"the model gave answers of shape {self.predicted.shape} for labels of shape {self.target.shape}",
                "have it answer once a row",
            )
        for name, beside in (("unit", self.unit), ("weight", self.weight)):
            if beside is not None and len(beside) != n:
                raise DataError(f"{name} has {len(beside):,} entries for {n:,} rows", f"give one {name} a row")

    def _require_lists(self) -> None:
        import pandas as pd

        if self.unit is None or (len(self) > 1 and len(pd.unique(self.unit)) == len(self)):
            raise DataError(
                "nothing is ranked: every row is a list of its own",
                "name the column of the list, such as the query, in [data] unit",
            )

    def _code_labels(self) -> None:
        target, predicted = Codes.of(self.target), Codes.of(self.predicted)
        if target.missing:
            raise DataError(
                f"{target.missing:,} of {len(self):,} rows have no label",
                "filter them out of the split, or label them",
            )
        if predicted.missing:
            raise ModelError(
                f"the model gave no answer for {predicted.missing:,} of {len(self):,} rows", "have it answer every row"
            )
        known = Labels.of(self.task, self.classes, self.positive, [*target.labels, *predicted.labels])
        self._set(
            classes=known.classes,
            positive=known.positive,
            truth=known.place(target, len(self)),
            decision=known.place_decisions(predicted),
        )

    def _check_weight(self) -> None:
        if self.weight is None:
            return
        weight = np.asarray(self.weight, dtype=np.float64)
        bad = int((~np.isfinite(weight) | (weight < 0)).sum())
        if bad or (len(weight) and not weight.any()):
            raise DataError(
                f"{bad:,} of {len(weight):,} weights are missing or negative" if bad else "all weights are 0",
                "give every row a weight of at least 0, and some more than that",
            )
        self._set(weight=weight)

    def _checked_probabilities(self, given: Array) -> Array:
        columns = self.truth.shape[1] if self.task == "multilabel" else len(self.classes or ())
        if self.task in ("regression", "ranking") or given.shape != (len(self), columns):
            raise ModelError(
                f"the model gave probabilities of shape {given.shape} for {len(self):,} rows and {columns} classes",
                "give one row of probabilities a row, a column for each class",
            )
        numbers = given if given.dtype.kind == "f" else given.astype(np.float64)
        sums = np.ones(1) if self.task == "multilabel" else numbers.sum(axis=1)
        bad = int((~((numbers >= 0) & (numbers <= 1)).all(axis=1) | (np.abs(sums - 1) > _ROUNDING)).sum())
        if bad:
            raise ModelError(
                f"{bad:,} of {len(self):,} rows of probabilities are missing, outside of 0 to 1, or do not add up to 1",
                "have the model give probabilities, not margins or logits",
            )
        return np.asarray(numbers)


def _numbers(what: str, given: Array) -> Floats:
    error = DataError if what == "target" else ModelError
    try:
        numbers = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise error(
            f"a {what} is not a number: {given.dtype} cannot be used for regression", "set [model] task"
        ) from problem
    bad = int((~np.isfinite(numbers)).sum())
    if bad:
        raise error(f"{bad:,} of {len(numbers):,} rows have no finite {what}", "filter them out, or mend them")
    return numbers


def _flags(what: str, given: Array) -> NDArray[np.intp]:
    import pandas as pd

    error = DataError if what == "target" else ModelError
    if given.ndim != 2:
        raise error(f"a multilabel {what} must be 0 or 1, a column for each label", "encode it so, or set [model] task")
    missing = int(pd.isna(given).any(axis=1).sum())
    if missing:
        lacking = "a label that is missing" if what == "target" else "no answer for some label"
        raise error(f"{missing:,} of {len(given):,} rows have {lacking}", "filter them out of the split, or label them")
    if not np.isin(given, (0, 1)).all():
        raise error(f"a multilabel {what} must be 0 or 1, a column for each label", "encode it so, or set [model] task")
    return given.astype(np.intp)
