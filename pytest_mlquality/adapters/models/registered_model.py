"""A version of a model in a registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlquality.adapters.models import mlflow_folder
from pytest_mlquality.adapters.models.kept import admitted, private_place
from pytest_mlquality.adapters.models.wanted import Wanted
from pytest_mlquality.adapters.registry import open_registry

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models.face import Model


def answers_for(uri: str) -> bool:
    """Say whether the URI names a version in a registry."""
    return uri.startswith("models:/")


def load(wanted: Wanted) -> Model:
    """Find the version's folder and load the model in it; see `pytest_mlquality.adapters.models.load`."""
    registry = open_registry(wanted.registry_uri, base=wanted.base)
    version = registry.resolve(wanted.uri)
    with private_place() as downloads:
        folder = registry.fetch(version, downloads)
        with admitted(folder, wanted, version.version) as kept:
            return mlflow_folder.read(kept.path, kept, wanted)
