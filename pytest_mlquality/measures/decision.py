"""Why the model answered one row as it did, for the person who has to say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlquality.measurement import number_text

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.adapters.explainers import Attributions, Question

# Columns that are shown one by one; the rest is added up.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer and what each column contributed to it.

    Parameters
    ----------
    answer
        The answer in words.
    unit
        What the numbers are: ``log-odds``, ``probability``, ``prediction``.
    base, total
        What is answered where nothing is known of a row, and of this one.
    columns
        Column, its value in the row, and its contribution; largest first, whatever the sign.
    method
        How it was obtained.
    """

    answer: str
    unit: str
    base: float
    total: float
    columns: list[tuple[str, Any, float]]
    method: str

    @property
    def lines(self) -> list[str]:
        """What a person reads."""
        shown, rest = self.columns[:SHOWN], self.columns[SHOWN:]
        told = [
            self.answer,
            f"what each column added, in terms of the {self.unit} ({self.method}):",
            f"  {_signed(self.base)}  where nothing is known of the row",
            *(f"  {_signed(added)}  {column} = {_value(value)}" for column, value, added in shown),
        ]
        if rest:
            told.append(f"  {_signed(sum(added for _, _, added in rest))}  the other {len(rest)} columns together")
        # LIME's models stand for the answer without adding up to it.
        missed = self.total - self.base - sum(added for _, _, added in self.columns)
        if abs(missed) > 1e-3 * max(1.0, abs(self.total)):
            told.append(f"  {_signed(missed)}  that no column accounts for")
        return [*told, f"= {_signed(self.total)}  {self.unit}"]


def decision(question: Question, found: Attributions, place: int, decided: object) -> Decision:
    """Return why a row was answered as it was; of several classes, why it was given the one that was decided.

    Parameters
    ----------
    place
        Of the row in the question.
    decided
        The class that was decided; of regressions it is of no account.
    """
    names = question.names
    output = names.index(str(decided)) if len(names) > 1 else 0
    row: pd.Series[Any] = question.rows.iloc[place]
    added = found.values[place, :, output]
    order = np.argsort(-np.abs(added), kind="stable")
    answer = number_text(float(question.answers(question.rows.iloc[[place]])[0, output]))
    said = f"predicted: {answer}"
    if question.model.classes is not None:
        of = f", {question.unit} of {names[output]}: {answer}" if question.unit == "probability" else ""
        said = f"decided: {decided}{of}"
    return Decision(
        said,
        found.unit,
        float(found.base[place, output]),
        float(found.answers[place, output]),
        [(question.columns[one], row.iloc[one], float(added[one])) for one in order],
        found.method,
    )


def _signed(number: float) -> str:
    return f"{number:+10.4f}"


def _value(value: object) -> str:
    import pandas as pd

    return "(missing)" if pd.isna(value) else number_text(value) if isinstance(value, float) else str(value)  # type: ignore[call-overload]  # any cell
