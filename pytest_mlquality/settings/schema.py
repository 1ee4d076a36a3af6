"""The JSON Schema of mlquality.toml: editors complete and check the file by it, and problems are explained from it.

The file shipped beside the package is generated from this module; write it anew with
``python -m pytest_mlquality.settings``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from pytest_mlquality.settings.document import Document
from pytest_mlquality.settings.problem import Key

SCHEMA_FILE = Path(__file__).parent.with_name("mlquality.schema.json")

Node = dict[str, Any]


class _WithoutNull(GenerateJsonSchema):
    """TOML has no null: a key that may be absent needs no mention of it."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        shown = super().default_schema(schema)
        return {key: value for key, value in shown.items() if (key, value) != ("default", None)}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        return {key: value for key, value in super().model_schema(schema).items() if key != "title"}

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401 - several unrelated schema types
        return False


@cache
def json_schema() -> Node:
    """Return the JSON Schema (2020-12) of mlquality.toml; do not change what is returned."""
    generated = Document.model_json_schema(schema_generator=_WithoutNull)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **generated, "title": "mlquality.toml"}


def schema_text() -> str:
    """Return `json_schema` as the shipped file holds it."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def node_at(key: Key) -> Node | None:
    """Return what the schema says of a key, its reference followed; None where no such key may stand."""
    node: Node | None = json_schema()
    for part in key:
        node = next((found for branch in branches(node or {}) if (found := _child(branch, part))), None)
    return followed(node) if node is not None else None


def known_keys(node: Node) -> list[str]:
    """Return the keys that may stand in a table, of all its forms."""
    return [
        name
        for branch in branches(node)
        for name in (
            *branch.get("properties", ()),
            *branch.get("propertyNames", {}).get("enum", ()),
            *(one["title"] for one in branch.get("patternProperties", {}).values()),
        )
    ]


def branches(node: Node) -> Iterator[Node]:
    """Yield the alternatives of a node, references followed; the node itself where it has none."""
    node = followed(node)
    for branch in node.get("anyOf", (node,)):
        yield followed(branch)


def followed(node: Node) -> Node:
    """Return the definition that a node refers to, with what stands beside the reference."""
    if "$ref" not in node:
        return node
    definition = json_schema()["$defs"][definition_name(node)]
    return {**definition, **{key: value for key, value in node.items() if key != "$ref"}}


def definition_name(node: Node) -> str | None:
    """Return the name of the definition that a node refers to."""
    reference: str | None = node.get("$ref")
    return reference.rpartition("/")[2] if reference is not None else None


def _child(node: Node, part: str | int) -> Node | None:
    if isinstance(part, int):
        return node.get("items")
    below = node.get("properties", {}).get(part)
    if below is None and part in node.get("propertyNames", {}).get("enum", ()):
        below = node["additionalProperties"]
    if below is None:
        patterns = node.get("patternProperties", {})
        below = next((found for regex, found in patterns.items() if re.search(regex, part)), None)
    return below if isinstance(below, dict) else None
