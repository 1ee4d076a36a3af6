"""What is said to a model's endpoint over HTTP, and what its answers mean."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from typing import Protocol as Typed
from urllib.parse import parse_qs

import numpy as np
import pandas as pd

from pytest_mlquality.adapters.models.http import Connection
from pytest_mlquality.adapters.models.tensors import Tensor, described_inputs, described_outputs, names_of_outputs
from pytest_mlquality.adapters.models.wanted import Wanted
from pytest_mlquality.errors import ModelError
from pytest_mlquality.shown import values_may_be_shown

# Datatypes of the Open Inference Protocol -> MLflow's names of types.
_TYPES = {"FP64": "double", "FP32": "float", "BYTES": "string", "BOOL": "boolean"} | {
    f"{sign}INT{bits}": "long" if bits > 32 else "integer" for sign in ("", "U") for bits in (8, 16, 32, 64)
}


class Protocol(Typed):
    """How one kind of server is asked."""

    @property
    def connection(self) -> Connection:
        """The endpoint that is asked."""
        ...

    def column_types(self) -> dict[str, str] | None:
        """Return column -> type of what it takes; None where the server does not say."""
        ...

    def answers(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        """Return what it says of each row, shape (n,) or (n, k)."""
        ...


def protocol_of(wanted: Wanted) -> Protocol:
    """Return the protocol that the path names.

    Raises
    ------
    ModelError
        It names none.
    """
    connection = Connection(wanted.uri)
    path = connection.path
    if path.endswith("/invocations"):
        return Invocations(connection)
    if "/v2/models/" in path:
        output = parse_qs(connection.query).get("output", [""])[-1]
        told = connection.get("")
        return OpenInference(connection, described_inputs(told, connection.shown), output, names_of_outputs(told))
    if "/v1/models/" in path:
        return TensorFlowServing(connection)
    raise ModelError(
        f"the endpoint {connection.shown!r} names no protocol that is known",
        "write .../invocations (MLflow), .../v2/models/NAME (Open Inference Protocol) or .../v1/models/NAME "
        "(TensorFlow Serving, KServe)",
    )


@dataclass(frozen=True, slots=True)
class Invocations:
    """MLflow's scoring server: a table of named columns in, a list out."""

    connection: Connection

    def column_types(self) -> None:
        """Return None: the server keeps the model's signature to itself."""

    def answers(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        """See `Protocol.answers`."""
        table = json.loads(frame.to_json(orient="split", index=False))
        question = {"dataframe_split": table}
        return _array(self.connection.post("", question, "predictions", rows=len(frame)), self.connection.shown)


@dataclass(frozen=True, slots=True)
class TensorFlowServing:
    """TensorFlow Serving's REST interface: rows of values in the order of the features."""

    connection: Connection

    def column_types(self) -> None:
        """Return None: what the server tells of its tensors names no columns."""

    def answers(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        """See `Protocol.answers`."""
        rows = json.loads(frame.to_json(orient="values"))
        found = self.connection.post(":predict", {"instances": rows}, "predictions", rows=len(frame))
        return _array(found, self.connection.shown)


@dataclass(frozen=True, slots=True)
class OpenInference:
    """The Open Inference Protocol, version 2: tensors by name.

    Parameters
    ----------
    inputs
        What the server says that it takes, each with name, datatype and shape; servers may say nothing.
    output
        Which of its outputs answers; empty: the only one.
    told
        The names of outputs that its metadata hold.
    """

    connection: Connection
    inputs: tuple[Tensor, ...]
    output: str = ""
    told: tuple[str, ...] = ()

    def column_types(self) -> dict[str, str] | None:
        """See `Protocol.column_types`: inputs of one column each are columns by name."""
        if not self._has_columns:
            return None
        return {one.name: _TYPES.get(one.datatype, one.datatype) for one in self.inputs}

    def answers(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        """See `Protocol.answers`."""
        question: dict[str, Any] = {"id": "mlquality", "inputs": self._tensors(frame)}
        if self.output:
            question["outputs"] = [{"name": self.output}]
        shown = self.connection.shown
        outputs = described_outputs(self.connection.post("/infer", question, "outputs", rows=len(frame)), shown)
        if self.output not in outputs and (self.output or len(outputs) > 1):
            # Of its answer to rows no name is shown that it did not say before it saw one.
            named = ", ".join(name for name in outputs if name in self.told or values_may_be_shown())
            raise ModelError(
                f"the endpoint {shown!r} has the outputs {named or f'({len(outputs)} that its metadata do not name)'}",
                "say which of them answers: .../v2/models/NAME?output=NAME",
            )
        found = outputs[self.output] if self.output else next(iter(outputs.values()))
        return _array(found.data, shown, found.shape)

    @property
    def _has_columns(self) -> bool:
        return bool(self.inputs) and all(one.width == 1 for one in self.inputs)

    def _tensors(self, frame: pd.DataFrame) -> list[dict[str, Any]]:
        if self._has_columns:
            return [_tensor(one, frame[[one.name]], len(one.shape)) for one in self.inputs]
        return [_tensor(self.inputs[0] if self.inputs else Tensor("input-0", "FP64", ()), frame, 2)]


def _tensor(one: Tensor, frame: pd.DataFrame, dimensions: int) -> dict[str, Any]:
    values = json.loads(frame.to_json(orient="values"))
    flat = [value for row in values for value in row]
    if one.datatype == "BYTES":
        flat = [str(value) for value in flat]
    shape = [len(frame)] if dimensions == 1 else [len(frame), frame.shape[1]]
    return {"name": one.name, "datatype": one.datatype, "shape": shape, "data": flat}


def _array(found: Any, shown: str, shape: tuple[int, ...] | None = None) -> np.ndarray[Any, Any]:  # noqa: ANN401 - any JSON
    """Return what a server answers as an array; raise ModelError where rows have answers of several shapes."""
    try:
        array = np.asarray(found)
        return array if shape is None else array.reshape(shape)
    except (ValueError, TypeError, OverflowError):
        of_shape = f", which are not of the shape {list(shape)} that it names" if shape is not None else ""
        raise ModelError(
            f"the endpoint {shown!r} answers with values that are no array{of_shape}",
            "have it answer each row once, with as many numbers",
        ) from None
