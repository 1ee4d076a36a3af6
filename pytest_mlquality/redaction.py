"""Keep what came from the environment out of everything people read.

Values of ``${NAME}`` in the settings and the user part of URLs are shown as ``***``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

MASK = "***"
SHORTEST_SECRET = 3
_USER_PART = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^/\s@'\"]+@")
_secrets: set[str] = set()


def remember(secret: str) -> None:
    """Conceal `secret` from now on, also as Python and JSON write it in quotes.

    A value under three characters would mask ordinary text and is not looked for.
    """
    if len(secret) >= SHORTEST_SECRET:
        _secrets.update({secret, repr(secret)[1:-1], json.dumps(secret)[1:-1]})


def conceal(text: str) -> str:
    """Return `text` with every remembered secret and every user part of a URL replaced by ``***``."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _USER_PART.sub(rf"\g<scheme>{MASK}@", text)


def conceal_all(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value with `conceal` applied to every string in it, keys included."""
    if isinstance(value, str):
        return conceal(value)
    if isinstance(value, Mapping):
        return {conceal(str(key)): conceal_all(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [conceal_all(item) for item in value]
    return value
