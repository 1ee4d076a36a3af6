"""Where a schema is written: a YAML file of pandera, or a schema object in Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlquality.column_type import ANY
from pytest_mlquality.data.callables import PREFIX, named
from pytest_mlquality.errors import DataError, nearest
from pytest_mlquality.rules.agreement import Agreement, Part, part_of
from pytest_mlquality.rules.quiet_pandera import import_pandera
from pytest_mlquality.rules.types import ibis_type, word_of

if TYPE_CHECKING:
    import pandera.pandas as pandera

KEY = "schema.file"
_INDEX = "an index: tables of files and engines have none, make it a column"
_NOTHING = "it asks for no column and no check: write some, or remove [schema] file"
_HOW = "`mlquality init` writes one; pandera's schema.to_yaml() does too"


def read_agreement(source: str, base: Path) -> Agreement:
    """Return the schema at a path or ``python:module:object``; what of it cannot be understood is kept as a problem.

    Raises
    ------
    DataError
        If there is none, or nothing of it can be understood.
    """
    import_pandera()
    agreement = _of_schema(_in_python(source, base)) if source.startswith(PREFIX) else _of_file(base / source, source)
    return replace(agreement, problems=(_NOTHING,)) if agreement.asks_nothing else agreement


def column_words(source: str, base: Path) -> dict[str, str]:
    """Return column -> type in the words of `pytest_mlquality.column_type`; `ANY` where a schema accepts any.

    Of a schema in YAML nothing but the types is looked at.

    Raises
    ------
    DataError
        If there is none, or it cannot be read.
    """
    if source.startswith(PREFIX):
        schema = _in_python(source, base)
        asked = {str(name): column.dtype for name, column in schema.columns.items() if not column.regex}
        return {name: _word(schema.dtype or dtype) for name, dtype in asked.items()}
    tree = _tree(base / source, source)
    columns = [(str(name), asked) for name, asked in (tree.get("columns") or {}).items() if isinstance(asked, Mapping)]
    whole = tree.get("dtype")
    return {name: _word(whole or asked.get("dtype")) for name, asked in columns if not asked.get("regex")}


def _word(dtype: object) -> str:
    try:
        wanted = ibis_type(str(dtype)) if dtype is not None else None
    except ValueError:  # its rule says so
        return ANY
    return word_of(wanted) if wanted is not None else ANY


def _of_file(path: Path, source: str) -> Agreement:
    tree = _tree(path, source)
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
    parts = tuple(part_of(str(name), column) for name, column in schema.columns.items())
    return Agreement(schema, parts, (_INDEX,) if schema.index is not None else ())


def _tree(path: Path, source: str) -> Mapping[str, Any]:
    import yaml

    try:
        tree = yaml.load(path.read_bytes(), _loader())
    except OSError as error:
        near = nearest(path.name, [file.name for file in path.parent.glob("*.y*ml")])
        raise DataError(f"{KEY}: {source!r} cannot be read: {error.strerror}{near}", _HOW) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise DataError(f"{KEY}: {source} is not YAML: {problem}{where}", "correct the file") from None
    except ValueError as error:  # such as a date that is none
        raise DataError(f"{KEY}: {source} holds a value that is none: {error}", "correct the file") from None
    columns = tree.get("columns") if isinstance(tree, Mapping) else None
    if not isinstance(tree, Mapping) or not isinstance(columns, Mapping | None.__class__):
        raise DataError(f"{KEY}: {source} holds no schema: it needs a table of `columns`", _HOW)
    return tree


def _loader() -> type:
    """Return YAML's safe loader, made to refuse a key that stands twice: the first would be lost in silence."""
    import yaml

    # The parser in C, where PyYAML was built with it, is ten times as fast.
    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # PyYAML is not typed
        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: ANN401
            seen = set()
            for key, _value in node.value:
                if key.value in seen and isinstance(key.value, str):
                    raise yaml.MarkedYAMLError(
                        problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark
                    )
                seen.add(key.value if isinstance(key.value, str) else id(key))
            found: dict[Any, Any] = super().construct_mapping(node, deep)
            return found

    return Loader


def _parts(tree: Mapping[str, Any]) -> list[Part]:
    return [_part(str(name), {} if asked is None else asked) for name, asked in (tree.get("columns") or {}).items()]


def _part(name: str, asked: object) -> Part:
    if not isinstance(asked, Mapping):
        return Part(name, None, ("its rules must be a table",))
    sound, problems = dict(asked), []
    for key in _unknown(asked):
        sound.pop(key)
        problems.append(f"unknown check {key!r}{nearest(str(key), _known_checks())}")
    problems += _unknown_listed(sound)
    problems += _neither_true_nor_false(sound)
    problems += _beside_checks(sound)
    column, problem = _column(name, sound)
    if problem:
        # Check by check, so that one which cannot be understood hides none of the others.
        kept = {key: value for key, value in sound.items() if not _column(name, {key: value})[1]}
        problems += [f"{key}: {_column(name, {key: value})[1]}" for key, value in sound.items() if key not in kept] or [
            problem
        ]
        column, problem = _column(name, kept)
    return part_of(name, column, tuple(problems))


def _neither_true_nor_false(sound: dict[str, Any]) -> list[str]:
    """Take options out that should be true or false and are not: Python would take any word for true."""
    odd = [key for key in _TRUE_OR_FALSE if not isinstance(sound.get(key, False), bool)]
    return [f"{key} is {sound.pop(key)!r}, neither true nor false" for key in odd]


def _beside_checks(sound: dict[str, Any]) -> list[str]:
    """Return which checks stand beside ``checks``: pandera would pass over them in silence."""
    if sound.get("checks") is None:
        return []
    beside = [key for key in sound if key in _known_checks()]
    return [f"{key} stands beside `checks`: write it in there" for key in beside]


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

    aliases = [name for name in ("eq", "ne", "gt", "ge", "lt", "le", "between") if hasattr(Check, name)]
    return [*Check.CHECK_FUNCTION_REGISTRY, *Check.REGISTERED_CUSTOM_CHECKS, *aliases]


_TRUE_OR_FALSE = ("nullable", "unique", "coerce", "required", "regex")
_FRAME_KEYS = (
    "dtype", "coerce", "strict", "name", "ordered", "unique", "report_duplicates", "unique_column_names",
    "add_missing_columns", "title", "description", "drop_invalid_rows",
)  # fmt: skip
_CHECKED_KEYS = (*_FRAME_KEYS, "checks")
_OTHER_KEYS = ("columns", "checks", "schema_type", "version", "api", "dataframe_library", "index", "multiindex")


def _frame(tree: Mapping[str, Any]) -> pandera.DataFrameSchema:
    kept = {key: tree[key] for key in _CHECKED_KEYS if key in tree}
    return _deserialized({key: value for key, value in kept.items() if not _wrong({key: value})})


def _wrong(tree: Mapping[str, Any]) -> str:
    try:
        _deserialized(tree)
    except Exception as error:
        return " ".join(str(error).split())[:200] or type(error).__name__
    return ""


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
        problems.append(_INDEX)
    wrong = {key: _wrong({key: tree[key]}) for key in _CHECKED_KEYS if key in tree}
    return problems + [f"{key}: {problem}" for key, problem in wrong.items() if problem]
