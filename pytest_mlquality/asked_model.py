"""A model as the settings have it asked: with which columns, for which task, and what it decides.

A model decides what its own `predict` says, as it does where it is deployed, unless ``[model] threshold`` is written.
"""

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

# From which probability on a model of two classes decides for the positive one, where neither it nor the settings say.
THRESHOLD = 0.5


def remarks_on(settings: Settings, model: Model) -> list[str]:
    """Return what people should know of a model's answers: who decides, and what its format says of them."""
    threshold = settings.model.threshold if settings.model is not None else None
    remarks = list(getattr(model, "remarks", ()))
    if model.classes is None:
        return remarks
    has_thresholds = _has_thresholds(settings, model)
    if threshold is not None and model.has_probabilities and has_thresholds:
        return [f"decisions = positive from a probability of {threshold:g} on ([model] threshold)", *remarks]
    if threshold is not None:
        reason = f"has {len(model.classes)} classes" if len(model.classes) > 2 else "gives no probabilities"
        remarks.append(f"threshold = {threshold:g} ([model] threshold) is not used: the model {reason}")
    if _decides(model):
        return ["decisions = the model's own (its predict)", *remarks]
    if has_thresholds:
        return [
            f"decisions = positive from a probability of {THRESHOLD:g} on (the model gives probabilities alone)",
            *remarks,
        ]
    return ["decisions = the most probable class (the model gives probabilities alone)", *remarks]


def _decides(model: Model) -> bool:
    # A fixture of the user's may give a model that has no more than predict and predict_proba, or the latter alone.
    return bool(getattr(model, "decides", hasattr(model, "predict")))


def _has_thresholds(settings: Settings, model: Model) -> bool:
    """Return whether a probability decides from a threshold on: of two classes, and of each of several labels."""
    return settings.task == "multilabel" or len(model.classes or ()) == 2


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

        data, classes = self._settings.data, self._model.classes
        output, decided, columns = self._asked(table, self._beside)
        task = self.task()
        if task == "multilabel":
            return self._of_labels(output, decided, columns)
        positive = self.positive(classes) if task == "binary" and classes is not None else None
        return Answers(
            target=columns[self.target],
            predicted=decided,
            probabilities=output if self._by_probability else None,
            classes=classes,
            task=task,
            positive=positive,
            unit=columns[data.unit] if data.unit is not None else None,
            weight=self._weights(columns[data.weight]) if data.weight is not None else None,
            seed=self._seed,
        )

    def answers_of(self, table: Table, given: Any) -> Answers:  # noqa: ANN401 - an array of any dtype
        """Return labels and answers on the rows of a table, the answers being what somebody gives.

        Parameters
        ----------
        given
            Labels or numbers, shape (n,); or probabilities, shape (n, classes), of two classes those of the positive
            one where they are no labels, shape (n,). Of a multilabel task 0 and 1, or probabilities, shape (n, labels).
        """
        import numpy as np

        from pytest_mlquality.measures.answers import Answers, infer_task

        data = self._settings.data
        columns = {name: values.to_numpy() for name, values in table.frame(self._beside).items()}
        distinct = len({*table.values(self.target)} - {None})
        task = self._settings.task or infer_task(table.schema[self.target], distinct)
        several = task == "multilabel"
        target = np.column_stack([columns[one] for one in self.targets]) if several else columns[self.target]
        return Answers(
            target=target,
            task=task,
            unit=columns[data.unit] if data.unit is not None else None,
            weight=self._weights(columns[data.weight]) if data.weight is not None else None,
            seed=self._seed,
            **(self._decided_of_labels(given) if several else self._decided_of(given, task, target)),
        )

    def _decided_of_labels(self, given: Any) -> dict[str, Any]:  # noqa: ANN401 - an array of any dtype
        likely = given.dtype.kind == "f"
        return {
            "predicted": (given >= self._threshold).astype(int) if likely else given,
            "probabilities": given if likely else None,
            "classes": self._model.classes,
        }

    def _decided_of(self, given: Any, task: str, target: Any) -> dict[str, Any]:  # noqa: ANN401 - arrays
        import numpy as np

        from pytest_mlquality.measures.labels import Codes, Labels

        if task not in ("binary", "multiclass"):
            return {"predicted": given}
        classes = self._model.classes or Labels.of("multiclass", None, None, Codes.of(target).labels).classes
        positive = self.positive(classes) if task == "binary" else None
        if positive is not None and given.ndim == 1 and given.dtype.kind == "f" and not np.isin(given, target).all():
            both = np.column_stack([1 - given, given])
            given = both if classes.index(positive) == 1 else both[:, ::-1]
        told = given.ndim == 2
        return {
            "predicted": self._decide(given, classes, positive) if told else given,
            "probabilities": given if told else None,
            "classes": classes,
            "positive": positive,
        }

    def _of_labels(self, output: Any, decided: Any, columns: dict[str, Any]) -> Answers:  # noqa: ANN401 - arrays
        """Return labels and answers of a multilabel task, a column for each label in the order of ``[data] target``."""
        import numpy as np

        from pytest_mlquality.measures.answers import Answers

        data = self._settings.data
        return Answers(
            target=np.column_stack([columns[column] for column in self.targets]),
            predicted=decided,
            probabilities=output if self._by_probability else None,
            classes=tuple(data.label_columns.values()),
            task="multilabel",
            unit=columns[data.unit] if data.unit is not None else None,
            weight=self._weights(columns[data.weight]) if data.weight is not None else None,
            seed=self._seed,
        )

    def said(self, table: Table) -> tuple[Any, Any]:
        """Return what the model answers to all rows, probabilities where it has them, and what is decided of them."""
        output, decided, _ = self._asked(table, [])
        return output, decided

    def shown(self, output: Any, decided: Any) -> pd.DataFrame:  # noqa: ANN401 - arrays of any dtype
        """Return what was said as columns: what is decided, and where there are probabilities those of each class.

        Of several labels one ``prediction`` each; of two classes the probability of the positive one alone.
        """
        import numpy as np
        import pandas as pd

        classes = self._model.classes
        if self.task() == "multilabel":
            parts = {"prediction": decided} | ({"probability": output} if self._by_probability else {})
            return pd.DataFrame(
                {
                    f"{part} of {name}": values[:, place]
                    for part, values in parts.items()
                    for place, name in enumerate(self._settings.data.label_columns.values())
                }
            )
        if classes is None or not self._by_probability:
            by_label = np.asarray(output).reshape(len(output), -1).T
            names = (
                ["prediction"] if len(by_label) == 1 else [f"prediction {place + 1}" for place in range(len(by_label))]
            )
            return pd.DataFrame(dict(zip(names, by_label, strict=True)))
        positive = self.positive(classes) if len(classes) == 2 else None
        of_class = {f"probability of {name}": output[:, place] for place, name in enumerate(classes)}
        shown = of_class if positive is None else {f"probability of {positive}": of_class[f"probability of {positive}"]}
        return pd.DataFrame({"prediction": decided, **shown})

    def decided(self, rows: pd.DataFrame) -> Any:  # noqa: ANN401 - labels, or numbers
        """Return what is decided of rows with the columns that the model sees: labels, or numbers."""
        if self._decides_itself or not self._by_probability:
            return self._model.predict(rows)
        return self._drawn(self._output(rows))

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
        """The column of the labels, the first of a multilabel target.

        Raises
        ------
        DataError
            If the settings name none.
        """
        return self.targets[0]

    @property
    def targets(self) -> tuple[str, ...]:
        """The columns of the labels: one, or one for each label.

        Raises
        ------
        DataError
            If the settings name none.
        """
        data = self._settings.data
        if not data.targets:
            raise DataError(f"{self._settings.file}: [data] target is not set", "set [data] target")
        return data.targets

    def task(self) -> str:
        """Return the task of the settings, else the one that the model's classes tell."""
        if self._settings.task is not None:
            return self._settings.task
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
    def _beside(self) -> list[str]:
        """The columns that stand beside answers: labels, unit and weight."""
        data = self._settings.data
        return list(dict.fromkeys(name for name in (*self.targets, data.unit, data.weight) if name is not None))

    @property
    def _by_probability(self) -> bool:
        """Whether decisions are made here, from the model's probabilities."""
        return self._model.classes is not None and self._model.has_probabilities

    @property
    def _decides_itself(self) -> bool:
        threshold = self._settings.model.threshold if self._settings.model is not None else None
        is_overruled = threshold is not None and _has_thresholds(self._settings, self._model)
        return self._by_probability and not is_overruled and _decides(self._model)

    def _asked(self, table: Table, beside: Sequence[str]) -> tuple[Any, Any, dict[str, Any]]:
        """Return what the model answers to all rows, what is decided of them, and further columns of them."""
        import numpy as np
        import pandas as pd

        from pytest_mlquality.adapters.models.consistency import require_consistent
        from pytest_mlquality.data.identifiers import identifiers

        features = self.features(table)
        collected: dict[str, list[Any]] = {column: [] for column in beside}
        outputs: list[Any] = []
        decisions: list[Any] = []
        rows = 0
        for frame in table.batches(list(dict.fromkeys([*features, *beside]))):
            for column in beside:
                collected[column].append(identifiers(frame[column]))
            # A row that the model cannot answer is named by its place in the split.
            asked = frame[features].set_axis(pd.RangeIndex(rows, rows + len(frame)))
            outputs.append(self._output(asked))
            if self._decides_itself:
                decisions.append(self._model.predict(asked))
            if not rows:
                require_consistent(self._model, asked, outputs[0])
            rows += len(frame)
        output = np.concatenate(outputs)
        decided = np.concatenate(decisions) if decisions else self._drawn(output)
        return output, decided, {column: np.concatenate(parts) for column, parts in collected.items()}

    def _output(self, frame: pd.DataFrame) -> Any:  # noqa: ANN401 - an array of any dtype
        return self._model.predict_proba(frame) if self._by_probability else self._model.predict(frame)

    def _drawn(self, output: Any) -> Any:  # noqa: ANN401 - labels, or numbers
        """Return what is decided where the model does not itself: by its probabilities, else what it answers."""
        classes, task = self._model.classes, self.task()
        if classes is None or not self._by_probability:
            return output
        if task == "multilabel":
            return (output >= self._threshold).astype(int)
        return self._decide(output, classes, self.positive(classes) if task == "binary" else None)

    def _decide(self, probabilities: Any, classes: tuple[Any, ...], positive: Any) -> Any:  # noqa: ANN401 - labels
        """Return the positive class from the threshold on, else the other; of several the most probable."""
        import numpy as np

        if positive is None:
            return np.asarray(classes)[probabilities.argmax(axis=1)]
        at = list(classes).index(positive)
        negative = next(label for label in classes if label != positive)
        return np.where(probabilities[:, at] >= self._threshold, positive, negative)

    @property
    def _threshold(self) -> float:
        section = self._settings.model
        return section.threshold if section is not None and section.threshold is not None else THRESHOLD

    def _weights(self, values: Any) -> Any:  # noqa: ANN401 - an array of any dtype
        try:
            return values.astype(float)
        except (TypeError, ValueError):
            raise DataError(
                f"{self._settings.file}: the column {self._settings.data.weight!r} of [data] weight holds no numbers",
                "name a column of numbers",
            ) from None
