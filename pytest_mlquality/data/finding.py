"""Which files a source means: a path, a folder or a glob."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_mlquality.data.faults import failure
from pytest_mlquality.errors import nearest

KINDS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".csv.gz": "csv",
    ".tsv.gz": "csv",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}
# Folders of formats that keep elsewhere which of their files hold rows of today.
_TABLES = {"_delta_log": "Delta Lake", ".hoodie": "Apache Hudi"}
_RELATIVE = "paths are relative to the settings file"


def kind_of(source: str) -> str | None:
    """Return "parquet", "csv" or "arrow" for a path or glob, None for what looks like neither."""
    suffix = next((suffix for suffix in KINDS if source.lower().endswith(suffix)), None)
    return KINDS[suffix] if suffix else None


def is_glob(source: str) -> bool:
    """Return whether `source` has one of the characters of a glob (``*``, ``?``, ``[``)."""
    return glob.has_magic(source)


def are_files(source: str, base: Path, *, has_engine: bool) -> bool:
    """Return whether a source names files or a folder of them; where there is an engine, a plain word is its table."""
    if kind_of(source) or is_glob(source):
        return True
    return (base / source).is_dir() and ("/" in source or not has_engine)


def find(source: str, base: Path, where: str) -> tuple[Path, ...]:
    """Return the files that a path, a folder or a glob (``**`` for any depth) means, sorted by name.

    A file or folder whose name is literally `source` goes before what it would mean as a glob. Of a folder all files
    below it are meant. What a folder or a glob finds and begins with ``_`` or ``.`` is left out: Spark and Hive note
    there what they did, and hold no rows.
    """
    if "://" in source:
        raise failure(
            f"{where}: {source!r} is not on this machine",
            "copy it here, or read it in a python: function; of a database, name the table, its URL in [data] engine",
        )
    plain = base / source
    if plain.is_file():
        return (plain,)
    if plain.is_dir():
        return _in_folders([plain], source, base, where)
    if os.path.lexists(plain):
        odd = "neither a plain file nor a folder" if os.path.exists(plain) else "a link that leads nowhere"
        raise failure(f"{where}: {source!r} is {odd}", "name a plain file with the rows, or a folder of such files")
    if not is_glob(source):
        others = [path.name for path in plain.parent.glob("*")] if plain.parent.is_dir() else []
        near = nearest(plain.name, others)
        raise failure(f"{where}: there is no file {source!r} in {base}{near}", _RELATIVE)
    names = sorted(set(glob.glob(source, root_dir=base, recursive=True)))
    found = [base / name for name in names if _is_meant(name, source)]
    files = tuple(path for path in found if path.is_file())
    if not files and (folders := [path for path in found if path.is_dir()]):
        return _in_folders(folders, source, base, where)
    if not files:
        raise failure(f"{where}: no file matches {source!r} in {base}", _RELATIVE)
    return files


def _in_folders(folders: Sequence[Path], source: str, base: Path, where: str) -> tuple[Path, ...]:
    files: set[Path] = set()
    for folder in folders:
        for mark, format_ in _TABLES.items():
            if (folder / mark).is_dir():
                raise failure(
                    f"{where}: {source!r} is a table of {format_}, some of whose files hold rows that are deleted",
                    "read it in a python: function with that format's own library, or write its rows as Parquet",
                )
        for place, below, names in os.walk(folder):
            below[:] = [name for name in below if not _is_note(name)]
            found = [Path(place, name) for name in names if not _is_note(name)]
            if odd := [path.name for path in found if not path.is_file()]:
                # A pipe would be waited for, a device read without end.
                raise failure(
                    f"{where}: the folder {source!r} holds what is no plain file: {odd[0]!r}",
                    "remove it, or name the files that are meant in a glob",
                )
            files.update(found)
    if not files:
        raise failure(f"{where}: the folder {source!r} in {base} holds no file of rows", _RELATIVE)
    return tuple(sorted(files))


def _is_meant(name: str, source: str) -> bool:
    """Return whether a match of a glob holds rows; what begins with ``_`` does where the glob says so."""
    asked = source.split("/")
    return not any(
        _is_note(part) and part not in (".", "..") and not any(word.startswith(part[0]) for word in asked)
        for part in name.split("/")
        if part and part not in asked
    )


def _is_note(name: str) -> bool:
    return name.startswith(".") or (name.startswith("_") and "=" not in name)


def names_of(files: Iterable[Path], base: Path | None) -> tuple[str, ...]:
    """Return names of files that do not depend on where the project stands.

    They are relative to `base`; without one (the source is absolute) to the files' own common folder.
    """
    paths = list(files)
    start = base if base is not None else os.path.commonpath([file.parent for file in paths])
    return tuple(Path(os.path.relpath(file, start)).as_posix() for file in paths)
