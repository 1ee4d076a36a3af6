"""A proposal tried out before it is written: the system as the proposed gate file describes it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlquality.errors import MLQualityError

if TYPE_CHECKING:
    from pytest_mlquality.subject import Subject


@contextmanager
def draft(text: str, base: Path) -> Iterator[Subject]:
    """Yield the subject of a gate file, which is read as if it stood in `base`."""
    from pytest_mlquality.subject import load

    path = base / f".{secrets.token_hex(4)}.mlquality.toml"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
        yield load(path)
    except OSError as error:
        raise MLQualityError(f"cannot write {path}: {error.strerror or error}", "choose another --directory") from None
    finally:
        path.unlink(missing_ok=True)
