"""Whether the data are what people agreed they are, and what the model was made for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_mlquality.concerns.agreement import AgreedRules
from pytest_mlquality.data.identifiers import identifiers
from pytest_mlquality.errors import DataError, MLQualityError, nearest
from pytest_mlquality.measures import schema
from pytest_mlquality.settings import SchemaSettings

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models import Model
    from pytest_mlquality.data import Table
    from pytest_mlquality.measurement import Measurement, Measurements
    from pytest_mlquality.measures.integrity import Roles
    from pytest_mlquality.settings import Settings


class Schema:
    """What is wrong with the rows of a split, and what the splits give away.

    Parameters
    ----------
    data
        The declared splits, opened on first use.
    model
        Called when the model's signature is needed; returns None for a gate on data alone.
    seed
        Seed of the sample on which single columns are tried.
    """

    def __init__(
        self,
        settings: Settings,
        data: Mapping[str, Table],
        model: Callable[[], Model | None],
        *,
        seed: int = 0,
    ) -> None:
        self._settings = settings
        self._data = data
        self._model = model
        self._seed = seed
        self._section = settings.schema or SchemaSettings()

    @cached_property
    def agreed(self) -> AgreedRules:
        """The rules that the settings agree on, and how often each is broken."""
        return AgreedRules(self._settings, self._section, self._data)

    def broken_rules(self, *, on: str = "test") -> Measurement:
        """Count the rules of ``schema.file``, ``[schema.rules]`` and ``[schema.references]`` that the split breaks."""
        found = self.agreed.findings(on)
        file = self.agreed.rows_file(on)
        look = f"see them: mlquality rows {file}" if file else ""
        return schema.broken_rules(found, self._data[on].rows, self.agreed.tolerated(on), look=look)

    def metric(self, name: str, *, on: str = "test") -> Measurement:
        """Measure what can be wrong with one split, by a name of ``[schema.metrics]``.

        Raises
        ------
        DataError
            If the settings do not name a column that the measure needs, or the split lacks it.
        """
        from pytest_mlquality.measures import integrity

        of_agreement = {
            "mismatched_columns": self.mismatched_columns,
            "missing_targets": self.missing_targets,
            "broken_rules": self.broken_rules,
        }
        if name in of_agreement:
            return of_agreement[name](on=on)
        if name not in integrity.MEASURES:
            raise _unknown(name, [*of_agreement, *integrity.MEASURES], "metrics")
        train = self._data["train"] if name == "outlier_rows" and "train" in self._data else None
        return integrity.integrity(name, self._data[on], self._roles(on), train=train)

    def leakage(self, name: str, *, on: str = "test") -> Measurement | Measurements:
        """Measure what the test split, or a feature, gives away, by a name of ``[schema.leakage]``.

        Parameters
        ----------
        on
            The split that is compared with train; single columns are tried on train itself.
        """
        from pytest_mlquality.measures import leakage

        task = self._settings.task
        if name in leakage.SHARES:
            return leakage.SHARES[name](self._data["train"], self._data[on], self._roles(on))
        if name == "known_too_late":
            return leakage.known_too_late(self._data[on], self._roles(on), self._section.known_at)
        if name == "target_named_columns":
            return leakage.target_named_columns(self._roles("train"))
        score = {"single_column_score": leakage.single_column_scores, "order_score": leakage.order_score}.get(name)
        if score is None:
            raise _unknown(name, [*leakage.SHARES, "known_too_late", "single_column_score", "order_score"], "leakage")
        return score(self._data["train"], self._roles("train"), task=task, seed=self._seed)

    def labelling(self, name: str, *, on: str | None = None) -> Measurements:
        """Measure the functions of ``[schema.labelling]``, by coverage, conflict or accuracy.

        Raises
        ------
        DataError
            If the settings name none, or the split lacks their columns.
        """
        from pytest_mlquality.measures import labelling

        section, data = self._section.labelling, self._settings.data
        if section is None:
            raise DataError(
                "[schema.labelling] is not set", "name the columns of votes in [schema.labelling] functions"
            )
        if name not in labelling.MEASURES:
            raise _unknown(name, [*labelling.MEASURES], "labelling.metrics")
        table = self._data[on or section.on]
        if data.label_columns:
            raise DataError(
                f"{name} holds votes against one label, and [data] target has several", "remove [schema.labelling]"
            )
        target = next(iter(data.targets), None)
        beside = [column for column in (target, data.unit) if column is not None and column in table.columns]
        rows = table.frame(list(dict.fromkeys([*section.functions, *beside])))
        unit = identifiers(rows[data.unit]) if data.unit in rows else None
        return labelling.labelling(name, rows[list(section.functions)], rows.get(target), unit)

    def _roles(self, on: str) -> Roles:
        """Return which column means what; the features are those of the model, else all that mean nothing else.

        No model has seen the columns of raw data.
        """
        from pytest_mlquality.measures.integrity import Roles

        data = self._settings.data
        model = self._model() if on != "raw" else None
        columns = model.columns if model is not None and model.columns is not None else self._data[on].columns
        features = tuple(name for name in columns if name not in data.beside_features)
        return Roles(features, target=data.targets, key=data.key, time=data.time, ignored=data.ignore)

    def mismatched_columns(self, *, on: str = "test") -> Measurement:
        """Count columns that the model needs and the split lacks, or has in another type.

        Without a model, or for one that does not say what it needs, the train split says what is expected.
        """
        return schema.mismatched_columns(self._data[on].schema, self._wanted(on))

    def missing_targets(self, *, on: str = "test") -> Measurement:
        """Count rows of the split without a label."""
        targets = self._settings.data.targets
        if not targets:
            raise DataError("[data] target is not set, so missing labels cannot be counted", "set [data] target")
        table = self._data[on]
        if len(targets) > 1:
            return schema.missing_labels(table, targets)
        return schema.missing_targets(table.nulls(targets)[targets[0]], table.rows)

    def _wanted(self, on: str) -> dict[str, str]:
        if on == "raw":
            raise DataError(
                "rows before preprocessing have other columns than the model and train: nothing says which",
                "agree on them in [schema] file",
            )
        model = self._model()
        if model is not None and model.columns is not None:
            # A model without a signature was made for the types of its training data.
            types = model.column_types or (dict(self._data["train"].schema) if "train" in self._data else {})
            return {column: types.get(column, "") for column in model.columns}
        if on != "train" and "train" in self._data:
            # Production is asked because nobody knows the answer yet.
            absent = {*self.agreed.absent(on), *(self._settings.data.targets if on == "production" else [])}
            return {name: kind for name, kind in self._data["train"].schema.items() if name not in absent}
        raise DataError(
            f"nothing says which columns the split {on!r} should have: the model names none",
            "declare [data.train], or log the model with a signature",
        )


def _unknown(name: str, known: list[str], table: str) -> MLQualityError:
    return MLQualityError(
        f"there is no measure {name!r} of [schema.{table}]{nearest(name, known)}", "see: mlquality list settings schema"
    )
