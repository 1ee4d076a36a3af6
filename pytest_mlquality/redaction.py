"""Keep what came from the environment out of everything people read.

Values of ``${NAME}`` in the settings and the user part of URLs are shown as ``***``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pytest_mlquality.printable import one_line

MASK = "***"
SHORTEST_SECRET = 3
_USER_PART = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^/\s@'\"]+@")
_secrets: set[str] = set()
_phrases: dict[str, str] = {}


def remember(secret: str) -> None:
    """Conceal `secret` from now on, also as Python and JSON write it in quotes and as messages show it.

    A value under three characters would mask ordinary text: of such a one, see `remember_phrase`.
    """
    if len(secret) >= SHORTEST_SECRET:
        _secrets.update({secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], one_line(secret)})


def remember_phrase(text: str, shown: str) -> None:
    """Show `text`, a whole string of the settings, as `shown` from now on: a very short one where it stands alone."""
    if text != shown:
        _phrases[text] = shown


def conceal(text: str) -> str:
    """Return `text` with every remembered secret and every user part of a URL replaced by ``***``."""
    if text in _phrases:
        return _phrases[text]
    for phrase in sorted(_phrases, key=len, reverse=True):
        if len(phrase) >= SHORTEST_SECRET:
            text = text.replace(phrase, _phrases[phrase])
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _USER_PART.sub(rf"\g<scheme>{MASK}@", text)


def conceal_parameters(name: str) -> str:
    """Return the name of a test with its parameters concealed; what stands before the brackets is code."""
    before, bracket, parameters = name.partition("[")
    return f"{before}{bracket}{conceal(parameters)}"


def conceal_all(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value with `conceal` applied to every string in it; its keys are never read from anywhere."""
    if isinstance(value, str):
        return conceal(value)
    if isinstance(value, Mapping):
        return {str(key): conceal_all(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [conceal_all(item) for item in value]
    return value
