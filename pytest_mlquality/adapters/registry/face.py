"""What the gate asks of a model registry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pytest_mlquality.errors import ModelError

EVIDENCE_TAG = "mlquality.evidence"
"""The tag that a promotion leaves on a version: a model that has it somewhere has been released by a gate before."""


class AliasNotFound(ModelError):
    """The model is registered, but none of its versions carries the alias: a first release looks like this."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a registered model.

    Parameters
    ----------
    name, version
        What never changes: the registered name and the number as text.
    uri
        What was asked for; where it names an alias, another version may answer tomorrow.
    source
        Where the files lie: an absolute path, or the URI of a remote store.
    """

    name: str
    version: str
    uri: str
    source: str


class Registry(Protocol):
    """A model registry that is open for reading."""

    def resolve(self, uri: str) -> Version:
        """Return the version that ``models:/name@alias`` or ``models:/name/number`` means now.

        Raises
        ------
        AliasNotFound
            The model exists, the alias does not.
        ModelError
            The URI has another shape, the name or number is unknown, or the registry cannot be reached.
        """
        ...

    def alias_exists(self, name: str, alias: str) -> bool:
        """Say whether a version of `name` carries `alias`; an unknown `name` is a ModelError."""
        ...

    def has_gate_evidence(self, name: str) -> bool:
        """Say whether any version of `name` carries the tag `EVIDENCE_TAG`; an unknown `name` is a ModelError."""
        ...

    def metrics(self, uri: str) -> dict[str, float]:
        """Return the last value of each metric of the run that trained a version, by name; empty where none is known.

        Raises
        ------
        ModelError
            As `resolve`.
        """
        ...

    def fetch(self, version: Version, into: Path) -> Path:
        """Return the local folder that holds the version's files; what is remote is downloaded below `into`."""
        ...


class RegistryAdapter(Protocol):
    """What the module of a kind of registry offers: the first two of its three parts."""

    def answers_for(self, uri: str) -> bool:
        """Say whether this kind of registry is meant."""
        ...

    def load(self, uri: str, *, base: Path) -> Registry:
        """Open the registry; see `pytest_mlquality.adapters.registry.open_registry`."""
        ...
