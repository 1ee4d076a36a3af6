"""Model formats: from the URI in the settings to a model that can be asked."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_mlquality.adapters.models import (
    catboost_file,
    endpoint,
    lightgbm_file,
    mlflow_folder,
    naming,
    onnx_file,
    pickle_file,
    python_factory,
    registered_model,
    skops_file,
    torch_file,
    xgboost_file,
)
from pytest_mlquality.adapters.models.face import FileFormat, Model, ModelAdapter
from pytest_mlquality.adapters.models.kept import admitted
from pytest_mlquality.adapters.models.trust import Trust
from pytest_mlquality.adapters.models.wanted import Wanted
from pytest_mlquality.errors import ModelError, nearest
from pytest_mlquality.redaction import conceal

__all__ = ["Model", "Trust", "Wanted", "load"]

_ELSEWHERE: tuple[ModelAdapter, ...] = (registered_model, python_factory, endpoint)
_FORMATS: tuple[FileFormat, ...] = (
    mlflow_folder,
    skops_file,
    pickle_file,
    onnx_file,
    lightgbm_file,
    xgboost_file,
    catboost_file,
    torch_file,
)
_AVAILABLE = (
    "available are: models:/name@alias, models:/name/number, an MLflow model folder, python:module:factory, an "
    "http(s):// endpoint, and the files .skops, .joblib, .pkl, .onnx, .txt (LightGBM), .ubj and .json (XGBoost), "
    ".cbm (CatBoost), .pt and .pt2 (PyTorch)"
)


def load(wanted: Wanted) -> Model:
    """Load the model that the settings name.

    Raises
    ------
    AliasNotFound
        The registered model has no such alias: how a first release looks.
    ModelError
        The model is missing, of a format that is not available, not trusted, damaged or inconsistent.
    MissingExtra
        A package that the format needs is not installed.
    """
    for adapter in _ELSEWHERE:
        if adapter.answers_for(wanted.uri):
            return _as_asked(adapter.load(wanted), wanted)
    _require_file(wanted)
    for reader in _FORMATS:
        if reader.is_one(wanted.path):
            with admitted(wanted.path, wanted) as kept:
                return _as_asked(reader.read(kept.path, kept, wanted), wanted)
    raise ModelError(f"the model {conceal(wanted.uri)!r}: this format is not available in this version", _AVAILABLE)


def _as_asked(model: Model, wanted: Wanted) -> Model:
    """Return a model with the columns and the labels that the settings name."""
    from pytest_mlquality.adapters.models import label_sets

    return label_sets.of_task(naming.of_settings(model, wanted.features), wanted)


def _require_file(wanted: Wanted) -> None:
    path = wanted.path
    # A scheme other than a path's: which of them are available the adapters say.
    if ":" in wanted.uri:
        return
    if os.path.islink(path) and not os.path.exists(path):
        raise ModelError(
            f"the model file {wanted.uri!r} is a link that leads nowhere", "fetch what it leads to, such as by dvc pull"
        )
    if os.path.exists(path):
        if not os.path.isfile(path) and not os.path.isdir(path):
            raise ModelError(
                f"the model {wanted.uri!r} is neither a plain file nor a folder: nothing of it was read",
                f"correct {wanted.key}",
            )
        return
    taken = {os.path.realpath(wanted.base / uri) for uri in wanted.others}
    near = nearest(path.name, [name for name in _beside(path) if os.path.realpath(path.with_name(name)) not in taken])
    raise ModelError(
        f"the model file {wanted.uri!r} does not exist: looked for {path}{near}",
        f"correct {wanted.key} (it begins at the folder of the settings file), or train and save the model first",
    )


def _beside(path: Path) -> list[str]:
    try:
        return os.listdir(path.parent)
    except OSError:  # there is no such folder, or it may not be read
        return []
