"""Whether the data have the columns and labels that the model was made for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pytest_mlquality.errors import DataError
from pytest_mlquality.measures import schema

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models import Model
    from pytest_mlquality.data import Table
    from pytest_mlquality.measurement import Measurement
    from pytest_mlquality.settings import Settings


class Schema:
    """Exact counts of what is wrong with a split's columns.

    Parameters
    ----------
    data
        The declared splits, opened on first use.
    model
        Called when the model's signature is needed; returns None for a gate on data alone.
    """

    def __init__(self, settings: Settings, data: Mapping[str, Table], model: Callable[[], Model | None]) -> None:
        self._settings = settings
        self._data = data
        self._model = model

    def mismatched_columns(self, *, on: str = "test") -> Measurement:
        """Count columns that the model needs and the split lacks, or has in another type.

        Without a model, or for one that does not say what it needs, the train split says what is expected.
        """
        return schema.mismatched_columns(self._data[on].schema, self._wanted(on))

    def missing_targets(self, *, on: str = "test") -> Measurement:
        """Count rows of the split without a label."""
        target = self._settings.data.target
        if target is None:
            raise DataError("[data] target is not set, so missing labels cannot be counted", "set [data] target")
        table = self._data[on]
        return schema.missing_targets(table.nulls([target])[target], table.rows)

    def _wanted(self, on: str) -> dict[str, str]:
        model = self._model()
        if model is not None and model.columns is not None:
            # A model without a signature was made for the types of its training data.
            types = model.column_types or (dict(self._data["train"].schema) if "train" in self._data else {})
            return {column: types.get(column, "") for column in model.columns}
        if on != "train" and "train" in self._data:
            return dict(self._data["train"].schema)
        raise DataError(
            f"nothing says which columns the split {on!r} should have: the model names none",
            "declare [data.train], or log the model with a signature",
        )
