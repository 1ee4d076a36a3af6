"""A model in a folder that MLflow wrote.

MLflow's own loader is not used: it would build whatever types the folder's MLmodel declares trusted, and unpickle where
the folder says so. What may be built, and what may be unpickled, is this side's decision.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlquality.adapters.models import (
    catboost_file,
    lightgbm_file,
    mlmodel,
    onnx_file,
    pickle_file,
    skops_file,
    xgboost_file,
)
from pytest_mlquality.adapters.models.kept import Kept
from pytest_mlquality.adapters.models.wanted import Wanted
from pytest_mlquality.adapters.quiet_mlflow import require_mlflow
from pytest_mlquality.errors import ModelError

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models.face import FileFormat, Model


_NATIVE: dict[str, FileFormat] = {
    "catboost": catboost_file,
    "lightgbm": lightgbm_file,
    "onnx": onnx_file,
    "xgboost": xgboost_file,
}


def is_one(path: Path) -> bool:
    """Say whether the path is that of a folder that MLflow wrote, whatever stands in place of its MLmodel."""
    return path.is_dir() and os.path.lexists(path / "MLmodel")


def read(path: Path, kept: Kept, wanted: Wanted) -> Model:
    """See `FileFormat.read`."""
    require_mlflow(f"the model {wanted.uri!r}")
    description = mlmodel.read(path, wanted.uri)
    reader, file = _kept_as(description.flavors, path, wanted.uri)
    return reader.read(file, replace(kept, signature=description.signature), wanted)


def _kept_as(flavors: dict[str, dict[str, Any]], folder: Path, uri: str) -> tuple[FileFormat, Path]:
    """Return the file with the model, and the format that it has."""
    for name, flavor in flavors.items():
        if name == "sklearn":
            is_skops = flavor.get("serialization_format") == "skops"
            return skops_file if is_skops else pickle_file, _file(flavor, "pickled_model", folder, uri)
        if name in _NATIVE:
            file = _file(flavor, "data", folder, uri)
            # Wrappers with scikit-learn's interface are kept as Python objects.
            return next((one for one in (skops_file, pickle_file) if one.is_one(file)), _NATIVE[name]), file
    raise ModelError(
        f"the model {uri!r} has no flavour that can be judged (it has: {', '.join(map(ascii, sorted(flavors)))})",
        f"log it with one of {', '.join(f'mlflow.{name}' for name in ('sklearn', *_NATIVE))}",
    )


def _file(flavor: dict[str, Any], key: str, folder: Path, uri: str) -> Path:
    name = flavor.get(key)
    path = os.path.realpath(folder / name) if isinstance(name, str) and "\0" not in name else ""
    # The copy holds no links: what lies outside was never part of the model.
    if not os.path.isfile(path) or not Path(path).is_relative_to(os.path.realpath(folder)):
        raise ModelError(
            f"the model {uri!r}: its MLmodel names in {key} a file that its folder does not hold: {_short(name)}",
            "log the model again; this folder is incomplete or was changed by hand",
        )
    return Path(path)


def _short(name: object) -> str:
    return ascii(name)[:200] if isinstance(name, str) else "nothing" if name is None else f"a {type(name).__name__}"
