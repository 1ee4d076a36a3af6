"""JSON over HTTP, with errors that say what to do and show no password and no row."""

from __future__ import annotations

import base64
import json
from functools import cached_property
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from pytest_mlquality.errors import ModelError
from pytest_mlquality.redaction import conceal

SECONDS = 60


class _NoRedirects(HTTPRedirectHandler):
    """Passwords and rows go to the server that the settings name, and to no other that it names."""

    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        """Return None: the redirect is an error."""


_OPENER = build_opener(_NoRedirects)


class Connection:
    """One endpoint: where it is, and how it is asked.

    Parameters
    ----------
    uri
        May name user and password, which are sent as basic authentication; what follows ``?`` is not sent.
    """

    def __init__(self, uri: str) -> None:
        self._parts = urlsplit(uri)

    @cached_property
    def shown(self) -> str:
        """The address as people may see it."""
        return conceal(urlunsplit(self._parts._replace(netloc=self._host, query="")))

    def get(self, below: str) -> dict[str, Any]:
        """Return what a GET of a path below the endpoint's answers."""
        return self._ask(below, None)

    def post(self, below: str, question: dict[str, Any], key: str) -> Any:  # noqa: ANN401 - any JSON
        """Return what stands at `key` of the answer to a POST.

        Raises
        ------
        ModelError
            The server cannot be reached, refuses, or answers with something else.
        """
        answer = self._ask(below, json.dumps(question).encode())
        if key not in answer:
            raise ModelError(
                f"the endpoint {self.shown!r} answered without {key!r}: it has {', '.join(map(str, answer))}",
                "check that the path names the protocol that this server speaks",
            )
        return answer[key]

    @property
    def _host(self) -> str:
        return self._parts.netloc.rpartition("@")[2]

    def _ask(self, below: str, body: bytes | None) -> dict[str, Any]:
        url = urlunsplit(self._parts._replace(netloc=self._host, path=self._parts.path + below, query="", fragment=""))
        request = Request(url, body, {"Content-Type": "application/json", **self._authorization})
        try:
            with _OPENER.open(request, timeout=SECONDS) as answer:
                found = json.loads(answer.read())
        except HTTPError as error:
            # What a server writes about a row may quote it.
            raise ModelError(
                f"the endpoint {self.shown!r} answered with status {error.code} ({error.reason})",
                "ask it by hand, or look into its log: the model may not be loaded, or take other columns",
            ) from None
        except (URLError, TimeoutError, OSError) as error:
            reason = getattr(error, "reason", error)
            raise ModelError(
                f"the endpoint {self.shown!r} cannot be reached: {conceal(str(reason))}",
                "check the address and that the server is up and reachable from here",
            ) from None
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ModelError(
                f"the endpoint {self.shown!r} did not answer with a JSON object",
                "check that the path names the protocol that this server speaks",
            )
        return found

    @property
    def _authorization(self) -> dict[str, str]:
        if self._parts.username is None:
            return {}
        user = f"{unquote(self._parts.username)}:{unquote(self._parts.password or '')}"
        return {"Authorization": f"Basic {base64.b64encode(user.encode()).decode()}"}
