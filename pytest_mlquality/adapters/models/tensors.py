"""What a server of the Open Inference Protocol says of its tensors, held against the protocol's own shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pytest_mlquality.errors import ModelError

# The protocol's datatypes.
DATATYPES = frozenset(
    (
        "BOOL",
        "BYTES",
        "FP16",
        "FP32",
        "FP64",
        "BF16",
        *(f"{sign}INT{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)),
    )
)
REMEDY = "check that the path names a model of the Open Inference Protocol, version 2, and what the server says of it"


@dataclass(frozen=True, slots=True)
class Tensor:
    """One input or output.

    Parameters
    ----------
    shape
        -1 where a dimension is open.
    data
        Of an output the values, nested or not.
    """

    name: str
    datatype: str
    shape: tuple[int, ...]
    data: Any = None

    @property
    def width(self) -> int:
        """How many columns it holds."""
        return 1 if len(self.shape) < 2 else self.shape[1]


def described_inputs(metadata: dict[str, Any], shown: str) -> tuple[Tensor, ...]:
    """Return what a server takes, as its metadata have it; nothing where it does not say.

    Parameters
    ----------
    shown
        The endpoint as people may see it.

    Raises
    ------
    ModelError
        The metadata are not as the protocol has them.
    """
    listed = metadata.get("inputs")
    found = () if listed is None else tuple(_tensors(listed, "inputs", shown))
    for one in found:
        if one.datatype not in DATATYPES:
            raise _refused(shown, "inputs", "has a datatype that the protocol does not know")
    return found


def names_of_outputs(metadata: dict[str, Any]) -> tuple[str, ...]:
    """Return what the metadata call the outputs, as far as they do."""
    listed = metadata.get("outputs")
    names = [one.get("name") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return tuple(name for name in names if isinstance(name, str))


def described_outputs(listed: Any, shown: str) -> dict[str, Tensor]:  # noqa: ANN401 - any JSON
    """Return what a server answered by the name of the output; see `described_inputs`."""
    found = {one.name: one for one in _tensors(listed, "outputs", shown)}
    if not found:
        raise _refused(shown, "outputs", "is empty")
    if any(not isinstance(one.data, list) for one in found.values()):
        raise _refused(shown, "outputs", "has an entry without a list of data")
    return found


def _tensors(listed: Any, what: str, shown: str) -> Iterator[Tensor]:  # noqa: ANN401 - any JSON
    if not isinstance(listed, list):
        raise _refused(shown, what, "is no list")
    names = set()
    for one in listed:
        if not isinstance(one, dict):
            raise _refused(shown, what, "has an entry that is no object")
        name, datatype, shape = one.get("name"), one.get("datatype"), one.get("shape")
        if not isinstance(name, str) or not name or name in names:
            raise _refused(shown, what, "has an entry without a name of its own")
        if not isinstance(datatype, str):
            raise _refused(shown, what, "has an entry without a datatype")
        if not isinstance(shape, list) or not all(type(size) is int and -1 <= size < 2**31 for size in shape):
            raise _refused(shown, what, "has an entry whose shape is no list of whole numbers")
        names.add(name)
        yield Tensor(name, datatype, tuple(shape), one.get("data"))


def _refused(shown: str, what: str, problem: str) -> ModelError:
    return ModelError(f"the endpoint {shown!r} does not answer as the protocol says: its {what!r} {problem}", REMEDY)
