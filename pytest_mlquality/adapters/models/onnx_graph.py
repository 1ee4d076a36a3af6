"""What an ONNX graph says about its inputs and outputs, and how a table goes in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pytest_mlquality.adapters.models.checked import Ask
from pytest_mlquality.adapters.models.numbers import matrix
from pytest_mlquality.adapters.models.wanted import Wanted
from pytest_mlquality.errors import ModelError

# ONNX Runtime's names of types -> numpy's and MLflow's.
_TYPES = {
    "tensor(float)": ("float32", "float"),
    "tensor(double)": ("float64", "double"),
    "tensor(int64)": ("int64", "long"),
    "tensor(int32)": ("int32", "integer"),
    "tensor(bool)": ("bool", "boolean"),
    "tensor(string)": ("object", "string"),
}
_LABELS = {"tensor(int64)", "tensor(int32)", "tensor(string)", "tensor(bool)"}
_SCORES = ("seq(map(", "tensor(float", "tensor(double")


class Graph:
    """The inputs and outputs of a session.

    Parameters
    ----------
    session
        An onnxruntime.InferenceSession.

    Raises
    ------
    ModelError
        The inputs are no columns of a table, or not as many as ``[model] features`` names.
    """

    def __init__(self, session: Any, wanted: Wanted) -> None:  # noqa: ANN401 - onnxruntime is not typed
        self._session = session
        self._wanted = wanted
        self._inputs = session.get_inputs()
        self.outputs = session.get_outputs()
        self.labels: Any = next((one for one in self.outputs if one.type in _LABELS), None)
        self.probabilities: Any = next((one for one in self.outputs if one.type.startswith(_SCORES)), None)
        unknown = [f"{one.name} ({one.type})" for one in self._inputs if one.type not in _TYPES]
        wide = [one.name for one in self._inputs if not _is_column(one)]
        if unknown or (wide and len(self._inputs) > 1):
            raise ModelError(
                f"the inputs of the model {wanted.uri!r} are no columns of a table: {', '.join(unknown or wide)}",
                "export it with one input for each column, or one for all of them",
            )
        self._is_matrix = bool(wide)
        if self._is_matrix:
            self._require_width(self._inputs[0].shape[-1])

    @property
    def column_types(self) -> dict[str, str] | None:
        """Column -> type; None where one input takes all of them."""
        return None if self._is_matrix else {one.name: _TYPES[one.type][1] for one in self._inputs}

    def classes(self, nodes: Sequence[Any]) -> tuple[Any, ...]:
        """Return the labels in the order of the probabilities.

        Parameters
        ----------
        nodes
            Those of the graph, first to last: what makes a map of the probabilities names the labels, and else what
            decided for them.

        Raises
        ------
        ModelError
            Neither the file nor the settings say them.
        """
        named = {node.op_type: found for node in nodes if (found := _labels_of(node))}
        if self.probabilities.type.startswith("seq("):
            return named["ZipMap"]
        if self._wanted.classes:
            return self._wanted.classes
        width = self.probabilities.shape[-1]
        is_text = self.labels.type == "tensor(string)"
        fitting = [some for some in named.values() if isinstance(some[0], str) == is_text and len(some) == width]
        if fitting:
            return fitting[-1]
        if isinstance(width, int) and not is_text:
            return tuple(range(width))
        raise ModelError(
            f"the model {self._wanted.uri!r} does not say which classes its probabilities belong to",
            "name them in [model] classes in the order of its probabilities, or export it with a ZipMap",
        )

    def asking(self, output: Any) -> Ask:  # noqa: ANN401 - as above
        """Return a function from a frame to what one output says."""

        def ask(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - CheckedModel makes an array of it
            found = self._session.run([output.name], self._fed(frame))[0]
            return np.array([list(row.values()) for row in found]) if isinstance(found, Sequence) else found

        return ask

    def _fed(self, frame: pd.DataFrame) -> dict[str, Any]:
        if self._is_matrix:
            (only,) = self._inputs
            return {only.name: matrix(frame, self._wanted.uri, _TYPES[only.type][0])}
        return {one.name: _column(frame[one.name], one) for one in self._inputs}

    def _require_width(self, width: object) -> None:
        features = self._wanted.features
        if features and isinstance(width, int) and width != len(features):
            raise ModelError(
                f"the model {self._wanted.uri!r} takes {width} columns, and [model] features names {len(features)}",
                "name the columns that it was trained on, in their order",
            )


def _is_column(one: Any) -> bool:  # noqa: ANN401 - as above
    return len(one.shape) == 1 or (len(one.shape) == 2 and one.shape[1] == 1)


def _column(values: pd.Series[Any], one: Any) -> Any:  # noqa: ANN401 - as above
    if one.type == "tensor(string)":
        values = values.astype(str)
    return values.to_numpy(dtype=_TYPES[one.type][0]).reshape((-1, 1)[: len(one.shape)])


def _labels_of(node: Any) -> tuple[Any, ...]:  # noqa: ANN401 - as above
    """Return the class labels that a node of ONNX-ML names, in the order of its scores."""
    for attribute in node.attribute:
        if attribute.name.startswith("classlabels_") and (attribute.strings or attribute.ints):
            return tuple(text.decode() for text in attribute.strings) or tuple(attribute.ints)
    return ()
