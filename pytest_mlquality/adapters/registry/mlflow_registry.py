"""MLflow's model registry, on SQLite, another SQLAlchemy database or a tracking server.

The client gets its URIs as arguments: a run of the gate leaves the tracking and registry URI of the process alone.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from pytest_mlquality.adapters.quiet_mlflow import require_mlflow
from pytest_mlquality.adapters.registry.face import EVIDENCE_TAG, AliasNotFound, Version
from pytest_mlquality.adapters.registry.sqlite_location import located
from pytest_mlquality.errors import ModelError, nearest
from pytest_mlquality.own_error import cause_of, only_known, told
from pytest_mlquality.redaction import conceal
from pytest_mlquality.shown import values_may_be_shown

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

# --- what it answers for ----------------------------------------------------------------------------------------------

_SCHEMES = re.compile(r"(sqlite|postgresql|mysql|mssql)(\+\w+)?://|https?://")
_KIND = re.compile(r"[A-Z][A-Za-z]*(Error|Exception)")
_MODEL = re.compile(r"models:/+(?P<name>[^/@]+)(@(?P<alias>[^/@]+)|/(?P<number>\d+))")


def answers_for(uri: str) -> bool:
    """Say whether MLflow's client opens such a registry."""
    return _SCHEMES.match(uri) is not None


# --- load -------------------------------------------------------------------------------------------------------------


def load(uri: str, *, base: Path) -> MlflowRegistry:
    """Open the registry; see `pytest_mlquality.adapters.registry.open_registry`."""
    require_mlflow(f"the registry {conceal(uri)!r}")
    from mlflow.tracking import MlflowClient

    found = located(uri, base)
    with _explained(uri):
        return MlflowRegistry(uri=found, base=base, client=MlflowClient(tracking_uri=found, registry_uri=found))


@contextmanager
def _explained(uri: str) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            # MLflow's own use of SQLAlchemy: nothing that a user of the gate could mend.
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(
            f"the registry {conceal(uri)!r} cannot be asked: {told(error)}",
            "check [registry] uri, that the server or file can be reached, and that its version fits this MLflow",
        ) from cause_of(error)


# --- the Registry -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MlflowRegistry:
    """An open MLflow registry.

    Parameters
    ----------
    uri
        The registry with an absolute path.
    base
        Where relative artifact locations begin.
    """

    uri: str
    base: Path
    client: MlflowClient

    def resolve(self, uri: str) -> Version:
        """See `Registry.resolve`."""
        match = _MODEL.fullmatch(uri)
        if match is None:
            raise ModelError(
                f"{uri!r} does not name one version of a registered model",
                "write models:/name@alias or models:/name/number; 'latest' and stages move without anyone's decision",
            )
        name = match["name"]
        number = match["number"] or self._aliased(name, match["alias"])
        return Version(name=name, version=number, uri=uri, source=self._source(name, number))

    def alias_exists(self, name: str, alias: str) -> bool:
        """See `Registry.alias_exists`."""
        return alias in self._aliases(name)

    def has_gate_evidence(self, name: str) -> bool:
        """See `Registry.has_gate_evidence`."""
        self._aliases(name)
        return any(EVIDENCE_TAG in version.tags for version in self._versions(name))

    def metrics(self, uri: str) -> dict[str, float]:
        """See `Registry.metrics`."""
        version = self.resolve(uri)
        with _explained(self.uri):
            run = self.client.get_model_version(version.name, version.version).run_id
            return dict(self.client.get_run(run).data.metrics) if run else {}

    def fetch(self, version: Version, into: Path) -> Path:
        """See `Registry.fetch`."""
        local = self._local(version.source)
        if local is None:
            return self._downloaded(version, into)
        if not local.is_dir():
            raise ModelError(
                f"version {version.version} of {version.name!r} is registered, but its files are not at {local}",
                "MLflow keeps absolute paths: if the project or its artifacts moved, put them back or register again",
            )
        return local

    def _downloaded(self, version: Version, into: Path) -> Path:
        # In a process of its own: some of MLflow's stores ask the registry of the *process*, and for want of one create
        # a database in the working directory. Setting it here would change the user's own.
        command = [sys.executable, "-m", "mlflow", "artifacts", "download", "-u", version.source, "-d", str(into)]
        own = {"MLFLOW_TRACKING_URI": self.uri, "MLFLOW_REGISTRY_URI": self.uri}
        into.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(command, env=os.environ | own, cwd=into, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ModelError(
                f"the files of version {version.version} of {version.name!r} cannot be fetched from "
                f"{conceal(version.source)!r}{_said_by(done.stderr)}",
                "check that the artifact store can be reached from here, its credentials and its client package",
            )
        return next(into.rglob("MLmodel"), into / "MLmodel").parent

    def _aliased(self, name: str, alias: str) -> str:
        aliases = self._aliases(name)
        if alias not in aliases:
            known = ", ".join(sorted(aliases)) or "none"
            raise AliasNotFound(
                f"no version of {name!r} has the alias {alias!r}{nearest(alias, aliases)}; its aliases: {known}",
                f"set it with MlflowClient().set_registered_model_alias({name!r}, {alias!r}, version)",
            )
        return str(aliases[alias])

    def _aliases(self, name: str) -> dict[str, Any]:
        with _explained(self.uri):
            try:
                return dict(self.client.get_registered_model(name).aliases)
            except Exception as error:
                if not _is_missing(error):
                    raise
                names = [model.name for model in self._models()]
                raise ModelError(
                    f"the registry {conceal(self.uri)!r} has no model {name!r}{nearest(name, names)}",
                    f"registered are: {', '.join(sorted(names)) or 'none'}",
                ) from error

    def _source(self, name: str, number: str) -> str:
        with _explained(self.uri):
            try:
                source = str(self.client.get_model_version_download_uri(name, number))
            except Exception as error:
                if not _is_missing(error):
                    raise
                self._aliases(name)
                known = sorted(int(version.version) for version in self._versions(name))
                raise ModelError(
                    f"{name!r} has no version {number}",
                    f"its versions are: {', '.join(map(str, known)) or 'none'}",
                ) from error
        local = self._local(source)
        return source if local is None else str(local)

    def _local(self, source: str) -> Path | None:
        parts = urlsplit(source)
        if parts.scheme not in ("", "file"):
            return None
        return (self.base / (unquote(parts.path) if parts.scheme else source)).resolve()

    def _models(self) -> Iterator[Any]:
        return _pages(lambda token: self.client.search_registered_models(page_token=token))

    def _versions(self, name: str) -> Iterator[Any]:
        quote = '"' if "'" in name else "'"
        with _explained(self.uri):
            yield from _pages(
                lambda token: self.client.search_model_versions(f"name = {quote}{name}{quote}", page_token=token)
            )


def _said_by(written: str) -> str:
    """Return what a program that fails wrote last: its kind of error, and what libraries say of all such failures."""
    last = (written.strip().splitlines() or [""])[-1]
    if values_may_be_shown():
        return f": {conceal(last)}"
    kind, _, text = last.partition(":")
    name = kind.rpartition(".")[2]
    known = only_known(text, ())
    return f": {name}{f': {known}' if known else ''}" if _KIND.fullmatch(name) else ""


def _is_missing(error: Exception) -> bool:
    return getattr(error, "error_code", "") == "RESOURCE_DOES_NOT_EXIST"


def _pages(page: Any) -> Iterator[Any]:  # noqa: ANN401 - MLflow's paged lists are untyped
    token = None
    while True:
        found = page(token)
        yield from found
        token = found.token
        if not token:
            return
