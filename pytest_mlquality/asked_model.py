"""A model as the settings have it asked: with which columns, for which task, and what it decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlquality.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.adapters.models import Model
    from pytest_mlquality.data import Table
    from pytest_mlquality.measures.answers import Answers
    from pytest_mlquality.settings import Settings


class AskedModel:
    """A model, and what the settings say of its answers.

    Parameters
    ----------
    seed
        Of whatever is drawn from its answers.
    inferred
        Called with what the settings leave open and the data or the model decide, such as the task.
    """

    def __init__(self, settings: Settings, model: Model, *, seed: int, inferred: Callable[[str], None]) -> None:
        self._settings = settings
        self._model = model
        self._seed = seed
        self._inferred = inferred

    def answers(self, table: Table) -> Answers:
        """Return labels and answers on the rows of a table."""
        from pytest_mlquality.measures.answers import Answers

        data, target, classes = self._settings.data, self.target, self._model.classes
        beside = list(dict.fromkeys(column for column in (target, data.unit, data.weight) if column is not None))
        output, columns = self._asked(table, beside)
        task = self.task()
        positive = self.positive(classes) if task == "binary" and classes is not None else None
        by_probability = self._by_probability
        return Answers(
            target=columns[target],
            predicted=self._decide(output, classes, positive) if by_probability and classes is not None else output,
            probabilities=output if by_probability else None,
            classes=classes,
            task=task,
            positive=positive,
            unit=columns[data.unit] if data.unit is not None else None,
            weight=self._weights(columns[data.weight]) if data.weight is not None else None,
            seed=self._seed,
        )

    def output(self, table: Table) -> Any:  # noqa: ANN401 - an array of any dtype
        """Return what the model itself answers to all rows: probabilities where it has them, else labels or numbers."""
        return self._asked(table, [])[0]

    def shown(self, output: Any) -> pd.DataFrame:  # noqa: ANN401 - an array of any dtype
        """Return `output` as columns: what is decided, and where there are probabilities those of each class.

        Of several labels one ``prediction`` each; of two classes the probability of the positive one alone.
        """
        import numpy as np
        import pandas as pd

        classes = self._model.classes
        if classes is None or not self._by_probability:
            by_label = np.asarray(output).reshape(len(output), -1).T
            names = (
                ["prediction"] if len(by_label) == 1 else [f"prediction {place + 1}" for place in range(len(by_label))]
            )
            return pd.DataFrame(dict(zip(names, by_label, strict=True)))
        positive = self.positive(classes) if len(classes) == 2 else None
        of_class = {f"probability of {name}": output[:, place] for place, name in enumerate(classes)}
        shown = of_class if positive is None else {f"probability of {positive}": of_class[f"probability of {positive}"]}
        return pd.DataFrame({"prediction": self._decide(output, classes, positive), **shown})

    def decided(self, rows: pd.DataFrame) -> Any:  # noqa: ANN401 - labels, or numbers
        """Return what is decided of rows with the columns that the model sees: labels, or numbers."""
        classes, output = self._model.classes, self._output(rows)
        if classes is None or not self._by_probability:
            return output
        return self._decide(output, classes, self.positive(classes) if self.task() == "binary" else None)

    def features(self, table: Table) -> list[str]:
        """Return the columns of a table that the model sees."""
        if self._model.columns is not None:
            return list(self._model.columns)
        aside = self._settings.data.beside_features
        features = [column for column in table.columns if column not in aside]
        self._inferred(f"features = {features} (the model names none: all other columns, in the order of the data)")
        return features

    @property
    def target(self) -> str:
        """The column of the labels.

        Raises
        ------
        DataError
            If the settings name none.
        """
        target = self._settings.data.target
        if target is None:
            raise DataError(f"{self._settings.file}: [data] target is not set", "set [data] target")
        return target

    def task(self) -> str:
        """Return the task of the settings, else the one that the model's classes tell."""
        section = self._settings.model
        if section is not None and section.task is not None:
            return str(section.task)
        classes = self._model.classes
        if classes is not None:
            task = "binary" if len(classes) == 2 else "multiclass"
            self._inferred(f'task = "{task}" (the model has {len(classes)} classes)')
            return task
        # Every classifier names its classes, so a model without them answers with numbers.
        self._inferred('task = "regression" (the model has no classes)')
        return "regression"

    def positive(self, classes: tuple[Any, ...]) -> Any:  # noqa: ANN401 - a label of any type
        """Return the class that counts as positive among two: that of the settings, else as labels are named.

        Raises
        ------
        DataError
            If the settings name none of the classes.
        """
        from pytest_mlquality.measures.answers import infer_positive

        section = self._settings.model
        if section is not None and section.positive is not None:
            if section.positive not in classes:
                raise DataError(
                    f"{self._settings.file}: [model] positive = {section.positive!r} is none of the classes {classes}",
                    f"set [model] positive to one of {classes}",
                )
            return section.positive
        positive = infer_positive(classes)
        self._inferred(f"positive = {positive!r} (of the classes {classes})")
        return positive

    @property
    def _by_probability(self) -> bool:
        """Whether decisions are made here, from the model's probabilities."""
        return self._model.classes is not None and self._model.has_probabilities

    def _asked(self, table: Table, beside: Sequence[str]) -> tuple[Any, dict[str, Any]]:
        """Return what the model answers to all rows, and further columns of them."""
        import numpy as np
        import pandas as pd

        from pytest_mlquality.adapters.models.consistency import require_consistent

        features = self.features(table)
        collected: dict[str, list[Any]] = {column: [] for column in beside}
        outputs: list[Any] = []
        rows = 0
        for frame in table.batches(list(dict.fromkeys([*features, *beside]))):
            for column in beside:
                collected[column].append(frame[column].to_numpy())
            # A row that the model cannot answer is named by its place in the split.
            asked = frame[features].set_axis(pd.RangeIndex(rows, rows + len(frame)))
            outputs.append(self._output(asked))
            if not rows:
                require_consistent(self._model, asked, outputs[0])
            rows += len(frame)
        return np.concatenate(outputs), {column: np.concatenate(parts) for column, parts in collected.items()}

    def _output(self, frame: pd.DataFrame) -> Any:  # noqa: ANN401 - an array of any dtype
        return self._model.predict_proba(frame) if self._by_probability else self._model.predict(frame)

    def _decide(self, probabilities: Any, classes: tuple[Any, ...], positive: Any) -> Any:  # noqa: ANN401 - labels
        import numpy as np

        section = self._settings.model
        if positive is None or section is None:
            return np.asarray(classes)[probabilities.argmax(axis=1)]
        at = list(classes).index(positive)
        negative = next(label for label in classes if label != positive)
        return np.where(probabilities[:, at] >= section.threshold, positive, negative)

    def _weights(self, values: Any) -> Any:  # noqa: ANN401 - an array of any dtype
        try:
            return values.astype(float)
        except (TypeError, ValueError):
            raise DataError(
                f"{self._settings.file}: the column {self._settings.data.weight!r} of [data] weight holds no numbers",
                "name a column of numbers",
            ) from None
