"""A model's answers on the splits: asked once a split, shared by all checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlquality.asked_model import AskedModel
from pytest_mlquality.errors import DataError, ModelError

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.adapters.explainers import Question
    from pytest_mlquality.adapters.models import Model
    from pytest_mlquality.data import Table
    from pytest_mlquality.measures.answers import Answers
    from pytest_mlquality.settings import Settings

# Rows that an answer is compared with; explainers that ask the model take the first few.
BACKGROUND = 2_000


class Predictions:
    """What one model answers, a split at a time.

    Parameters
    ----------
    inferred
        Called with what the settings leave open and the data or the model decide, such as the task.
    counted
        Called with a split and numbers of its rows by what they are: ``unlabelled`` ones, where the settings let some
        lack a label, and ``copies`` of others, where no unit is declared.
    """

    def __init__(
        self,
        settings: Settings,
        data: Mapping[str, Table],
        model: Model,
        *,
        seed: int = 0,
        inferred: Callable[[str], None] = lambda _note: None,
        counted: Callable[[str, dict[str, int]], None] = lambda _split, _rows: None,
    ) -> None:
        self._settings = settings
        self._data = data
        self._counted = counted
        self._judged: dict[str, Table] = {}
        self._missing: dict[str, int] = {}
        self._model = model
        self._asking = AskedModel(settings, model, seed=seed, inferred=inferred)
        self._seed = seed
        self._answers: dict[str, Answers] = {}
        self._unlabelled: dict[str, pd.DataFrame] = {}

    def on(self, split: str) -> Answers:
        """Return labels and answers on a split.

        Raises
        ------
        DataError
            If the split is not declared, or lacks a column that the model needs.
        ModelError
            If the model fails, or its answers do not fit the rows.
        """
        if split not in self._answers:
            rows = self._labelled_rows(split)
            self._answers[split] = self._of_units(rows, self._asking.answers(rows))
        return self._answers[split]

    def answers_as(self, other: Predictions, split: str) -> bool:
        """Return whether another's answers are of a model of the same files, and are the same on a split."""
        from pytest_mlquality.measures.unchanged import same_answers

        digest = self._model.digest
        same_files = digest is not None and digest == other._model.digest
        return same_files and same_answers(self.on(split), other.on(split))

    def _of_units(self, rows: Table, answers: Answers) -> Answers:
        """Return the answers with copies of a row as one unit, where none is declared."""
        from dataclasses import replace

        from pytest_mlquality.repeated_rows import repeated_rows

        data = self._settings.data
        # The unit is the key by default, which tells copies of a row apart where they have keys of their own.
        has_units = answers.unit is not None and len(set(answers.unit.tolist())) < len(answers)
        if has_units or "unit" in data.model_fields_set or (copies := repeated_rows(rows, data.key)) is None:
            return answers
        self._counted(rows.name, {"copies": len(copies) - len(set(copies.tolist()))})
        return replace(answers, unit=copies)

    def _rows(self, split: str) -> Table:
        """Return the rows of a split that are judged: all, or those with a label where some may lack one."""
        if split not in self._judged:
            table, missing = self._data[split], self._missing_labels(split)
            self._judged[split] = table
            if 0 < missing <= self._may_lack_labels(split):
                self._counted(split, {"unlabelled": missing})
                self._judged[split] = table.labelled(self._asking.targets)
        return self._judged[split]

    def _missing_labels(self, split: str) -> int:
        if split not in self._missing:
            table = self._data[split]
            labels = [target for target in self._settings.data.targets if target in table.columns]
            self._missing[split] = table.rows - table.labelled(labels).rows if sum(table.nulls(labels).values()) else 0
        return self._missing[split]

    def _may_lack_labels(self, split: str) -> float:
        """Return how many rows of a split ``[schema.metrics]`` lets be without a label."""
        schema = self._settings.schema
        limit, _key = schema.limits_of(split).get("missing_targets", (None, "")) if schema is not None else (None, "")
        return limit.at_most or 0.0 if limit is not None else 0.0

    def _labelled_rows(self, split: str) -> Table:
        """Return the rows that are judged; raise DataError where one of them has no label."""
        rows, table = self._rows(split), self._data[split]
        if rows is table and (missing := self._missing_labels(split)):
            named = " or no ".join(map(repr, self._asking.targets))
            raise DataError(
                f"data.{split}: {missing:,} of {table.rows:,} rows have no {named}, the label",
                "label them, leave them out by the filter, or say how many may lack it: "
                f"[schema.metrics] missing_targets = {{ at_most = {missing} }}; then the others are judged",
            )
        return rows

    def unlabelled(self, split: str) -> pd.DataFrame:
        """Return what the model answers to the rows of a split, which need no labels.

        A column ``prediction`` (of several labels, ``prediction of LABEL`` each), and where the model gives
        probabilities those of each class, of two classes that of the positive one.
        """
        if split not in self._unlabelled:
            self._unlabelled[split] = self._shown(split)
        return self._unlabelled[split]

    def _shown(self, split: str) -> pd.DataFrame:
        if split in self._answers and self._rows(split) is self._data[split]:
            known = self._answers[split]
            output = known.predicted if known.probabilities is None else known.probabilities
            return self._asking.shown(output, known.predicted)
        return self._asking.shown(*self._asking.said(self._data[split]))

    def column_names(self, split: str) -> tuple[str, ...]:
        """Return the names of all columns of a split."""
        return tuple(self._data[split].columns)

    def columns(self, split: str, names: Sequence[str]) -> pd.DataFrame:
        """Return columns of the rows of a split, in the order of the answers."""
        return self._rows(split).frame(names)

    def sample(self, split: str, size: int, names: Sequence[str] = (), seed: int | None = None) -> pd.DataFrame:
        """Return columns of at most so many rows of a split; the index is their place among the answers.

        Parameters
        ----------
        names
            Default: the columns that the model sees.
        seed
            Default: that of the run.
        """
        table = self._rows(split)
        return table.sample(names or self._asking.features(table), size, self._seed if seed is None else seed)

    def with_shuffled(self, column: str, split: str, size: int) -> tuple[Answers, Answers]:
        """Return labels and answers on at most so many rows of a split, and on the same with a column shuffled."""
        import numpy as np

        from pytest_mlquality.data.other_values import with_other_values

        rows = self.askable(split, size)
        order = np.random.default_rng(self._seed).permutation(len(rows))
        shuffled = with_other_values(rows, {column: rows[column].array[order]})
        return self.asked(split, rows), self.asked(split, shuffled)

    def askable(self, split: str, size: int) -> pd.DataFrame:
        """Return at most so many rows with all that is asked of them; the index is their place among the answers."""
        data = self._settings.data
        beside = [name for name in (*self._asking.targets, data.unit, data.weight) if name is not None]
        return self.sample(split, size, list(dict.fromkeys([*self._asking.features(self._data[split]), *beside])))

    def asked(self, split: str, rows: pd.DataFrame) -> Answers:
        """Return labels and answers on rows of the caller's, such as those of `askable` with other values."""
        from pytest_mlquality.data import in_memory

        self._labelled_rows(split)
        return self._asking.answers(in_memory(split, rows, "rows drawn"))

    def features(self, split: str) -> list[str]:
        """Return the columns of a split that the model sees."""
        return self._asking.features(self._data[split])

    def with_key(self, split: str, key: str) -> pd.DataFrame:
        """Return the columns that the model sees of the rows whose key is written so.

        Raises
        ------
        DataError
            If there is no key, or no row has it.
        """
        from pytest_mlquality.data.written_values import is_written

        column, table = self._settings.data.key, self._data[split]
        if column is None:
            raise DataError(f"{self._settings.file}: [data] key is not set", "set [data] key, to find rows by")
        table.require_columns([column])
        found = table.having(is_written(table.expression[column], key)).frame(self._asking.features(table))
        if found.empty:
            raise DataError(
                f"data.{split}: no row has the {column!r} {key!r}",
                "look for it in another split, or at how the key is written",
            )
        return found

    def decided(self, rows: pd.DataFrame) -> Any:  # noqa: ANN401 - labels, or numbers
        """Return what is decided of rows with the columns that the model sees: labels, or numbers."""
        return self._asking.decided(rows)

    def question(self, split: str, rows: pd.DataFrame, background: str, *, budget: int, seed: int) -> Question:
        """Return the question why the model answers rows of a split as it does.

        Parameters
        ----------
        rows
            Of `askable` or `sample`.
        background
            Split of the rows that an answer is compared with.

        Raises
        ------
        ModelError
            If the task is one whose answers are not explained.
        """
        from pytest_mlquality.adapters.explainers import Question

        task, classes = self._asking.task(), self._model.classes
        if task not in ("binary", "multiclass", "regression"):
            raise ModelError(
                f"{self._settings.file}: [explanation] is of binary, multiclass and regression models, and the task is "
                f"{task}",
                "remove [explanation]",
            )
        positive = None
        if task == "binary" and classes is not None:
            positive = list(classes).index(self._asking.positive(classes))
        features = self._asking.features(self._data[split])
        behind = self._data[background].sample(features, BACKGROUND, self._seed)
        return Question(self._model, rows[features], behind, positive, seed, budget)

    def labelled(self, split: str, size: int) -> tuple[pd.DataFrame, Any]:
        """Return features and labels of at most so many rows of a split, without those that have no label.

        Labels have the shape (n,), of a multilabel task (n, labels).
        """
        features, targets = self._asking.features(self._data[split]), list(self._asking.targets)
        rows = self.sample(split, size, [*features, *targets])
        rows = rows[rows[targets].notna().all(axis=1)].reset_index(drop=True)
        if self._settings.data.label_columns:
            return rows[features], rows[targets].astype(int).to_numpy()
        return rows[features], rows[targets[0]].to_numpy()

    def holding(self, split: str, conditions: Mapping[str, str]) -> pd.DataFrame:
        """Return for which rows of a split conditions of SQL hold, a column of truths by name, in the same order.

        Raises
        ------
        DataError
            Naming a condition that is none on this split.
        """
        from pytest_mlquality.data.column_names import own_name

        table = self._rows(split)
        for condition in conditions.values():
            table.require_condition(condition)
        stem = own_name("mlq_slice_", table.columns)
        columns = {f"{stem}{place}": condition for place, condition in enumerate(conditions.values())}
        held = table.with_conditions(columns).frame(list(columns))
        return held.set_axis(list(conditions), axis=1).fillna(False).astype(bool)
