"""What a fixture of the user's gives in place of ours: plain models, tables and answers, made what the gate asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pytest_mlquality.errors import DataError, MLQualityError, ModelError, nearest
from pytest_mlquality.predictions import Predictions
from pytest_mlquality.splits import Splits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlquality.adapters.models import Model, Wanted
    from pytest_mlquality.data import Table
    from pytest_mlquality.measures.answers import Answers
    from pytest_mlquality.settings import Settings

_OF_A_MODEL = ("columns", "classes", "has_probabilities")


def as_model(made: Any, wanted: Callable[[str], Wanted]) -> Model:  # noqa: ANN401 - whatever a fixture returns
    """Return what a fixture gives as a model: one of ours, a fitted one with ``predict``, or a predict function.

    Parameters
    ----------
    wanted
        From what the model is called in messages to what the settings say of it.

    Raises
    ------
    ModelError
        It can neither predict nor be called.
    """
    from pytest_mlquality.adapters.models import label_sets, python_factory

    if all(hasattr(made, name) for name in _OF_A_MODEL):
        model: Model = made
        return model
    name = getattr(made, "__name__", type(made).__name__)
    if isinstance(made, type) or not (hasattr(made, "predict") or callable(made)):
        raise ModelError(
            f"a fixture gives {name} as a model, which has no predict",
            "return a fitted model, or a function from a frame to answers",
        )
    asked = wanted(name)
    return label_sets.of_task(python_factory.of_object(made, asked), asked)


class GivenSplits(Mapping[str, "Table"]):
    """Tables of a fixture of the user's by the name of the split, each made ours on first use.

    Parameters
    ----------
    given
        Pandas, Polars, Arrow or Ibis tables, or ours.
    """

    def __init__(self, settings: Settings, given: Mapping[str, Any]) -> None:
        self._settings = settings
        self._given = given
        self._open: dict[str, Table] = {}

    def __getitem__(self, name: str) -> Table:
        if name not in self._open:
            self._open[name] = self._opened(name)
        return self._open[name]

    def __contains__(self, name: object) -> bool:
        return name in self._given

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)

    def _opened(self, name: str) -> Table:
        from pytest_mlquality.data import Table, in_memory
        from pytest_mlquality.data.label_lists import with_label_columns
        from pytest_mlquality.data.time_blocks import with_blocks

        if name not in self._given:
            raise DataError(
                f"the fixture ml_data gives no split {name!r}{nearest(name, self._given)}",
                "return a table for every split that [data] declares",
            )
        made, data = self._given[name], self._settings.data
        if isinstance(made, Table):
            return made
        table = in_memory(name, made, f"a {type(made).__name__} of the fixture ml_data").require_rows()
        if data.block is not None and data.time is not None:
            table = with_blocks(table, str(data.unit), data.time, data.block)
        return with_label_columns(table, str(data.target), data.label_columns) if data.labels else table


def as_tables(settings: Settings, given: Any) -> Mapping[str, Table]:  # noqa: ANN401 - whatever a fixture returns
    """Return the tables of a fixture by the name of the split.

    Raises
    ------
    DataError
        It is no mapping: which split a table is, nothing says.
    """
    if isinstance(given, Splits | GivenSplits):
        return given
    if not isinstance(given, Mapping):
        raise DataError(
            f"the fixture ml_data gives a {type(given).__name__}, and nothing says which split that is",
            'return a table for each split: {"train": ..., "test": ...}',
        )
    return GivenSplits(settings, given)


class GivenPredictions(Predictions):
    """Answers that a fixture of the user's gives: there is no model that could be asked about other rows.

    Parameters
    ----------
    given
        By split, answers in the order of its rows: labels or numbers, shape (n,); or probabilities, shape (n, classes).
    """

    def __init__(self, settings: Settings, data: Mapping[str, Table], given: Mapping[str, Any], *, seed: int) -> None:
        super().__init__(settings, data, _Unasked(settings), seed=seed)
        self._given = given

    def on(self, split: str) -> Answers:
        """See `Predictions.on`."""
        if split not in self._answers:
            rows = self._data[split]
            self._answers[split] = self._of_units(rows, self._asking.answers_of(rows, self._array(split)))
        return self._answers[split]

    def _array(self, split: str) -> NDArray[Any]:
        import numpy as np

        if split not in self._given:
            raise ModelError(
                f"the fixture ml_predictions gives no answers for the split {split!r}{nearest(split, self._given)}",
                'return answers for each split that is asked for: {"test": ...}',
            )
        answers, rows = np.asarray(self._given[split]), self._data[split].rows
        if answers.ndim not in (1, 2) or len(answers) != rows:
            raise ModelError(
                f"the fixture ml_predictions gives answers of shape {answers.shape} for {rows:,} rows of {split}",
                "give one answer for each row, in the order of the rows",
            )
        return answers


class _Unasked:
    """A model of which nothing is known but what it is said to have answered."""

    uri = "ml_predictions"
    version = digest = columns = column_types = inside = None
    has_probabilities = decides = False
    remarks: tuple[str, ...] = ()

    def __init__(self, settings: Settings) -> None:
        classes = settings.model.classes if settings.model is not None else ()
        self.classes = classes or tuple(settings.data.label_columns.values()) or None

    def predict(self, _frame: object) -> Any:  # noqa: ANN401 - it never returns
        raise ModelError(
            "the fixture ml_predictions gives answers, and this check asks the model about other rows",
            "let a fixture ml_model give the model itself, or leave the check out",
        )

    predict_proba = predict


def as_predictions(
    settings: Settings,
    given: Any,  # noqa: ANN401 - whatever a fixture returns
    data: Mapping[str, Table],
    seed: int,
) -> Predictions:
    """Return what a fixture gives as answers: ours, an array for the split that is measured, or arrays by split."""
    if hasattr(given, "on"):
        found: Predictions = given
        return found
    split = settings.performance.on if settings.performance is not None else "test"
    arrays = given if isinstance(given, Mapping) else {split: given}
    if isinstance(given, str | bytes) or given is None:
        raise MLQualityError(
            f"the fixture ml_predictions gives a {type(given).__name__}", "return an array of answers, one a row"
        )
    return GivenPredictions(settings, data, arrays, seed=seed)
