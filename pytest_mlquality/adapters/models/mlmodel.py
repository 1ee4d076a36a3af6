"""What the MLmodel file of a folder says, read as what it is: text that anybody may have written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_mlquality.errors import ModelError
from pytest_mlquality.own_error import told

# MLflow writes some hundred lines, and a line more a column.
_MOST_BYTES = 16 * 2**20
_MOST_PARTS = 100_000
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Description:
    """What is asked of an MLmodel.

    Parameters
    ----------
    flavors
        Name -> what it keeps, in the file's order.
    signature
        Column -> type, where it says so.
    """

    flavors: dict[str, dict[str, Any]]
    signature: dict[str, str] | None


def read(folder: Path, uri: str) -> Description:
    """Read the MLmodel of a folder.

    Raises
    ------
    ModelError
        It is none: no YAML, of another shape, too deep, or larger than MLflow writes it.
    """
    try:
        said = _parsed(folder / "MLmodel")
        return Description(_flavors(said), _signature(said.get("signature")))
    except Exception as error:
        why = str(error) if isinstance(error, _Unlike) else told(error)
        raise ModelError(
            f"the model {uri!r}: its MLmodel cannot be read: {why}",
            "log the model again; this folder is incomplete or damaged",
        ) from error


class _Unlike(ValueError):
    """What MLflow does not write, in words of ours."""


def _parsed(file: Path) -> Mapping[Any, Any]:
    import yaml

    if file.stat().st_size > _MOST_BYTES:
        raise _Unlike(f"it has more than {_MOST_BYTES:,} bytes")
    text = file.read_bytes()
    depth = 0
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    # The events come one by one; what is made of them would be as deep as they are, and as large as their references.
    for number, event in enumerate(yaml.parse(text, Loader=loader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST or number > _MOST_PARTS:
            raise _Unlike("it is larger or deeper than MLflow writes it")
        if isinstance(event, yaml.ScalarEvent) and event.value == "<<":
            raise _Unlike("it merges parts into others")
    said = yaml.load(text, Loader=loader)
    if not isinstance(said, dict):
        raise _Unlike("it is no list of names and values")
    return said


def _flavors(said: Mapping[Any, Any]) -> dict[str, dict[str, Any]]:
    flavors = said.get("flavors")
    if not isinstance(flavors, dict) or not flavors:
        raise _Unlike("its flavors are no list of names, each with what it keeps")
    if not all(isinstance(name, str) and isinstance(kept, dict) for name, kept in flavors.items()):
        raise _Unlike("one of its flavors is no name with what it keeps")
    return flavors


def _signature(said: object) -> dict[str, str] | None:
    if said is None:
        return None
    if not isinstance(said, dict):
        raise _Unlike("its signature is no list of names and values")
    from mlflow.models import ModelSignature

    inputs = ModelSignature.from_dict(said).inputs
    if inputs is None or not inputs.has_input_names():
        return None
    types = inputs.input_dict()
    return {name: getattr(types[name].type, "name", str(types[name].type)) for name in inputs.input_names()}
