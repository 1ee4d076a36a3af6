"""Every key of mlquality.toml with its meaning, as ``mlquality list settings`` prints it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_mlquality.settings.schema import Node, definition_name, followed, json_schema
from pytest_mlquality.settings.toml_text import value_text

# Sections of one shape are described once.
_PLACEHOLDER = {"SplitSettings": "<split>", "StageSettings": "<stage>"}


@dataclass(frozen=True, slots=True)
class SettingDoc:
    """One key.

    Parameters
    ----------
    key
        Dotted, with ``<split>`` and ``<stage>`` where any of several names may stand.
    meaning
        One sentence.
    default
        As TOML; ``required`` where the section must have the key, empty where an absent key means nothing set.
    example_toml_line
        The key as it is written below its section's header; for a section, the header.
    """

    key: str
    meaning: str
    default: str
    example_toml_line: str


def describe_settings() -> list[SettingDoc]:
    """Return every section and key that a file may have, in the order in which files are usually written."""
    return list(_keys(json_schema(), ()))


def _keys(table: Node, above: tuple[str, ...]) -> Iterator[SettingDoc]:
    described = set()
    for name, node in table["properties"].items():
        shape = _section_in(node)
        required = name in table.get("required", ())
        yield _doc(name, node, (*above, name), required=required, is_section=shape is not None)
        if shape is not None and shape not in described:
            described.add(shape)
            yield from _keys(json_schema()["$defs"][shape], _below(name, node, shape, above))


def _doc(name: str, node: Node, key: tuple[str, ...], *, required: bool, is_section: bool) -> SettingDoc:
    default = node.get("default")
    # Neither an empty default nor that of a whole section says more than its absence.
    shown = value_text(default) if default not in (None, "", [], {}) and not is_section else ""
    example = _header(node, key) if is_section else f"{name} = {value_text(node['examples'][0])}"
    return SettingDoc(".".join(key), followed(node)["description"], "required" if required else shown, example)


def _header(node: Node, key: tuple[str, ...]) -> str:
    if "items" in node:
        return f"[[{'.'.join(key)}]]"
    example = node.get("propertyNames", {}).get("enum", [])[1:2]
    return f"[{'.'.join((*key, *example))}]"


def _section_in(node: Node) -> str | None:
    """Return the definition of the section that a key holds, one or several of it."""
    for holder in (node, node.get("items"), node.get("additionalProperties")):
        name = definition_name(holder) if isinstance(holder, dict) else None
        # Only sections say what they are; a shared table of limits is the value of a key.
        if name is not None and "description" in json_schema()["$defs"][name]:
            return name
    return None


def _below(name: str, node: Node, shape: str, above: tuple[str, ...]) -> tuple[str, ...]:
    placeholder = _PLACEHOLDER.get(shape)
    if placeholder is None:
        return (*above, name)
    return (*above, name, placeholder) if "additionalProperties" in node else (*above, placeholder)
