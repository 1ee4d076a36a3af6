"""Model registries: where a name with an alias or a number becomes one version with files."""

from __future__ import annotations

from pathlib import Path

from pytest_mlquality.adapters.registry import mlflow_registry
from pytest_mlquality.adapters.registry.face import EVIDENCE_TAG, AliasNotFound, Registry, RegistryAdapter, Version
from pytest_mlquality.errors import ModelError
from pytest_mlquality.redaction import conceal

__all__ = ["EVIDENCE_TAG", "AliasNotFound", "Registry", "Version", "open_registry"]

_ADAPTERS: tuple[RegistryAdapter, ...] = (mlflow_registry,)


def open_registry(uri: str | None, *, base: Path) -> Registry:
    """Open the registry that the settings name.

    Parameters
    ----------
    uri
        ``[registry] uri``; relative paths in it begin at `base`. None means that the settings name no registry.
    base
        The folder of the settings file.

    Raises
    ------
    ModelError
        No registry is named, nothing answers for the URI, or the registry does not exist. Nothing is ever created.
    MissingExtra
        The registry's client is not installed.
    """
    if not uri:
        raise ModelError(
            "a models:/ URI needs a registry, and the settings name none",
            'add to the settings: [registry] uri = "sqlite:///mlflow.db"',
        )
    for adapter in _ADAPTERS:
        if adapter.answers_for(uri):
            return adapter.load(uri, base=base)
    raise ModelError(
        f"[registry] uri = {conceal(uri)!r}: this kind of registry is not available in this version",
        'name an MLflow registry: "sqlite:///mlflow.db", another SQLAlchemy URL, or an http(s):// server',
    )
