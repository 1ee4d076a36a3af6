"""A model in an ONNX file, run by ONNX Runtime on the CPU."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlquality.adapters.models.kept import Kept
from pytest_mlquality.adapters.models.libraries import library, reading
from pytest_mlquality.adapters.models.tried_apart import require_sound
from pytest_mlquality.adapters.models.wanted import Wanted

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models.face import Model


_HOW = "an export to one file (no external data), in an opset that this ONNX Runtime knows"


def is_one(path: Path) -> bool:
    """Say whether the path is that of an ONNX file."""
    return path.suffix == ".onnx"


def read(path: Path, kept: Kept, wanted: Wanted) -> Model:
    """See `FileFormat.read`.

    Inputs of one column each are columns by name; one input of several columns takes the features in their order.
    Of the outputs, probabilities go before labels; where there are neither, the first one gives values.
    """
    from pytest_mlquality.adapters.models.checked import CheckedModel
    from pytest_mlquality.adapters.models.numbers import answering
    from pytest_mlquality.adapters.models.onnx_graph import Graph

    graph = Graph(_session(path, wanted), wanted)
    types = kept.signature or graph.column_types
    columns = tuple(types) if types else None
    if graph.labels is None:
        return answering(graph.asking(graph.outputs[0]), kept, wanted, columns=columns, column_types=types)
    if graph.probabilities is None:
        return CheckedModel(
            uri=wanted.uri,
            digest=kept.digest,
            version=kept.version,
            columns=columns or wanted.features or None,
            column_types=types,
            ask_labels=graph.asking(graph.labels),
        )
    return answering(
        graph.asking(graph.probabilities),
        kept,
        wanted,
        columns=columns,
        column_types=types,
        classes=graph.classes(_nodes(path, wanted.uri)),
        ask_labels=graph.asking(graph.labels),
    )


def _session(path: Path, wanted: Wanted) -> Any:  # noqa: ANN401 - onnxruntime is not typed
    onnxruntime = library("onnxruntime", "onnx", wanted.uri)
    require_sound(path, onnxruntime, wanted.uri, _HOW)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    with reading(wanted.uri, onnxruntime, _HOW):
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _nodes(path: Path, uri: str) -> list[Any]:
    onnx = library("onnx", "onnx", uri)
    with reading(uri, onnx, _HOW):
        return list(onnx.load(path, load_external_data=False).graph.node)
