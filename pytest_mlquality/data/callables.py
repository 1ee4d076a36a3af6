"""``python:package.module:function``: what code of the user's returns."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from traceback import walk_tb
from types import ModuleType
from typing import Any

from pytest_mlquality.data.error_kinds import exactly, roughly
from pytest_mlquality.data.faults import failure, safe_cause
from pytest_mlquality.errors import MLQualityError, nearest
from pytest_mlquality.foreign_code import foreign_code
from pytest_mlquality.own_error import kind_of, message

PREFIX = "python:"


def call(source: str, base: Path, where: str) -> object:
    """Import the module, call the function without arguments and return what it gives.

    A module found in `base` goes before one of the same name elsewhere, so that two subjects may each have their
    ``loader.py``; ``sys.path`` is what it was afterwards.
    """
    module_name, function_name = _named(source, where, "function")
    with _importing_from(base, module_name.partition(".")[0]):
        function = _function(_module(module_name, base, where), function_name, where)
    with running(source, base, where):
        return function()


@contextmanager
def running(source: str, base: Path, where: str) -> Iterator[None]:
    """Run what ``python:package.module:function`` names where it can import what stands in `base`.

    Whatever it raises becomes a DataError.
    """
    module_name, function_name = _named(source, where, "function")
    with (
        _importing_from(base, module_name.partition(".")[0]),
        _explained(f"{where}: {function_name}() of {module_name} failed", "the function is yours: run it alone", base),
        foreign_code(),
    ):
        yield


def named(source: str, base: Path, where: str) -> object:
    """Import the module and return the object of it that ``python:package.module:object`` names."""
    module_name, name = _named(source, where, "object")
    with _importing_from(base, module_name.partition(".")[0]):
        module = _module(module_name, base, where)
    if not hasattr(module, name):
        raise failure(
            f"{where}: {module_name} has no {name!r}{nearest(name, vars(module))}", "write python:package.module:object"
        )
    found: object = getattr(module, name)
    return found


def _named(source: str, where: str, what: str) -> tuple[str, str]:
    module, _, name = source.removeprefix(PREFIX).partition(":")
    if not module or not name.isidentifier():
        raise failure(f"{where}: {source!r} does not name a {what}", f"write python:package.module:{what}")
    return module, name


def _module(name: str, base: Path, where: str) -> ModuleType:
    try:
        with foreign_code():
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name + ".").startswith(error.name + "."):
            raise failure(
                f"{where}: {name} imports {error.name!r}, which is not installed", "install it"
            ) from safe_cause(error)
        raise failure(f"{where}: there is no module {name!r}", f"it must be importable, or stand in {base}") from None
    except Exception as error:
        with _explained(f"{where}: {name} cannot be imported", "the module is yours: import it alone", base):
            raise error


@contextmanager
def _explained(what: str, remedy: str, base: Path) -> Iterator[None]:
    """Turn what the user's code in `base` raises into a DataError, with what stands in that code and no value of it."""
    try:
        yield
    except MLQualityError:
        raise
    except Exception as error:
        said = message(error) or exactly(error) or roughly(error)
        raise failure(f"{what}: {said} ({kind_of(error)}{_line_of(error, base)})", remedy) from safe_cause(error)


def _line_of(error: Exception, base: Path) -> str:
    """Return the last line below `base` that an error came through; nothing where there is none."""
    places = [(Path(frame.f_code.co_filename), line) for frame, line in walk_tb(error.__traceback__)]
    own = [(file, line) for file, line in places if file.is_absolute() and file.is_relative_to(base.resolve())]
    return f" in line {own[-1][1]} of {own[-1][0].name}" if own else ""


def _function(module: ModuleType, name: str, where: str) -> Callable[[], Any]:
    function = getattr(module, name, None)
    if not callable(function):
        known = [word for word, value in vars(module).items() if callable(value)]
        raise failure(
            f"{where}: {module.__name__} has no function {name!r}{nearest(name, known)}",
            "write python:package.module:function",
        )
    return function  # type: ignore[no-any-return]  # callable() says nothing about what comes back


@contextmanager
def _importing_from(base: Path, package: str) -> Iterator[None]:
    """Put `base` first in ``sys.path``; where it has `package`, a loaded package of that name steps aside meanwhile."""
    here = PathFinder.find_spec(package, [str(base)])
    stands_in = [name for name in sys.modules if name == package or name.startswith(package + ".")]
    aside: dict[str, ModuleType] = {}
    if here is not None and package in sys.modules and _home(sys.modules[package].__spec__) != _home(here):
        aside = {name: sys.modules.pop(name) for name in stands_in}
    path = list(sys.path)
    sys.path.insert(0, str(base))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:] = path
        if aside:
            for name in [name for name in sys.modules if name == package or name.startswith(package + ".")]:
                del sys.modules[name]
            sys.modules.update(aside)


def _home(spec: ModuleSpec | None) -> tuple[str, ...]:
    """Return the file of a module, or the folders of a package that has none (a namespace package)."""
    if spec is None:
        return ()
    return (spec.origin,) if spec.origin else tuple(spec.submodule_search_locations or ())
