"""JSON over HTTP, with errors that say what to do and show no password and no row.

An exchange ends after `SECONDS`, however the server drips its answer, and an answer has at most `BYTES` and
`BYTES_A_ROW` for each row that was asked about.
"""

from __future__ import annotations

import base64
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit
from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from pytest_mlquality.address import Address
from pytest_mlquality.errors import ModelError
from pytest_mlquality.redaction import conceal, remember_users

SECONDS = 60.0
BYTES = 2**20
# A thousand classes with all their digits are a third of it.
BYTES_A_ROW = 2**16
CHUNK = 2**16
_PROTOCOL = "check that the path names the protocol that this server speaks"


class Connection:
    """One endpoint: where it is, and how it is asked.

    Parameters
    ----------
    uri
        May name user and password, which are sent as basic authentication; what follows ``?`` is not sent.

    Raises
    ------
    ModelError
        It is no address.
    """

    def __init__(self, uri: str) -> None:
        remember_users(uri)
        self._user, self._parts = _parts(uri)

    @property
    def shown(self) -> str:
        """The address as people may see it."""
        return conceal(urlunsplit(self._parts._replace(query="", fragment="")))

    @property
    def path(self) -> str:
        """The path, which names the protocol."""
        return self._parts.path

    @property
    def query(self) -> str:
        """What follows ``?``, which is for this side."""
        return self._parts.query

    def get(self, below: str) -> dict[str, Any]:
        """Return what a GET of a path below the endpoint's answers; see `post` for what it raises."""
        return self._ask(below, None, BYTES)

    def post(self, below: str, question: dict[str, Any], key: str, *, rows: int) -> Any:  # noqa: ANN401 - any JSON
        """Return what stands at `key` of the answer to a POST about so many rows.

        Raises
        ------
        ModelError
            The server cannot be reached, refuses, answers with something else, with more, or too slowly.
        """
        answer = self._ask(below, json.dumps(question).encode(), BYTES + rows * BYTES_A_ROW)
        if key not in answer:
            # Whatever else a server writes may quote rows, names of keys too.
            known = [one for one in ("predictions", "outputs", "error", "error_code", "message") if one in answer]
            told = f": it has {', '.join(known)}" if known else ""
            raise ModelError(f"the endpoint {self.shown!r} answered without {key!r}{told}", _PROTOCOL)
        return answer[key]

    def _ask(self, below: str, body: bytes | None, most: int) -> dict[str, Any]:
        url = urlunsplit(self._parts._replace(path=self._parts.path + below, query="", fragment=""))
        request = Request(url, body, {"Content-Type": "application/json", **self._authorization})
        with _Watch(SECONDS) as watch, self._explained(watch):
            with watch.opener.open(request, timeout=SECONDS) as answer:
                text = b"".join(self._chunks(answer.read1, most))
                # A connection that is cut off looks like an answer that ends.
                if watch.expired:
                    raise TimeoutError
            found = _json(text)
        if not isinstance(found, dict):
            raise ModelError(f"the endpoint {self.shown!r} did not answer with a JSON object", _PROTOCOL)
        return found

    def _chunks(self, read: Callable[[int], bytes], most: int) -> Iterator[bytes]:
        had = 0
        while part := read(CHUNK):
            had += len(part)
            if had > most:
                raise ModelError(
                    f"the endpoint {self.shown!r} answers with more than {most:,} bytes, the most that is read "
                    f"({BYTES:,}, and {BYTES_A_ROW:,} for each row that it is asked about)",
                    "have it answer each row with its prediction alone",
                )
            yield part

    @contextmanager
    def _explained(self, watch: _Watch) -> Iterator[None]:
        try:
            yield
        except HTTPError as error:
            # What a server writes about a row may quote it, its reason phrase too.
            code = error.code
            error.close()
            phrase = f" ({HTTPStatus(code).phrase})" if code in HTTPStatus._value2member_map_ else ""
            raise ModelError(
                f"the endpoint {self.shown!r} answered with status {code}{phrase}",
                "ask it by hand, or look into its log: the model may not be loaded, or take other columns",
            ) from None
        except ModelError:
            raise
        except (URLError, HTTPException, OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            if watch.expired or isinstance(reason, TimeoutError):
                raise ModelError(
                    f"the endpoint {self.shown!r} did not answer in full within {SECONDS:g} s",
                    "see that it is up and fast enough: 1,000 rows are asked about at once",
                ) from None
            if isinstance(reason, OSError):
                raise ModelError(
                    f"the endpoint {self.shown!r} cannot be reached: {_why(reason)}",
                    "check the address and that the server is up and reachable from here",
                ) from None
            raise ModelError(f"the endpoint {self.shown!r} does not speak HTTP as it should", _PROTOCOL) from None

    @property
    def _authorization(self) -> dict[str, str]:
        if not self._user:
            return {}
        name, _, password = self._user.partition(":")
        user = f"{unquote(name)}:{unquote(password)}"
        return {"Authorization": f"Basic {base64.b64encode(user.encode()).decode()}"}


class _NoRedirects(HTTPRedirectHandler):
    """Passwords and rows go to the server that the settings name, and to no other that it names."""

    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        """Return None: the redirect is an error."""


class _Watch:
    """A bound on one whole exchange: the time-out of a socket is one for each read.

    Attributes
    ----------
    expired
        Whether it has cut the exchange off.
    """

    def __init__(self, seconds: float) -> None:
        self.expired = False
        self._sockets: list[socket.socket] = []
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True
        self.opener = build_opener(_NoRedirects, _Plain(self), _Encrypted(self))

    def __enter__(self) -> _Watch:
        self._timer.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._timer.cancel()

    def over(self, connected: socket.socket) -> None:
        """Watch over a connection, too."""
        self._sockets.append(connected)
        if self.expired:
            self._cut()

    def _cut(self) -> None:
        self.expired = True
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class _WatchedConnection(HTTPConnection):
    def __init__(self, *arguments: Any, watch: _Watch, **more: Any) -> None:  # noqa: ANN401 - http.client's own
        super().__init__(*arguments, **more)
        self._watch = watch

    def connect(self) -> None:
        super().connect()
        self._watch.over(self.sock)


class _WatchedEncryptedConnection(HTTPSConnection):
    def __init__(self, *arguments: Any, watch: _Watch, **more: Any) -> None:  # noqa: ANN401 - as above
        super().__init__(*arguments, **more)
        self._watch = watch

    def connect(self) -> None:
        super().connect()
        self._watch.over(self.sock)


class _Plain(HTTPHandler):
    def __init__(self, watch: _Watch) -> None:
        super().__init__()
        self._watched = watch

    def http_open(self, request: Request) -> Any:  # noqa: ANN401 - urllib's own response
        return self.do_open(partial(_WatchedConnection, watch=self._watched), request)


class _Encrypted(HTTPSHandler):
    def __init__(self, watch: _Watch) -> None:
        super().__init__(context=ssl.create_default_context())
        self._watched = watch

    def https_open(self, request: Request) -> Any:  # noqa: ANN401 - as above
        connection = partial(_WatchedEncryptedConnection, watch=self._watched)
        return self.do_open(connection, request, context=self._context)  # type: ignore[attr-defined]


def _parts(uri: str) -> tuple[str, SplitResult]:
    """Return the user part and the rest; a password may hold what ends a host, so it is taken out first."""
    address = Address.of(uri)
    try:
        parts = urlsplit(address.scheme + address.rest)
        # It raises where the port is no number.
        is_one = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_one = False
    if not is_one:
        raise ModelError(
            f"the endpoint {conceal(address.shown)!r} is no address of a server",
            "write https://user:password@host:port/path, with %40 for @ in user and password, %2F for / and so on",
        )
    return address.user, parts


def _json(text: bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _why(reason: OSError) -> str:
    if isinstance(reason, ssl.SSLError):
        # A certificate's own words are the server's.
        return f"no encrypted connection ({reason.reason or 'SSL'})"
    return reason.strerror or type(reason).__name__
