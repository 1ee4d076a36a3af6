"""What pydantic finds wrong, in the words of the file: expected, found, nearest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pytest_mlquality.errors import nearest
from pytest_mlquality.redaction import conceal
from pytest_mlquality.settings.document import SECTIONS_TO_COME, Document
from pytest_mlquality.settings.environment import refers
from pytest_mlquality.settings.problem import Finding, Key
from pytest_mlquality.settings.schema import Node, branches, json_schema, known_keys, node_at
from pytest_mlquality.settings.source import MISSING, Tree, value_at
from pytest_mlquality.settings.toml_text import key_text, value_text

LONGEST_SHOWN = 60
MOST_LISTED = 30
_KEY = "[key]"
# A default that other keys decide is not missing: the other keys are the problem.
_FOLLOWS_FROM_ANOTHER = "default_factory_not_called"


def validate(tree: Tree, written: Tree) -> tuple[Document | None, list[Finding]]:
    """Return the document that `tree` holds, or every finding.

    Parameters
    ----------
    tree
        With the environment read in.
    written
        The same as the file has it: findings quote this one alone, never what came from the environment.
    """
    try:
        return Document.model_validate(tree), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    details = [detail for detail in details if not _is_repeated(detail, written)]
    unknown = {_reached(detail["loc"], written) for detail in details if _is_unknown(detail)}
    findings = [_finding(detail, written) for detail in details]
    # What stands inside a table that should not be there at all is of no interest.
    return None, [each for each in findings if not any(each.key[:end] in unknown for end in range(len(each.key)))]


def _is_unknown(detail: ErrorDetails) -> bool:
    return detail["type"] == "extra_forbidden" or detail["loc"][-1] == _KEY


def _is_repeated(detail: ErrorDetails, written: Tree) -> bool:
    """Return whether an error only follows from another one: a list is too short once its wrong items are out."""
    if detail["type"] == "too_short":
        return bool(value_at(written, _reached(detail["loc"], written)))
    return detail["type"] == _FOLLOWS_FROM_ANOTHER


def _finding(detail: ErrorDetails, written: Tree) -> Finding:
    location = detail["loc"]
    if detail["type"] == "missing":
        return _missing((*_reached(location[:-1], written), location[-1]))
    if _is_unknown(detail):
        why = detail.get("ctx", {}).get("why")
        key = _reached(location, written)
        return Finding(key, *why) if why else _unknown(key)
    key = _reached(location, written)
    if detail["type"] == "value_error":
        return Finding(key, str(detail["ctx"]["error"]), "a limit is written { at_least = 0.8, at_most = 0.9 }")
    return _wrong_value(key, value_at(written, key))


def _reached(location: Key, written: Tree) -> Key:
    """Return the parts of a pydantic location that are keys of the file; the others name a branch of a type."""
    key: Key = ()
    for part in location:
        if value_at(written, (*key, part)) is not MISSING:
            key = (*key, part)
    return key


def _missing(key: Key) -> Finding:
    node = node_at(key) or {}
    line = f"{key[-1]} = {value_text(node.get('examples', ['...'])[0])}"
    return Finding(key, f"is required ({node.get('description', '').rstrip('.')})", f"add, for example: {line}")


def _unknown(key: Key) -> Finding:
    name = key_text(key)
    if name in SECTIONS_TO_COME:
        return _not_yet(key, f"section [{name}]")
    known = known_keys(node_at(key[:-1]) or {})
    hint = nearest(str(key[-1]), known) or _elsewhere(str(key[-1]))
    return Finding(key, f"unknown key{hint}", _known_ones(key[:-1], known))


def _not_yet(key: Key, what: str) -> Finding:
    return Finding(key, f"{what} is not available in this version of pytest-mlquality", "remove it")


def _elsewhere(name: str) -> str:
    """Return a hint at a section that has the key which stands in the wrong one."""
    sections = [section for section in json_schema()["properties"] if name in known_keys(node_at((section,)) or {})]
    return f" (did you mean {sections[0] + '.' + name!r}?)" if sections else ""


def _known_ones(table: Key, known: list[str]) -> str:
    if len(known) > MOST_LISTED:
        return "see: mlquality list metrics"
    where = f"in [{key_text(table)}]" if table else "at the top"
    return f"known {where}: {', '.join(known)}"


def _wrong_value(key: Key, value: object) -> Finding:
    node = node_at(key) or {}
    if key[:1] == ("stage",) and isinstance(value, str) and value in SECTIONS_TO_COME:
        return _not_yet(key, f"concern {value_text(value)}")
    choices = [str(choice) for choice in node.get("enum", ())]
    near = nearest(value, choices) if isinstance(value, str) else ""
    example = node.get("examples", [None])[0]
    remedy = f"for example: {key_text(key[-1:])} = {value_text(example)}" if example is not None else ""
    return Finding(key, f"expected {expected(node)}, found {found(value)}{near}", remedy)


def found(value: object) -> str:
    """Return a value as the file has it, or what kind of thing it is."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    # Concealed before it is cut: a password that lost its end would not be known again.
    text = conceal(value_text(value))
    text = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "..."
    return f"{text}, which is read from the environment" if isinstance(value, str) and refers(value) else text


def expected(node: Node) -> str:
    """Return in words what the JSON Schema asks for at a key."""
    return " or ".join(dict.fromkeys(_words(branch) for branch in branches(node))) or "something else"


def _words(node: Node) -> str:
    if "const" in node:
        return value_text(node["const"])
    if "enum" in node:
        return f"one of {', '.join(map(value_text, node['enum']))}"
    if node.get("type") in {"number", "integer"}:
        return " ".join(["a whole number" if node["type"] == "integer" else "a number", *_range(node)]).strip()
    if node.get("type") == "array":
        return "a list that is not empty" if node.get("minItems") else "a list"
    if node.get("type") == "object":
        return "a limit" if "at_least" in node.get("properties", ()) else "a table"
    return "true or false" if node.get("type") == "boolean" else _words_of_text(node)


def _range(node: Node) -> Iterator[str]:
    edges: dict[str, str] = {
        "exclusiveMinimum": "above",
        "minimum": "from",
        "exclusiveMaximum": "below",
        "maximum": "up to",
    }
    stated = [f"{word} {value_text(node[edge])}" for edge, word in edges.items() if edge in node]
    if stated:
        yield " and ".join(stated)


def _words_of_text(node: dict[str, Any]) -> str:
    if node.get("format") == "date":
        return "a date such as 2030-12-31"
    if node.get("pattern") in {None, r"\S"}:
        return "text that is not empty" if "pattern" in node else "text"
    return f"text such as {value_text(node['examples'][0])}"
