"""A fitted pipeline seen from both ends: the columns that people know, and what its last step is given of them.

Attributions of what the last step sees are summed over what stems from one column. Which that is, is tried out: the
values of a column are exchanged between rows, and what changes stems from it, whatever the steps between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.adapters.explainers.face import Floats
from pytest_mlquality.data.other_values import with_other_values

if TYPE_CHECKING:
    import pandas as pd

# Beyond it a matrix is not held in memory for the sake of a picture.
MOST_CELLS = 50_000_000
# Rows between which values are exchanged.
PROBED = 2_000
UNKNOWN = -1


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """The last step of a pipeline, and how rows become what it is given.

    Parameters
    ----------
    estimator
        The step that answers.
    steps
        The fitted steps before it.
    """

    estimator: Any
    steps: tuple[Any, ...] = ()

    @classmethod
    def of(cls, fitted: Any) -> Opened:  # noqa: ANN401 - scikit-learn has no types
        """Open pipelines within pipelines and searches; what is neither stands alone."""
        from sklearn.pipeline import Pipeline

        before: list[Any] = []
        while True:
            if hasattr(fitted, "best_estimator_"):
                fitted = fitted.best_estimator_
            elif isinstance(fitted, Pipeline):
                # Steps that only drew rows for training have nothing to say of others.
                before += [step for _, step in fitted.steps[:-1] if hasattr(step, "transform")]
                fitted = fitted.steps[-1][1]
            else:
                return cls(fitted, tuple(before))

    def given(self, rows: Any) -> Any:  # noqa: ANN401 - what the last step takes: a frame, an array
        """Return what the last step is given of rows; None where it is too large to hold."""
        found = rows
        for step in self.steps:
            found = step.transform(found)
        if not hasattr(found, "toarray"):
            return found
        return found.toarray() if found.shape[0] * found.shape[1] <= MOST_CELLS else None

    def sources(self, rows: pd.DataFrame) -> NDArray[np.intp] | None:
        """Return from which column each thing that the last step sees stems, by place; `UNKNOWN` of what no row moves.

        None where one stems from several columns: what it contributes belongs to no column.
        """
        if not self.steps:
            return np.arange(rows.shape[1])
        rows = rows.iloc[:PROBED]
        plain = np.asarray(self.given(rows))
        found = np.full(plain.shape[1], UNKNOWN)
        for place, name in enumerate(rows.columns):
            moved = self._moved(rows, str(name), plain)
            if np.any(moved & (found != UNKNOWN)):
                return None
            found[moved] = place
        return self._by_name(found, list(map(str, rows.columns)))

    def _moved(self, rows: pd.DataFrame, column: str, plain: NDArray[Any]) -> NDArray[np.bool_]:
        """Say what changes where a column's values are exchanged between rows that have others."""
        import pandas as pd

        order = np.argsort(pd.factorize(rows[column], use_na_sentinel=False)[0], kind="stable")
        turned = np.empty_like(order)
        turned[order] = order[(np.arange(len(order)) + len(order) // 2) % len(order)]
        changed = np.asarray(self.given(with_other_values(rows, {column: rows[column].array.take(turned)})))
        # Of numbers NaN is no other value than NaN.
        both_missing = (plain != plain) & (changed != changed)
        moved: NDArray[np.bool_] = np.any((plain != changed) & ~both_missing, axis=0)
        return moved

    def _by_name(self, found: NDArray[np.intp], columns: list[str]) -> NDArray[np.intp]:
        """Look at the names of what nothing moved, such as a label that none of the rows has."""
        names = self._names()
        if names is None or len(names) != len(found):
            return found
        for place in np.flatnonzero(found == UNKNOWN):
            name = names[place].rpartition("__")[2]
            fitting = [one for one in columns if name == one or name.startswith(f"{one}_")]
            if fitting:
                found[place] = columns.index(max(fitting, key=len))
        return found

    def _names(self) -> list[str] | None:
        names = None
        try:
            for step in self.steps:
                names = step.get_feature_names_out(names)
        except (AttributeError, ValueError, TypeError):
            # Steps of the user's own need not have names.
            return None
        return None if names is None else list(map(str, names))


def summed(values: Floats, sources: NDArray[np.intp], columns: int) -> Floats:
    """Return attributions of columns, shape (n, columns, outputs), from those of what stems from them.

    What stems from no known column is shared out among all in proportion to what they have, so that nothing is lost.
    """
    known = np.zeros((values.shape[1], columns))
    known[np.flatnonzero(sources >= 0), sources[sources >= 0]] = 1.0
    of_columns: Floats = np.einsum("nqo,qc->nco", values, known)
    rest = values[:, sources == UNKNOWN].sum(axis=1, keepdims=True)
    if not np.any(rest):
        return of_columns
    size = np.abs(of_columns)
    total = size.sum(axis=1, keepdims=True)
    part = np.divide(size, total, out=np.full_like(size, 1 / columns), where=total > 0)
    shared: Floats = of_columns + rest * part
    return shared
