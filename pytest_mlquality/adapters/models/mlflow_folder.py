"""A model in a folder that MLflow wrote.

MLflow's own loader is not used: it would build whatever types the folder's MLmodel declares trusted, and unpickle where
the folder says so. What may be built, and what may be unpickled, is this side's decision.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlquality.adapters.models import (
    catboost_file,
    lightgbm_file,
    onnx_file,
    pickle_file,
    skops_file,
    xgboost_file,
)
from pytest_mlquality.adapters.models.kept import Kept
from pytest_mlquality.adapters.models.wanted import Wanted
from pytest_mlquality.adapters.quiet_mlflow import require_mlflow
from pytest_mlquality.errors import ModelError
from pytest_mlquality.redaction import conceal

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models.face import FileFormat, Model


_NATIVE: dict[str, FileFormat] = {
    "catboost": catboost_file,
    "lightgbm": lightgbm_file,
    "onnx": onnx_file,
    "xgboost": xgboost_file,
}


def is_one(path: Path) -> bool:
    """Say whether the path is that of a folder that MLflow wrote."""
    return (path / "MLmodel").is_file()


def read(path: Path, kept: Kept, wanted: Wanted) -> Model:
    """See `FileFormat.read`."""
    description = _description(path, wanted.uri)
    reader, file = _kept_as(description, path, wanted.uri)
    return reader.read(file, replace(kept, signature=_signature(description)), wanted)


def _description(folder: Path, uri: str) -> Any:  # noqa: ANN401 - mlflow.models.Model, not typed
    require_mlflow(f"the model {uri!r}")
    from mlflow.models import Model as Description

    try:
        return Description.load(str(folder / "MLmodel"))
    except Exception as error:
        raise ModelError(
            f"the model {uri!r}: its MLmodel cannot be read: {conceal(str(error).replace(str(folder), '...'))}",
            "log the model again; this folder is incomplete or damaged",
        ) from error


def _kept_as(description: Any, folder: Path, uri: str) -> tuple[FileFormat, Path]:  # noqa: ANN401 - as above
    """Return the file with the model, and the format that it has."""
    for name, flavor in description.flavors.items():
        if name == "sklearn":
            is_skops = flavor.get("serialization_format") == "skops"
            return skops_file if is_skops else pickle_file, _file(flavor["pickled_model"], folder, uri)
        if name in _NATIVE:
            file = _file(flavor["data"], folder, uri)
            # Wrappers with scikit-learn's interface are kept as Python objects.
            return next((one for one in (skops_file, pickle_file) if one.is_one(file)), _NATIVE[name]), file
    raise ModelError(
        f"the model {uri!r} has no flavour that can be judged (it has: {', '.join(sorted(description.flavors))})",
        f"log it with one of {', '.join(f'mlflow.{name}' for name in ('sklearn', *_NATIVE))}",
    )


def _file(name: str, folder: Path, uri: str) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise ModelError(
            f"the model {uri!r}: its MLmodel names a file that its folder does not hold: {name!r}",
            "log the model again; this folder is incomplete or was changed by hand",
        )
    return path


def _signature(description: Any) -> dict[str, str] | None:  # noqa: ANN401 - as above
    inputs = description.signature.inputs if description.signature else None
    if inputs is None or not inputs.has_input_names():
        return None
    types = inputs.input_dict()
    return {name: getattr(types[name].type, "name", str(types[name].type)) for name in inputs.input_names()}
