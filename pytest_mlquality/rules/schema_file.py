"""Where a schema is written: a YAML file of pandera, or a schema object in Python."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlquality.data.callables import PREFIX, named
from pytest_mlquality.errors import DataError, nearest
from pytest_mlquality.rules.agreement import Agreement, Part

if TYPE_CHECKING:
    import pandera.pandas as pandera

KEY = "schema.file"
_HOW = "`mlquality init` writes one; pandera's schema.to_yaml() does too"


def read_agreement(source: str, base: Path) -> Agreement:
    """Return the schema at a path or ``python:module:object``; what of it cannot be understood is kept as a problem.

    Raises
    ------
    DataError
        If there is none, or nothing of it can be understood.
    """
    if source.startswith(PREFIX):
        return _of_schema(_in_python(source, base))
    tree = _tree(base / source, source)
    return Agreement(_frame(tree), tuple(_parts(tree)), tuple(_problems(tree)))


def _in_python(source: str, base: Path) -> pandera.DataFrameSchema:
    import pandera.pandas as pandera

    found = named(source, base, KEY)
    if isinstance(found, type) and issubclass(found, pandera.DataFrameModel):
        return found.to_schema()
    if not isinstance(found, pandera.DataFrameSchema):
        raise DataError(
            f"{KEY}: {source!r} is a {type(found).__name__}",
            "name a pandera.DataFrameSchema or a pandera.DataFrameModel",
        )
    return found


def _of_schema(schema: pandera.DataFrameSchema) -> Agreement:
    return Agreement(schema, tuple(Part(str(name), column) for name, column in schema.columns.items()))


def _tree(path: Path, source: str) -> Mapping[str, Any]:
    import yaml

    try:
        tree = yaml.safe_load(path.read_bytes())
    except OSError as error:
        near = nearest(path.name, [file.name for file in path.parent.glob("*.y*ml")])
        raise DataError(f"{KEY}: {source!r} cannot be read: {error.strerror}{near}", _HOW) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise DataError(f"{KEY}: {source} is not YAML: {problem}{where}", "correct the file") from None
    columns = tree.get("columns") if isinstance(tree, Mapping) else None
    if not isinstance(tree, Mapping) or not isinstance(columns, Mapping | None.__class__):
        raise DataError(f"{KEY}: {source} holds no schema: it needs a table of `columns`", _HOW)
    return tree


def _parts(tree: Mapping[str, Any]) -> list[Part]:
    return [_part(str(name), asked or {}) for name, asked in (tree.get("columns") or {}).items()]


def _part(name: str, asked: object) -> Part:
    if not isinstance(asked, Mapping):
        return Part(name, None, ("its rules must be a table",))
    sound, problems = dict(asked), []
    for key in _unknown(asked):
        sound.pop(key)
        problems.append(f"unknown check {key!r}{nearest(key, _known_checks())}")
    problems += _unknown_listed(sound)
    column, problem = _column(name, sound)
    if problem:
        # Check by check, so that one which cannot be understood hides none of the others.
        kept = {key: value for key, value in sound.items() if not _column(name, {key: value})[1]}
        problems += [f"{key}: {_column(name, {key: value})[1]}" for key, value in sound.items() if key not in kept] or [
            problem
        ]
        column, problem = _column(name, kept)
    return Part(name, column, tuple(problems))


def _column(name: str, asked: Mapping[str, Any]) -> tuple[pandera.Column | None, str]:
    try:
        schema = _deserialized({"columns": {name: asked}})
    except Exception as error:
        text = " ".join(str(error).split()) or type(error).__name__
        return None, text[:200]
    return schema.columns[name], ""


def _unknown(asked: Mapping[str, Any]) -> list[str]:
    """Return the keys that are neither of a column nor checks: pandera would pass over them in silence."""
    from pandera.io._flat_checks import COMPONENT_RESERVED_KEYS

    return [key for key in asked if key not in COMPONENT_RESERVED_KEYS and key not in _known_checks()]


def _unknown_listed(sound: dict[str, Any]) -> list[str]:
    """Take unknown checks out of a ``checks`` list or table, and return what was wrong."""
    written = sound.get("checks")
    if isinstance(written, Mapping):
        unknown = [name for name in written if name not in _known_checks()]
        sound["checks"] = {name: value for name, value in written.items() if name not in unknown}
    elif isinstance(written, list):
        names = [((entry or {}).get("options") or {}).get("check_name") for entry in written]
        unknown = [str(name) for name in names if name not in _known_checks()]
        sound["checks"] = [entry for entry, name in zip(written, names, strict=True) if name in _known_checks()]
    else:
        return []
    return [f"unknown check {name!r}{nearest(name, _known_checks())}" for name in unknown]


def _known_checks() -> list[str]:
    from pandera.api.checks import Check

    # Registered checks of one's own are attributes of Check's class, built-in ones methods of it.
    return [name for name in {*dir(Check), *Check.REGISTERED_CUSTOM_CHECKS} if not name.startswith("_")]


_FRAME_KEYS = (
    "dtype", "coerce", "strict", "name", "ordered", "unique", "report_duplicates", "unique_column_names",
    "add_missing_columns", "title", "description", "drop_invalid_rows",
)  # fmt: skip
_OTHER_KEYS = ("columns", "checks", "schema_type", "version", "api", "dataframe_library", "index", "multiindex")


def _frame(tree: Mapping[str, Any]) -> pandera.DataFrameSchema:
    kept = {key: tree[key] for key in (*_FRAME_KEYS, "checks") if key in tree}
    try:
        return _deserialized(kept)
    except Exception:
        return _deserialized({})


def _deserialized(tree: Mapping[str, Any]) -> pandera.DataFrameSchema:
    from copy import deepcopy

    from pandera.io.pandas_io import deserialize_schema

    # pandera takes the tree apart as it reads it.
    schema: pandera.DataFrameSchema = deserialize_schema(deepcopy(dict(tree)))  # type: ignore[no-untyped-call]
    return schema


def _problems(tree: Mapping[str, Any]) -> list[str]:
    known = [*_FRAME_KEYS, *_OTHER_KEYS]
    problems = [f"unknown key {key!r}{nearest(str(key), known)}" for key in tree if key not in known]
    if tree.get("index"):
        problems.append("an index: tables of files and engines have none, make it a column")
    try:
        _deserialized({key: tree[key] for key in (*_FRAME_KEYS, "checks") if key in tree})
    except Exception as error:
        problems.append(" ".join(str(error).split())[:200])
    return problems
