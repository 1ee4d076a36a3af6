"""A scikit-learn model in a skops file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlquality.adapters.models import digest
from pytest_mlquality.adapters.models.trust import load_trusted

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models.face import Model

# --- what it answers for ----------------------------------------------------------------------------------------------


def answers_for(uri: str, base: Path) -> bool:
    """Say whether the URI is the path of a skops file."""
    return (base / uri).suffix == ".skops"


# --- load -------------------------------------------------------------------------------------------------------------


def load(uri: str, *, registry_uri: str | None, trusted_types: Sequence[str], base: Path) -> Model:
    """Load the file; see `pytest_mlquality.adapters.models.load`."""
    return _model(base / uri, uri, trusted_types)


# --- the Model --------------------------------------------------------------------------------------------------------


def _model(path: Path, uri: str, trusted_types: Sequence[str]) -> Model:
    from pytest_mlquality.adapters.models.scikit_learn import model_of

    estimator = load_trusted(path, uri=uri, trusted_types=trusted_types)
    return model_of(estimator, uri=uri, version=None, digest=digest.of_file(path))
