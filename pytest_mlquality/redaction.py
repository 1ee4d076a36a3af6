"""Keep what came from the environment out of everything people read.

Values of ``${NAME}`` in the settings and the user part of URLs are shown as ``***``.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from pytest_mlquality.address import MASK, addresses_in, without_users, without_users_in
from pytest_mlquality.printable import one_line

__all__ = [
    "MASK",
    "conceal",
    "conceal_all",
    "conceal_argument",
    "conceal_parameters",
    "remember",
    "remember_phrase",
    "remember_users",
]

SHORTEST_SECRET = 3
_secrets: set[str] = set()
_short: set[str] = set()
_phrases: dict[str, str] = {}


def remember(secret: str) -> None:
    """Conceal `secret` from now on, also as Python, JSON, URLs and messages write it, and in the base64 of a login.

    A value under three characters would mask ordinary text: it is concealed where it stands in quotes, behind ``=``,
    or in the place of a password; see also `remember_phrase`.
    """
    if len(secret) >= SHORTEST_SECRET:
        _secrets.update(form for form in _forms(secret) if len(form) >= SHORTEST_SECRET)
    elif secret:
        _short.add(secret)


def remember_users(text: str) -> None:
    """Conceal from now on what stands before the host in the URLs of a string of the settings."""
    for address in addresses_in(text):
        for secret in address.secrets:
            remember(secret)


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
    for secret in _short:
        text = re.sub(rf"(?<=['\"`=]){re.escape(secret)}(?=['\"`&;,)\s]|$)|(?<=:){re.escape(secret)}(?=@)", MASK, text)
    return without_users_in(text)


def conceal_argument(argument: str) -> str:
    """Return an argument of the command line with secrets concealed; a URL in it ends where it ends."""
    return conceal(without_users(argument))


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


def _forms(secret: str) -> Iterator[str]:
    """Yield how a secret may be written in text that was made of it."""
    for meant in {secret, unquote(secret)}:
        yield meant
        yield from (repr(meant)[1:-1], ascii(meant)[1:-1], json.dumps(meant)[1:-1])
        yield json.dumps(meant, ensure_ascii=False)[1:-1]
        yield one_line(meant)
        for escaped in (quote(meant), quote(meant, safe=""), quote_plus(meant)):
            yield escaped
            yield re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), escaped)
        if ":" in meant:
            # What a login looks like in a header.
            yield b64encode(meant.encode(errors="surrogateescape")).decode()
