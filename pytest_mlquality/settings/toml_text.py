"""Values as TOML writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time

from pytest_mlquality.printable import quoted

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def key_text(key: tuple[str | int, ...]) -> str:
    """Return a key with its dots, an array's place in brackets: ``waive[0].owner``."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{_bare_or_quoted(part)}"
    return text.removeprefix(".")


def value_text(value: object) -> str:
    """Return a value in one line of TOML; of what TOML cannot hold, its type's name."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, float):
        return format(value, ".0f") if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        return repr(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_bare_or_quoted(str(key))} = {value_text(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(value_text, value))}]"
    return type(value).__name__


def _bare_or_quoted(part: str) -> str:
    return part if _BARE.fullmatch(part) else quoted(part)
