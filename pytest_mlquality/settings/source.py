"""From files to one tree: TOML read, ``extends`` followed, and each key's file known."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from pytest_mlquality.errors import nearest
from pytest_mlquality.settings.environment import expand
from pytest_mlquality.settings.problem import Finding, Key, Problem, SettingsError
from pytest_mlquality.settings.toml_text import value_text

Tree = dict[str, Any]

EDGES = {"at_least", "at_most"}
MISSING = object()


@dataclass(frozen=True, slots=True)
class Layer:
    """What one file says."""

    file: Path
    tree: Tree


@dataclass(frozen=True, slots=True)
class Source:
    """What a file and those that it extends say together.

    Parameters
    ----------
    layers
        The file itself first, the farthest base last.
    tree
        All of them merged; strings as they are written.
    problems
        What is wrong with a base.
    """

    layers: tuple[Layer, ...]
    tree: Tree
    problems: tuple[Problem, ...] = ()

    @property
    def file(self) -> Path:
        """The file that was asked for."""
        return self.layers[0].file

    def file_of(self, key: Key) -> Path:
        """Return the file in which a key stands; for a key that is missing, the file of the table around it."""
        while key and not holds(self.tree, key):
            key = key[:-1]
        return next((layer.file for layer in self.layers if holds(layer.tree, key)), self.file)

    def over(self, tree: Tree) -> Source:
        """Return the source with `tree` laid over it, as if the file said that."""
        return Source((Layer(self.file, tree), *self.layers), merged(self.tree, tree), self.problems)

    def with_defaults(self, tree: Tree) -> Source:
        """Return the source with `tree` below it: it speaks where no file does."""
        return Source((*self.layers, Layer(self.file, tree)), merged(tree, self.tree), self.problems)


def read_source(file: Path) -> Source:
    """Read a file and those that it extends.

    Raises
    ------
    SettingsError
        If the file itself is not there or is not TOML. What is wrong with a base is among the source's problems.
    """
    layers = [Layer(file, parse(file))]
    problems: tuple[Problem, ...] = ()
    try:
        while "extends" in layers[-1].tree:
            base = _base_of(layers)
            layers.append(Layer(base, parse(base)))
    except SettingsError as error:
        problems = error.problems
    tree: Tree = {}
    for layer in reversed(layers):
        tree = merged({key: value for key, value in tree.items() if key != "name"}, layer.tree)
    tree.pop("extends", None)
    return Source(tuple(layers), tree, problems)


def parse(file: Path) -> Tree:
    """Return what a TOML file holds.

    Raises
    ------
    SettingsError
        With one problem: the file cannot be read, is not UTF-8, or is not TOML (by line and column).
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        near = nearest(file.name, [beside.name for beside in file.parent.glob("*.toml")])
        raise _unreadable(file, f"there is no such file{near}", "check the path") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _unreadable(file, f"cannot be read: {reason}", "check the path and its permissions") from None
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"is not UTF-8 text: byte 0x{content[error.start]:02x} in line {line}"
        raise _unreadable(file, found, "save the file as UTF-8") from None
    except RecursionError:
        raise _unreadable(file, "is nested too deeply", "write flatter tables and lists") from None
    except ValueError as error:
        remedy = "correct that line; https://toml.io shows the syntax"
        if open_limit := re.search(rb"^[^#\n]*= (\.\.\.) \}", content, re.MULTILINE):
            line = content.count(b"\n", 0, open_limit.start(1)) + 1
            remedy = f"line {line} waits for a limit: write a number in place of its three dots"
        raise _unreadable(file, f"is not TOML: {error}", remedy) from None


def _unreadable(file: Path, message: str, remedy: str) -> SettingsError:
    return SettingsError([Problem.at(file, Finding((), message, remedy))])


def _base_of(layers: list[Layer]) -> Path:
    """Return the file that the last layer extends; anything wrong with it is a problem of the key ``extends``."""
    file, extends = layers[-1].file, layers[-1].tree["extends"]
    if not isinstance(extends, str) or not extends.strip():
        raise _wrong_base(file, f"expected the path of a settings file, found {value_text(extends)}")
    path, wrong = expand(extends)
    if wrong:
        raise _wrong_base(file, "; ".join(wrong))
    base = file.parent / path
    if not os.path.isfile(base):
        near = nearest(base.name, [beside.name for beside in base.parent.glob("*.toml")] if path.isprintable() else [])
        raise _wrong_base(file, f"there is no file {value_text(extends)}{near}")
    chain = [layer.file.resolve() for layer in layers]
    if base.resolve() in chain:
        circle = [*chain[chain.index(base.resolve()) :], base.resolve()]
        names = " -> ".join(os.path.relpath(member, layers[0].file.parent.resolve()) for member in circle)
        raise _wrong_base(file, f"extends in a circle: {names}")
    return base


def _wrong_base(file: Path, message: str) -> SettingsError:
    return SettingsError([Problem.at(file, Finding(("extends",), message, "paths are relative to this file"))])


def holds(tree: Tree, key: Key) -> bool:
    """Return whether there is a value at `key`."""
    return value_at(tree, key) is not MISSING


def value_at(tree: object, key: Key) -> object:
    """Return the value at `key`, or `MISSING`."""
    value = tree
    for part in key:
        if isinstance(value, dict):
            value = value.get(part, MISSING)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return MISSING
    return value


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> Tree:
    """Return `base` with `over` laid upon it: tables grow together; limits, lists and values are replaced whole."""
    tree = dict(base)
    for key, value in over.items():
        below = tree.get(key)
        tree[key] = merged(below, value) if _is_open(below) and _is_open(value) else value
    return tree


def _is_open(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Return whether a value is a table that grows; a limit is one value."""
    return isinstance(value, dict) and EDGES.isdisjoint(value)
