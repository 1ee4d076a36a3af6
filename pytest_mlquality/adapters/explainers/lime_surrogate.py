"""LIME: a linear model around each row, of which values are those of the row and which are others'.

Ribeiro, Singh and Guestrin 2016, KDD, 1135-1144. Columns of numbers are cut at their quartiles, as is LIME's default;
missing values are a part of their own, which LIME alone cannot take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.adapters.explainers.face import Attributions, Floats, Question
from pytest_mlquality.adapters.explainers.permutation import together

if TYPE_CHECKING:
    import pandas as pd

METHOD = "LIME"
# Answers around a row that its linear model is fitted to.
FEWEST, MOST = 500, 5_000
# A column of numbers with more values is cut at its quartiles.
FEW_VALUES = 10


def explain(question: Question) -> Attributions:
    """Return the weights of the local models, for as many rows as the budget allows."""
    from lime.lime_tabular import LimeTabularExplainer

    question = question.first(max(1, question.budget // FEWEST))
    parts = Parts(question)
    around = min(MOST, max(FEWEST, question.budget // len(question.rows)))
    answers = question.answers(question.rows)
    explainer = LimeTabularExplainer(
        parts.background,
        mode="regression" if answers.shape[1] == 1 else "classification",
        feature_names=list(question.columns),
        categorical_features=list(range(len(question.columns))),
        class_names=[str(place) for place in range(answers.shape[1])],
        discretize_continuous=False,
        feature_selection="none",
        random_state=question.seed,
    )
    found = [_of_row(explainer, parts, place, around, answers.shape[1]) for place in range(len(question.rows))]
    values, base, fidelity = (np.asarray(each) for each in zip(*found, strict=True))
    method = f"{METHOD} with {around:,} answers around each row"
    return Attributions(question.columns, values, base, answers, question.unit, method, fidelity)


def _of_row(explainer: Any, parts: Parts, place: int, around: int, outputs: int) -> tuple[Floats, Floats, float]:  # noqa: ANN401 - lime has no types
    """Return weights of shape (columns, outputs), intercepts of shape (outputs,) and the least R2 of the outputs."""
    single = outputs == 1

    def ask(codes: NDArray[Any]) -> Floats:
        answers = parts.answers(codes, place)
        return answers[:, 0] if single else answers

    told = explainer.explain_instance(
        parts.rows[place], ask, labels=range(outputs), num_features=parts.rows.shape[1], num_samples=around
    )
    weights = np.zeros((parts.rows.shape[1], outputs))
    # Of a regression lime calls the only output 1.
    labels = [1] if single else list(range(outputs))
    for output, label in enumerate(labels):
        for column, weight in told.as_map()[label]:
            weights[column, output] = weight
    base = np.array([told.intercept[label] for label in labels], dtype=np.float64)
    score = told.score
    return weights, base, float(min(score.values()) if isinstance(score, dict) else score)


class Parts:
    """Columns cut into parts that are numbered, and the way back to values."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._both = together(question.rows, question.background)
        codes = np.column_stack([_codes(self._both[name]) for name in self._both.columns])
        n = len(question.rows)
        self.rows, self.background = codes[:n].astype(float), codes[n:].astype(float)
        self._random = np.random.default_rng(question.seed)
        # Of each column the places with each code, the background's, else those of the rows themselves.
        self._places = [_places(codes[:, place], n) for place in range(codes.shape[1])]

    def answers(self, codes: NDArray[Any], place: int) -> Floats:
        """Return the answers to rows of such parts: a row's own part stands for its value, others for any in them."""
        mixed = {}
        for column, name in enumerate(self._both.columns):
            wanted = codes[:, column].astype(np.intp)
            source = np.full(len(wanted), place)
            for code in np.unique(wanted[wanted != self.rows[place, column]]):
                asked = wanted == code
                source[asked] = self._random.choice(self._places[column][int(code)], size=int(asked.sum()))
            mixed[name] = self._both[name].array.take(source)
        return self._question.answers(type(self._both)(mixed))


def _codes(values: pd.Series[Any]) -> NDArray[np.intp]:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values) and values.nunique() > FEW_VALUES:
        parts = pd.qcut(values.astype(float), 4, labels=False, duplicates="drop")
        return np.asarray(parts.fillna(4), dtype=np.intp)
    codes = pd.factorize(values, use_na_sentinel=False)[0]
    return np.asarray(codes, dtype=np.intp)


def _places(codes: NDArray[np.intp], rows: int) -> dict[int, NDArray[np.intp]]:
    found = {}
    for code in np.unique(codes):
        places = np.flatnonzero(codes == code)
        behind = places[places >= rows]
        found[int(code)] = behind if len(behind) else places
    return found
