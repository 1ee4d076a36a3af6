"""The files of a model, copied where nobody else writes: what was hashed and verified is what is loaded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pytest_mlquality.adapters.models import digest
from pytest_mlquality.adapters.models.trust import signature_of
from pytest_mlquality.adapters.models.wanted import Wanted

# Nobody signed it.
_NOTES = shutil.ignore_patterns(digest.NOTE_OF_DOWNLOADS)


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
        It is not; nothing of it has been loaded then.
    """
    with TemporaryDirectory(prefix="mlquality-model-") as private:
        copy = Path(private, source.name)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=_NOTES)
        else:
            for file in (source, signature_of(source)):
                if file.is_file():
                    shutil.copyfile(file, copy.with_name(file.name))
        found = digest.of_folder(copy) if copy.is_dir() else digest.of_file(copy)
        wanted.trust.admit(copy, found, wanted.uri)
        yield Kept(copy, found, version)
