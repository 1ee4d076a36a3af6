"""Model formats: from the URI in the settings to a model that can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pytest_mlquality.adapters.models import mlflow_model, skops_file
from pytest_mlquality.adapters.models.face import Model, ModelAdapter
from pytest_mlquality.errors import ModelError, nearest
from pytest_mlquality.redaction import conceal

__all__ = ["Model", "load"]

_ADAPTERS: tuple[ModelAdapter, ...] = (mlflow_model, skops_file)
_AVAILABLE = "available are: models:/name@alias, models:/name/number, an MLflow model folder, a .skops file"


def load(uri: str, *, registry_uri: str | None, trusted_types: Sequence[str] = (), base: Path) -> Model:
    """Load the model that the settings name.

    Parameters
    ----------
    uri
        ``[model] uri`` or ``baseline``; a relative path begins at `base`.
    registry_uri
        ``[registry] uri``, asked only for ``models:/`` URIs.
    trusted_types
        Types beyond the known ones that a skops file may build.
    base
        The folder of the settings file, whatever the working directory.

    Raises
    ------
    AliasNotFound
        The registered model has no such alias: how a first release looks.
    ModelError
        The model is missing, of a format that is not available, not trusted, damaged or inconsistent.
    MissingExtra
        A package that the format needs is not installed.
    """
    _require_file(uri, base)
    for adapter in _ADAPTERS:
        if adapter.answers_for(uri, base):
            return adapter.load(uri, registry_uri=registry_uri, trusted_types=trusted_types, base=base)
    raise ModelError(f"the model {conceal(uri)!r}: this format is not available in this version", _AVAILABLE)


def _require_file(uri: str, base: Path) -> None:
    path = base / uri
    # A scheme other than a path's: models:, http:, python:. Which of them are available the adapters say.
    if ":" in uri or path.exists():
        return
    near = nearest(path.name, (other.name for other in path.parent.iterdir())) if path.parent.is_dir() else ""
    raise ModelError(
        f"the model file {uri!r} does not exist: looked for {path}{near}",
        "correct [model] uri (it begins at the folder of the settings file), or train and save the model first",
    )
