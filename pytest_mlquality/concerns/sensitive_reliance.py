"""Whether the model relies on what makes groups of people: on the columns themselves, or on others that tell them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.concerns.groups import columns_of
from pytest_mlquality.data.identifiers import identifiers
from pytest_mlquality.data.other_values import with_other_values
from pytest_mlquality.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.measurement import Measurement, Measurements
    from pytest_mlquality.measures.group_cells import Grouping
    from pytest_mlquality.predictions import Predictions
    from pytest_mlquality.settings import Settings

# More rows would tell no more, and every group is asked about with all of them.
ROWS = 20_000


class SensitiveReliance:
    """What the model would decide of other groups, and what its features tell of them."""

    def __init__(self, settings: Settings, predictions: Predictions) -> None:
        self._settings = settings
        self._predictions = predictions

    def changed_decisions(self, split: str, grouping: Grouping) -> Measurement:
        """Measure how many decisions are others with the most frequent values of every other group in their place.

        Raises
        ------
        ModelError
            If the model sees none of the columns.
        """
        from pytest_mlquality.measures.counterfactual import changed_decisions
        from pytest_mlquality.measures.group_cells import why_no_group

        columns = self._columns(grouping)
        seen = [name for name in columns if name in self._predictions.features(split)]
        if not seen:
            named = " and ".join(map(repr, columns))
            raise ModelError(
                f"{self._settings.file}: [fairness.reliance] the model does not see {named}: no decision can change",
                "drop changed_decisions, or have proxy_roc_auc ask whether other columns stand in",
            )
        rows = self._predictions.askable(split, ROWS)
        groups = self._of_rows(grouping, rows)
        sizes = {group.name: int(np.count_nonzero(group.rows)) for group in groups.groups if group.rows.any()}
        why = {name: why_no_group(name, n, grouping.min_rows) for name, n in sizes.items()}
        others = {
            group.name: self._predictions.asked(split, _as_if(rows, seen, group.rows))
            for group in groups.groups
            if group.name in why and not why[group.name]
        }
        left_out = {name: (sizes[name], reason) for name, reason in why.items() if reason}
        return changed_decisions(self._predictions.asked(split, rows), others, grouping.by, left_out)

    def proxies(self, split: str, grouping: Grouping) -> Measurements:
        """Measure how well the other columns that the model sees tell every group."""
        from pytest_mlquality.measures.proxies import proxy_roc_auc

        columns, unit = self._columns(grouping), self._settings.data.unit
        names = [name for name in self._predictions.features(split) if name not in columns]
        beside = [unit] if unit is not None and unit not in names else []
        rows = self._predictions.sample(split, ROWS, [*names, *beside])
        groups = self._of_rows(grouping, rows)
        units = identifiers(rows[unit]) if unit is not None else None
        return proxy_roc_auc(rows[names], groups, unit=units, seed=self._predictions.on(split).seed)

    def _columns(self, grouping: Grouping) -> Sequence[str]:
        section = self._settings.fairness
        return columns_of(grouping.by, section.entries if section is not None else ())

    def _of_rows(self, grouping: Grouping, rows: pd.DataFrame) -> Grouping:
        """Return the groups of rows that were drawn, whose index is their place in the split."""
        places = rows.index.to_numpy()
        return replace(grouping, groups=[replace(group, rows=group.rows[places]) for group in grouping.groups])


def _as_if(rows: pd.DataFrame, columns: Sequence[str], group: NDArray[np.bool_]) -> pd.DataFrame:
    """Return rows with the most frequent values of a group's rows in some columns."""
    inside = np.flatnonzero(group)
    frequent = rows.iloc[inside].groupby(list(columns), dropna=False, observed=True).ngroup().to_numpy()
    place = inside[np.flatnonzero(frequent == np.bincount(frequent).argmax())[0]]
    # The value itself, so that types and categories stay as they are.
    return with_other_values(rows, {name: rows[name].array.take(np.full(len(rows), place)) for name in columns})
