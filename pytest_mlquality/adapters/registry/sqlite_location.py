"""Find a registry kept in an SQLite file, and never create one by asking.

SQLite creates a file that is opened and missing, and MLflow fills any database that it opens with its tables. Both
would turn a misspelt path into an empty registry whose error speaks of an unknown model.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, unquote

from pytest_mlquality.errors import ModelError, nearest
from pytest_mlquality.own_error import cause_of

_SQLITE = re.compile(r"(?P<scheme>sqlite(?:\+\w+)?)://(?:/(?P<path>[^?]*))?(?P<query>\?.*)?")


def located(uri: str, base: Path) -> str:
    """Return a registry URI with an absolute path whose database is known to be there; other URIs as they are.

    Parameters
    ----------
    uri
        ``sqlite:///relative/path`` begins at `base`, ``sqlite:////absolute/path`` at the root.
    base
        The folder of the settings file, whatever the working directory.
    """
    match = _SQLITE.fullmatch(uri)
    if match is None:
        return uri
    path = (base / (match["path"] or "")).resolve()
    if not path.is_file():
        near = nearest(path.name, (p.name for p in path.parent.glob("*.db"))) if path.parent.is_dir() else ""
        raise ModelError(
            f"[registry] uri = {uri!r}: there is no database file {path}{near}",
            "correct the path (it begins at the folder of the settings file), or train and register a model first",
        )
    if unquote(str(path)) != str(path):
        # SQLAlchemy unquotes the path since 2.1, MLflow does not: no spelling opens it without creating a folder.
        raise ModelError(
            f"[registry] uri = {uri!r}: MLflow cannot open {path}, a path in which % stands before two digits",
            "rename that folder or file",
        )
    _require_registry_tables(uri, path)
    return f"{match['scheme']}:///{path}{match['query'] or ''}"


def _require_registry_tables(uri: str, path: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'registered_models'").fetchone()
    except sqlite3.Error as error:
        raise ModelError(
            f"[registry] uri = {uri!r}: {path} cannot be read as an SQLite database",
            "name the database that MLflow wrote, often mlflow.db, and check that it may be read",
        ) from cause_of(error)
    if found is None:
        raise ModelError(
            f"[registry] uri = {uri!r}: {path} is an SQLite database, but MLflow keeps no model registry in it",
            "name the database that MLflow wrote, often mlflow.db",
        )
