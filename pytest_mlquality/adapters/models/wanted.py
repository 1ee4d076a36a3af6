"""What is asked for when a model is to be loaded: the settings' side of it, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_mlquality.adapters.models.trust import Trust


@dataclass(frozen=True, slots=True)
class Wanted:
    """One model as the settings name it.

    Parameters
    ----------
    uri
        ``[model] uri`` or ``baseline``; a relative path begins at `base`.
    base
        The folder of the settings file, whatever the working directory.
    registry_uri
        ``[registry] uri``, asked only for ``models:/`` URIs.
    features
        Columns that the model sees, in its order, where its file does not say.
    classes
        Class labels in the order of the probabilities, where its file does not say.
    task
        What the model answers, where the settings say so.
    key
        Where in the settings the URI stands.
    others
        URIs that stand there for other models: none of them was meant.
    labels
        Of a multilabel task, the labels in the order of the data.
    """

    uri: str
    base: Path
    registry_uri: str | None = None
    trust: Trust = field(default_factory=Trust)
    features: tuple[str, ...] = ()
    classes: tuple[Any, ...] = ()
    task: str | None = None
    key: str = "[model] uri"
    others: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """Where the file or folder lies, if the URI is a path."""
        return self.base / self.uri
