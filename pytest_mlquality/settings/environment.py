"""``${NAME}`` in any string is read from the environment, and shown to nobody."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pytest_mlquality.address import without_users
from pytest_mlquality.redaction import MASK, SHORTEST_SECRET, remember, remember_phrase, remember_users
from pytest_mlquality.settings.problem import Finding, Key

DEEPEST = 32
_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# TOML's own range; beyond it some readers of JSON would round.
_WHOLE_NUMBERS = range(-(2**63), 2**63)


@dataclass(slots=True)
class Expansion:
    """A tree with the environment read in.

    Attributes
    ----------
    tree
        What is validated and used.
    masked
        By key, what people are shown of a string that came from the environment.
    findings
        Variables that are not set, and values that no key could have.
    """

    tree: Any = None
    masked: dict[Key, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def expand_all(tree: dict[str, Any]) -> Expansion:
    """Return `tree` with every ``${NAME}`` read from the environment; what was read is remembered as secret."""
    expansion = Expansion()
    expansion.tree = _expanded(tree, (), expansion)
    return expansion


def expand(text: str) -> tuple[str, list[str]]:
    """Return `text` with every ``${NAME}`` read, and what is wrong with those that could not be."""
    wrong = [f"{reference} {problem}" for reference, problem in _unreadable(text)]
    if wrong:
        return text, wrong
    full = _REFERENCE.sub(lambda match: os.environ[match[1]], text)
    for name in _REFERENCE.findall(text):
        remember(os.environ[name])
        if 0 < len(os.environ[name]) < SHORTEST_SECRET:
            remember_phrase(full, shown(text))
    remember_users(full)
    return full, []


def shown(text: str) -> str:
    """Return a string of the file as people may see it, whatever the environment holds."""
    return _REFERENCE.sub(MASK, without_users(text))


def refers(text: str) -> bool:
    """Return whether a string reads the environment."""
    return _REFERENCE.search(text) is not None


def _unreadable(text: str) -> Iterator[tuple[str, str]]:
    for name in _REFERENCE.findall(text):
        if not _NAME.fullmatch(name):
            yield "${" + name + "}", "does not name an environment variable: letters, digits and _ only"
        elif name not in os.environ:
            yield "${" + name + "}", f"is not set: there is no environment variable {name}"


def _expanded(value: Any, key: Key, expansion: Expansion) -> Any:  # noqa: ANN401 - any value of TOML
    if isinstance(value, str):
        return _expanded_text(value, key, expansion) if "${" in value or "://" in value else value
    if isinstance(value, dict | list) and len(key) >= DEEPEST:
        expansion.findings.append(Finding(key[:1], "is nested too deeply", "write a flatter table"))
        return None
    if isinstance(value, dict):
        return {name: _expanded(item, (*key, name), expansion) for name, item in value.items()}
    if isinstance(value, list):
        return [_expanded(item, (*key, place), expansion) for place, item in enumerate(value)]
    if type(value) is int and value not in _WHOLE_NUMBERS:
        expansion.findings.append(Finding(key, "expected a whole number of at most 64 bits", "write a smaller number"))
        return None
    return value


def _expanded_text(text: str, key: Key, expansion: Expansion) -> str:
    full, wrong = expand(text)
    expansion.findings += [Finding(key, message, "set it where the gate runs") for message in wrong]
    masked = shown(text)
    if masked != text:
        expansion.masked[key] = masked
    return full
