"""URLs in which somebody may have written user and password as they are, with ``@``, ``/``, ``?`` and ``#``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

MASK = "***"
# A URL begins a text, or follows what can be no part of one.
_SCHEME = re.compile(r"(?:(?<=[\s,;'\"(\[|=])|^)(?=(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://))")
_IN_TEXT = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<rest>[^\s'\"]+)")
_AUTHORITY = re.compile(r"[^/?#]*")


@dataclass(frozen=True, slots=True)
class Address:
    """A URL in three parts.

    Parameters
    ----------
    scheme
        With ``://``.
    user
        What stands before the ``@`` of the host, as it is written: name, or name and password; empty where nobody.
    rest
        Host and what follows.
    """

    scheme: str
    user: str
    rest: str

    @classmethod
    def of(cls, url: str) -> Address:
        """Return the parts of a whole URL; the last ``@`` ends the user part wherever it may.

        A password may hold what ends a host, such as a slash: no more than that is guessed than conceals too much.
        """
        scheme, separator, rest = url.partition("://")
        if not separator:
            return cls("", "", url)
        end = _end_of_user(rest)
        return cls(scheme + separator, rest[:end], rest[end:].removeprefix("@") if end else rest)

    @property
    def shown(self) -> str:
        """The URL with ``***`` in the place of the user part."""
        return f"{self.scheme}{MASK}@{self.rest}" if self.user else self.scheme + self.rest

    @property
    def secrets(self) -> list[str]:
        """What nobody is to read: the user part, and name and password, as written and as meant."""
        name, _, password = self.user.partition(":")
        meant = f"{unquote(name)}:{unquote(password)}"
        return list(dict.fromkeys(filter(None, [self.user, meant.strip(":"), password, unquote(password)])))


def addresses_in(text: str) -> list[Address]:
    """Return the URLs of a string of the settings, each as far as the next begins."""
    starts = [found.start() for found in _SCHEME.finditer(text)]
    return [Address.of(text[start:end]) for start, end in zip(starts, [*starts[1:], None], strict=False)]


def without_users(text: str) -> str:
    """Return a whole string, such as one of the settings, with ``***`` for the user part of its URLs."""
    for address in addresses_in(text):
        if address.user:
            text = text.replace(f"{address.scheme}{address.user}@", f"{address.scheme}{MASK}@")
    return text


def without_users_in(prose: str) -> str:
    """Return a text of people with ``***`` for the user part of its URLs, which white space and quotes end."""
    return _IN_TEXT.sub(lambda found: Address.of(found[0]).shown, prose)


def _end_of_user(rest: str) -> int:
    last = rest.rfind("@")
    authority = _AUTHORITY.match(rest)
    host = authority[0] if authority is not None else ""
    if "@" in host and ":" not in host.partition("@")[0]:
        # A name alone: what follows is a host, and an @ in its path is no secret.
        return host.rfind("@")
    return last if last > 0 and ("@" in host or ":" in host) else 0
