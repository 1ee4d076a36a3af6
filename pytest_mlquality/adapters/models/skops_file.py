"""A scikit-learn model in a skops file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlquality.adapters.models.kept import Kept
from pytest_mlquality.adapters.models.skops_types import load_trusted
from pytest_mlquality.adapters.models.wanted import Wanted

if TYPE_CHECKING:
    from pytest_mlquality.adapters.models.face import Model


def is_one(path: Path) -> bool:
    """Say whether the path is that of a skops file."""
    return path.suffix == ".skops"


def read(path: Path, kept: Kept, wanted: Wanted) -> Model:
    """See `FileFormat.read`."""
    from pytest_mlquality.adapters.models.scikit_learn import model_of

    return model_of(load_trusted(path, uri=wanted.uri, trusted_types=wanted.trust.types), kept, wanted)
