"""Engines: the embedded DuckDB, and whatever Ibis backend a URL names."""

from __future__ import annotations

import os
import re
import tempfile
import warnings
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from weakref import WeakValueDictionary

from pytest_mlquality.address import Address
from pytest_mlquality.data.faults import failure, safe_cause, told
from pytest_mlquality.errors import MissingExtra, MLQualityError, nearest
from pytest_mlquality.private_folder import private_folder
from pytest_mlquality.redaction import MASK, conceal, remember, remember_users

if TYPE_CHECKING:
    import ibis
    from ibis.backends import BaseBackend

EMBEDDED = "duckdb://"
_URL_REMEDY = 'write it like "duckdb:///warehouse.duckdb" or "postgres://host/database"'
IN_A_FILE = ("duckdb", "sqlite")
_ELSEWHERE = ("md:", "motherduck:")
# The smallest and largest value that a Parquet file keeps of a float column say nothing of NaN, yet DuckDB concludes
# from them that `isnan(x)` and `NOT x <= 8` hold nowhere: a wrong answer without a word. So it draws no conclusions.
_MISLED_BY_NAN = "statistics_propagation,filter_pushdown"
# Weak, so that a warehouse connection (and the lock on a database file) lives no longer than the tables that use it.
_connections: WeakValueDictionary[tuple[int, str, Path], BaseBackend] = WeakValueDictionary()


class MissingDriver(MissingExtra):
    """An Ibis backend whose driver is not installed."""

    def __init__(self, backend: str, where: str) -> None:
        MLQualityError.__init__(
            self,
            f"{where}: the engine {backend!r} needs a driver that is not installed",
            f'pip install "ibis-framework[{backend}]"',
        )


def embedded() -> BaseBackend:
    """Return the process's own in-memory DuckDB, which reads files and tables made by Python."""
    return _embedded(os.getpid())


@cache
def _embedded(process: int) -> BaseBackend:
    import ibis

    backend = ibis.duckdb.connect(**_alone())
    backend.con.execute(f"SET disabled_optimizers = '{_MISLED_BY_NAN}'")
    # Files are on this machine: nothing is gained by holding whole row groups before they are asked for.
    backend.con.execute("SET disable_parquet_prefetching = true")
    # It reads files that are declared after it was opened, so it cannot be closed to all others: conditions are, which
    # are the only SQL that settings hold (`condition_parts`).
    _count_time_in_utc(backend)
    return backend


def _alone() -> dict[str, Any]:
    """Return options by which a DuckDB loads no extension on its own, and spills where only this user reads.

    That is never beside the user's files, which may be read-only.
    """
    spill = tempfile.mkdtemp(dir=_spill(os.getpid()))
    return {"temp_directory": spill, "autoinstall_known_extensions": False, "autoload_known_extensions": False}


@cache
def _spill(process: int) -> Path:
    return private_folder("spill")


def _count_time_in_utc(backend: BaseBackend) -> None:
    # For cursors too, which take what holds for all, and may set nothing where the configuration is locked.
    backend.con.execute("SET GLOBAL TimeZone = 'UTC'")


def connect(url: str, base: Path, where: str) -> BaseBackend:
    """Return a connection to the backend that `url` names, shared while any table uses it.

    Parameters
    ----------
    url
        ``backend://user:password@host/database``. For DuckDB and SQLite three slashes are relative to `base`
        (``sqlite:///warehouse.db``, as SQLAlchemy and MLflow read it) and four absolute; where only the absolute
        reading of three slashes names a file, that is taken. Files are opened for reading.
    where
        The key that a DataError names, such as ``data.test.engine``.
    """
    __tracebackhide__ = True  # pytest's --showlocals would print the URL
    parts = _parsed(url, where)
    if url.rstrip("/") == "duckdb:" or parts.netloc == ":memory:":
        return embedded()
    remember_users(url)
    _remember_secrets(parts)
    identity = (os.getpid(), url, base)
    backend = _connections.get(identity)
    if backend is None:
        backend = _connections[identity] = _opened(url, parts, base, where)
    return backend


def table_of(backend: BaseBackend, name: str, database: tuple[str, ...] | str | None = None) -> ibis.Table:
    """Return a table or view of a backend; Ibis's TableNotFound where there is none."""
    with warnings.catch_warnings():
        # Ibis 12 asks DuckDB 2 for a column's types by a name that DuckDB has since changed: nothing to users.
        warnings.filterwarnings("ignore", "fetch_arrow_table", DeprecationWarning)
        table: ibis.Table = backend.table(name, database=database)
    return table


def shown(url: str) -> str:
    """Return the URL of an engine as people may see it: no user part, no query."""
    return conceal(re.split(r"[?#]", Address.of(url).shown)[0])


def _parsed(url: str, where: str) -> SplitResult:
    __tracebackhide__ = True
    known = sorted({entry.name for entry in entry_points(group="ibis.backends")})
    try:
        parts = urlsplit(url)
    except ValueError:  # it may quote the user part
        raise failure(f"{where}: {shown(url)!r} is not the URL of an engine", _URL_REMEDY) from None
    scheme = parts.scheme.replace("postgresql", "postgres")
    if "://" not in url:
        raise failure(f"{where}: {shown(url)!r} is not the URL of an engine", _URL_REMEDY)
    if scheme not in known:
        raise failure(
            f"{where}: no engine is called {parts.scheme!r}{nearest(scheme, known)}",
            f"an Ibis backend is needed, one of: {', '.join(known)}",
        )
    return parts


def _remember_secrets(parts: SplitResult) -> None:
    spoken = [parts.password or ""]
    # An option of a URL is as likely a token as a port: nobody needs to read it in a report.
    spoken += [value for name, value in parse_qsl(parts.query) if not value.isdigit() and name != "schema"]
    for secret in spoken:
        remember(secret)
        remember(unquote(secret))


def _opened(url: str, parts: SplitResult, base: Path, where: str) -> BaseBackend:
    __tracebackhide__ = True
    import ibis

    backend = parts.scheme.replace("postgresql", "postgres")
    in_a_file = backend in IN_A_FILE and not (parts.netloc + parts.path).startswith(_ELSEWHERE)
    try:
        if in_a_file:
            database = _database_file(parts, base, where)
            if backend == "sqlite":
                return ibis.sqlite.connect(database)
            return _duckdb_file(database, dict(parse_qsl(parts.query)))
        return ibis.connect(url)
    except ImportError:
        raise MissingDriver(backend, where) from None
    except MLQualityError:
        raise
    except Exception as error:
        reason = _without_user(told(error), parts)
        cause = safe_cause(error) if parts.username is None else None
        remedy = f"is it a {backend} database, and free?" if in_a_file else "check host, database, user and password"
        raise failure(f"{where}: cannot connect to {shown(url)}: {reason}", remedy) from cause


def _duckdb_file(database: Path, options: Mapping[str, str]) -> BaseBackend:
    """Open a DuckDB database for reading, closed to all other files: its views may come from a stranger."""
    import ibis

    backend = ibis.duckdb.connect(database, **{**options, **_alone(), "read_only": True})
    _count_time_in_utc(backend)
    backend.con.execute("SET enable_external_access = false")
    backend.con.execute("SET lock_configuration = true")
    return backend


def _database_file(parts: SplitResult, base: Path, where: str) -> Path:
    written = unquote(parts.netloc + parts.path)
    candidates = [base / written.removeprefix("/"), Path(written)]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        # Connecting would create an empty database in its place.
        raise failure(
            f"{where}: there is no database file {written.removeprefix('/')!r} in {base}",
            "three slashes are relative to the settings file, four are absolute",
        )
    return found.resolve()


def _without_user(text: str, parts: SplitResult) -> str:
    for word in (parts.username, unquote(parts.username or "")):
        text = text.replace(word, MASK) if word else text
    return text
