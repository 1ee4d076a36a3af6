"""The files of a model, copied where nobody else writes: what was hashed and verified is what is loaded."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pytest_mlquality.adapters.models import digest
from pytest_mlquality.adapters.models.copying import copy_file, copy_folder
from pytest_mlquality.adapters.models.trust import signature_of
from pytest_mlquality.adapters.models.wanted import Wanted
from pytest_mlquality.errors import ModelError
from pytest_mlquality.private_folder import private_folder

# Nobody signed it.
_NOTES = frozenset({digest.NOTE_OF_DOWNLOADS})


@dataclass(frozen=True, slots=True)
class Kept:
    """A model's own copy: a file or a folder that the settings admit.

    Parameters
    ----------
    digest
        Of the file or folder.
    version
        The registry's number, where it came from one.
    signature
        Column -> type, where something beside the model's own file says what it asks for.
    """

    path: Path
    digest: str
    version: str | None = None
    signature: dict[str, str] | None = None


@contextmanager
def admitted(source: Path, wanted: Wanted, version: str | None = None) -> Iterator[Kept]:
    """Copy a model's file or folder, and give the copy if it is what the settings pin and demand to be signed.

    The copy lasts as long as the context.

    Raises
    ------
    ModelError
        It is not, or holds what is no plain file; nothing of it has been loaded then.
    """
    with private_place() as private:
        copy = private / source.name
        if source.is_dir():
            copy_folder(source, copy, wanted.uri, _NOTES)
        else:
            copy_file(source, copy, wanted.uri)
            if (signature := signature_of(source)).is_file():
                copy_file(signature, copy.with_name(signature.name), wanted.uri)
        found = digest.of_folder(copy) if copy.is_dir() else digest.of_file(copy)
        wanted.trust.admit(copy, found, wanted.uri)
        yield Kept(copy, found, version)


@contextmanager
def private_place() -> Iterator[Path]:
    """Make an empty folder that nobody else may enter; it goes with the context, or with the next run after a kill.

    Raises
    ------
    ModelError
        There is no room, or no right to make it.
    """
    try:
        place = tempfile.TemporaryDirectory(dir=_of_process(tempfile.gettempdir()))
    except OSError as error:
        raise ModelError(
            f"no folder for copies of models can be made: {error.strerror or type(error).__name__}",
            "make room, or set TMPDIR to a folder that you may write to",
        ) from error
    with place as name:
        yield Path(name)


@cache
def _of_process(_temporary: str) -> Path:
    return private_folder("models")
