"""What `mlquality init` is asked to look at."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from pytest_mlquality.data.callables import PREFIX
from pytest_mlquality.data.engine import EMBEDDED, IN_A_FILE
from pytest_mlquality.data.finding import are_files
from pytest_mlquality.data.source import Split
from pytest_mlquality.errors import DataError, MLQualityError, nearest
from pytest_mlquality.settings.settings import Settings
from pytest_mlquality.settings.subject_sections import DataSettings

SPLITS = ("train", "test", "production", "raw")
EXAMPLE = "mlquality init --data train=train.parquet --data test=test.parquet --target churned"


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of an ML system, as the command line or a gate file names them.

    Parameters
    ----------
    splits
        By name, in the order of `SPLITS`; sources begin at the folder of the gate file.
    target, key, time
        Columns; None where there is none. Of several labels a target for each.
    labels
        Those of a target whose cells are lists of them.
    model
        Its URI, beginning at the folder of the gate file.
    engine
        URL of the engine whose tables the splits are, as `[data] engine` has it; None for files.
    """

    base: Path
    splits: Mapping[str, Split]
    target: str | tuple[str, ...] | None = None
    key: str | None = None
    time: str | None = None
    model: str | None = None
    registry: str | None = None
    engine: str | None = field(default=None, repr=False)
    trusted_types: tuple[str, ...] = ()
    sha256: str = ""
    ignore: tuple[str, ...] = ()
    settings: Settings | None = field(default=None, repr=False)
    labels: tuple[str, ...] = ()

    @property
    def data(self) -> DataSettings:
        """What it says of the target, as the settings will."""
        return DataSettings(target=self.target, labels=self.labels)

    def over(self, other: Request) -> Request:
        """Return the request with what `other` says laid over it."""
        said = {name: getattr(other, name) or getattr(self, name) for name in _WORDS}
        there = {
            name: split if other.engine or not self.engine else replace(split, engine=self.engine)
            for name, split in other.splits.items()
        }
        return replace(self, splits=_ordered({**self.splits, **there}), **said)


_WORDS = ("target", "labels", "key", "time", "model", "registry", "engine", "trusted_types", "sha256", "ignore")


def of_words(
    data: Iterable[str],
    base: Path,
    *,
    target: Sequence[str] | None = None,
    key: str | None = None,
    time: str | None = None,
    model: str | None = None,
    registry: str | None = None,
    engine: str | None = None,
    trusted_types: Iterable[str] = (),
    sha256: str | None = None,
) -> Request:
    """Return what a command line asks for; paths, which begin at the working directory, begin at `base` in it.

    Raises
    ------
    MLQualityError
        Where a split is not written as NAME=SOURCE, unknown or named twice, or a password would stand in the file.
    """
    _require_no_user("--registry", registry, "uri", "[registry]")
    _require_no_user("--engine", engine, "engine", "[data]")
    engine = None if engine is None else _engine_from(base, engine)
    splits: dict[str, Split] = {}
    for words in data:
        name, source = _split(words)
        if name in splits:
            raise MLQualityError(f"--data {words}: there are two sources for {name!r}", "a glob names several files")
        splits[name] = Split(name, _source_from(base, source, engine), base, engine or EMBEDDED, key=key)
    uri = None if model is None else _from(base, model) if ":" not in model else model
    named = tuple(target or ())
    return Request(
        base,
        _ordered(splits),
        named if len(named) > 1 else next(iter(named), None),
        key,
        time,
        uri,
        registry,
        engine,
        tuple(trusted_types),
        sha256 or "",
    )


def of_settings(settings: Settings) -> Request:
    """Return what a gate file describes."""
    data, model = settings.data, settings.model
    splits = {
        name: Split(
            name,
            split.source,
            settings.base,
            split.engine or data.engine,
            split.filter,
            data.key,
            {**data.types, **split.types},
        )
        for name, split in data.splits.items()
    }
    return Request(
        settings.base,
        splits,
        data.target,
        data.key,
        data.time,
        model.uri if model is not None else None,
        settings.registry.uri if settings.registry is not None else None,
        data.engine,
        model.trusted_types if model is not None else (),
        model.sha256 if model is not None else "",
        tuple(sorted(data.beside_features)),
        settings,
        data.labels,
    )


def _split(words: str) -> tuple[str, str]:
    name, equals, source = words.partition("=")
    if not equals or not source.strip():
        raise MLQualityError(f"--data {words}: expected SPLIT=SOURCE", f"for example: --data train={words}")
    if name not in SPLITS:
        known = ", ".join(SPLITS)
        raise MLQualityError(f"--data {words}: there is no split {name!r}{nearest(name, SPLITS)}", f"splits: {known}")
    return name, source


def _require_no_user(option: str, url: str | None, key: str, section: str) -> None:
    try:
        user = urlsplit(url or "").username
    except ValueError:  # it is no URL, which is said where it is opened
        return
    if user is not None:
        raise MLQualityError(
            f"{option}: a user or password would stand in the file",
            f'put the URL into the environment, write {key} = "${{NAME}}" into {section} by hand, and use --update',
        )


def _source_from(base: Path, source: str, engine: str | None) -> str:
    """Return a source as seen from `base`: a table's name stays as it is."""
    is_table = engine is not None and not are_files(source, Path(), has_engine=True)
    return source if is_table else _from(base, source)


def _engine_from(base: Path, url: str) -> str:
    """Return the URL of an engine with the path of a database file as seen from `base`."""
    scheme, _, path = url.partition(":///")
    if scheme not in IN_A_FILE or not path or path.startswith("/") or not Path(path).is_file():
        return url
    return f"{scheme}:///{_from(base, path)}"


def _from(base: Path, source: str) -> str:
    """Return a path of the working directory as seen from `base`."""
    if source.startswith(PREFIX) or "://" in source:
        return source
    return Path(os.path.relpath(source, base)).as_posix()


def _ordered(splits: Mapping[str, Split]) -> dict[str, Split]:
    return {name: splits[name] for name in SPLITS if name in splits}


def require_columns(role: str, names: Iterable[str | None], columns: Iterable[str], source: str) -> None:
    """Raise DataError where a column of a role is not there."""
    known = list(columns)
    for name in names:
        if name is None or name in known:
            continue
        near = nearest(name, known)
        raise DataError(
            f"--{role} {name}: {source} has no column {name!r}{near}",
            f"name one of {', '.join(known[:20])}{' ...' if len(known) > 20 else ''}",
        )
