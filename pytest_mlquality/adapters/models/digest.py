"""The sha256 of a model's files, such that anyone can repeat it with the shell."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

# MLflow leaves this note beside the files when it downloads a registered model: it is not part of the model.
NOTE_OF_DOWNLOADS = "registered_model_meta"
# Signing a model makes no other model of it.
SIGNATURE = "model.sig"
_BESIDE = frozenset({NOTE_OF_DOWNLOADS, SIGNATURE})


def of_file(path: Path) -> str:
    """Return the digest of one file: what ``sha256sum FILE`` prints, after ``sha256:``."""
    return f"sha256:{_hex(path)}"


def of_folder(folder: Path) -> str:
    """Return the digest of a folder: the sha256 over the lines of ``sha256sum`` of its files, sorted by name.

    Names are relative to `folder`, so where it lies, when it was written and who owns it do not matter.
    """
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    lines = "".join(f"{_hex(folder / name)}  {name}\n" for name in names if name not in _BESIDE)
    return f"sha256:{hashlib.sha256(os.fsencode(lines)).hexdigest()}"


def _hex(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
