"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pytest_mlquality.errors import EvidenceError


def write_whole(path: Path, text: str) -> Path:
    """Write `text` to `path` in one step, making its folder; whoever reads sees the old file or the new one.

    Raises
    ------
    EvidenceError
        Where the folder or the file cannot be written.
    """
    # Not tempfile: its files are readable by their owner alone, and reports are read by others.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            draft.write_text(text, encoding="utf-8", newline="\n")
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as problem:
        raise EvidenceError(
            f"cannot write the report {path}: {problem.strerror or problem}",
            "choose a folder that can be written with --ml-report DIR",
        ) from problem
    return path
