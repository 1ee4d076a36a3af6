"""What the gate asks of a model, whatever format it was kept in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pytest_mlquality.adapters.models.kept import Kept
from pytest_mlquality.adapters.models.wanted import Wanted

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas import DataFrame


def _as_it_is(frame: DataFrame) -> Any:  # noqa: ANN401 - whatever a library takes
    return frame


@dataclass(frozen=True, slots=True)
class Inside:
    """What a model's answers come from, for explainers that look into it.

    Parameters
    ----------
    estimator
        The fitted object of its library: a scikit-learn estimator or pipeline, a booster.
    taken
        Makes of a frame with the model's columns what the object takes.
    """

    estimator: Any
    taken: Callable[[DataFrame], Any] = _as_it_is


class Model(Protocol):
    """A loaded model. Its answers are checked before anyone sees them: whole, finite, one a row."""

    @property
    def uri(self) -> str:
        """Where the settings said the model is."""
        ...

    @property
    def version(self) -> str | None:
        """The registry's number; None outside a registry."""
        ...

    @property
    def digest(self) -> str | None:
        """The sha256 of the model's files, ``sha256:`` and 64 hex digits: two models with one digest are one model.

        None where there are no files to look at: a factory, an endpoint.
        """
        ...

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The feature columns that the model asks for, in its order; None where it does not say."""
        ...

    @property
    def column_types(self) -> dict[str, str] | None:
        """Column -> type as the model's signature names it (integer, long, double, string, ...), if it does."""
        ...

    @property
    def classes(self) -> tuple[Any, ...] | None:
        """The class labels in the order of the probabilities' columns; None for a regression."""
        ...

    @property
    def has_probabilities(self) -> bool:
        """Whether `predict_proba` can be asked."""
        ...

    @property
    def decides(self) -> bool:
        """Whether `predict` is a decision of its own; else a class is drawn from the probabilities."""
        ...

    @property
    def remarks(self) -> tuple[str, ...]:
        """What people should know of its answers, such as a loss whose link nobody knows."""
        ...

    @property
    def inside(self) -> Inside | None:
        """The fitted object behind the answers; None where only the answers are known."""
        ...

    def predict(self, frame: DataFrame) -> NDArray[Any]:
        """Return one answer a row.

        Parameters
        ----------
        frame
            Holds at least `columns`; the model sees only these, in its order.

        Returns
        -------
        NDArray
            Shape (n,): class labels, or finite numbers; of a model of several numbers a row shape (n, numbers).

        Raises
        ------
        ModelError
            A column is missing, the model raised, or its answer is not n whole answers.
        """
        ...

    def predict_proba(self, frame: DataFrame) -> NDArray[Any]:
        """Return each row's probabilities of the classes.

        Returns
        -------
        NDArray
            float, shape (n, number of classes), in [0, 1], rows sum to 1.

        Raises
        ------
        ModelError
            As `predict`, and where the model has no probabilities.
        """
        ...


class FileFormat(Protocol):
    """What the module of a format offers that keeps a model in a file or a folder."""

    def is_one(self, path: Path) -> bool:
        """Say whether a path that exists is of this format."""
        ...

    def read(self, path: Path, kept: Kept, wanted: Wanted) -> Model:
        """Make a model of a file or folder.

        Parameters
        ----------
        path
            The file or folder: that of `kept`, or one in it.
        kept
            What was pinned or signed as a whole, and what is known of it beside its files.
        """
        ...


class ModelAdapter(Protocol):
    """What the module of another source of models offers."""

    def answers_for(self, uri: str) -> bool:
        """Say whether this source is meant."""
        ...

    def load(self, wanted: Wanted) -> Model:
        """Load the model; see `pytest_mlquality.adapters.models.load`."""
        ...
