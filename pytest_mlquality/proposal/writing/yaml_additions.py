"""Adding to a schema in YAML what it does not say yet, every byte of it left as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.proposal.look import Findings
from pytest_mlquality.proposal.writing.insertion import Insertion, inserted
from pytest_mlquality.proposal.writing.schema_yaml import of_column, scalar

if TYPE_CHECKING:
    from yaml.nodes import MappingNode, Node

_BY_HAND = "add it by hand: mlquality init --directory ELSEWHERE writes what it would be"


def with_additions(text: str, findings: Findings) -> str:
    """Return the schema with the columns and the categories that it does not know.

    Raises
    ------
    MLQualityError
        Where the file is no schema, or is written in a way that cannot be added to without touching it.
    """
    import yaml

    try:
        tree, root = yaml.safe_load(text), yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise MLQualityError(f"the schema is not YAML: {' '.join(str(error).split())}", "correct the file") from None
    columns = _value(root, "columns")
    if not isinstance(tree, dict) or not isinstance(tree.get("columns"), dict) or columns is None:
        raise MLQualityError("the schema has no table of `columns`", "correct the file")
    new = _new_columns(tree["columns"], findings)
    categories = dict(_new_categories(tree["columns"], findings))
    additions = [*_of_columns(text, columns, new, findings), *_of_categories(text, columns, categories)]
    changed = inserted(text, additions)
    _require_no_more(changed, tree, new, categories)
    return changed


def _new_columns(known: Mapping[str, Any], findings: Findings) -> list[str]:
    patterns = [str(name) for name, asked in known.items() if isinstance(asked, dict) and asked.get("regex")]
    return [
        column.name
        for column in findings.columns
        if column.name not in known and not any(re.match(pattern, column.name) for pattern in patterns)
    ]


def _new_categories(known: Mapping[str, Any], findings: Findings) -> Iterator[tuple[str, list[Any]]]:
    for name, domain in findings.domains.items():
        asked = known.get(name)
        listed = asked.get("isin") if isinstance(asked, dict) else None
        if isinstance(listed, list) and listed:
            new = [value for value in domain.values if value not in listed]
            if new:
                yield name, new


def _of_columns(text: str, columns: Node, new: list[str], findings: Findings) -> Iterator[Insertion]:
    if not new:
        return
    _require_lines(columns)
    margin = " " * columns.start_mark.column
    proposed = [column for column in findings.columns if column.name in new]
    lines = [margin + line[2:] for column in proposed for line in of_column(column, findings)]
    yield Insertion.of_lines(text, _last_line(columns), lines)


def _of_categories(text: str, columns: Node, new: Mapping[str, list[Any]]) -> Iterator[Insertion]:
    for name, values in new.items():
        listed = _value(_value(columns, name), "isin")
        assert listed is not None
        if listed.flow_style:
            yield Insertion(_last_in(listed), "".join(f", {scalar(value)}" for value in values))
        else:
            margin = " " * listed.start_mark.column
            yield Insertion.of_lines(text, _last_line(listed), [f"{margin}- {scalar(value)}" for value in values])


def _last_in(listed: Node) -> int:
    return int(listed.value[-1].end_mark.index)


def _value(mapping: Node | None, key: str) -> Node | None:
    pairs = mapping.value if mapping is not None and mapping.id == "mapping" else ()
    return next((value for name, value in pairs if name.value == key), None)


def _require_lines(columns: MappingNode) -> None:
    if columns.flow_style:
        raise MLQualityError("the schema's `columns` stand in {brackets}, so no line can be added", _BY_HAND)


def _last_line(node: Node) -> int:
    """Return the number of the last line on which something of a node stands."""
    if node.id == "scalar" or node.flow_style:
        end = node.end_mark
        return int(end.line - 1 if end.column == 0 and end.line > node.start_mark.line else end.line)
    parts: Iterable[Node] = node.value if node.id == "sequence" else [part for pair in node.value for part in pair]
    return max(map(_last_line, parts), default=int(node.start_mark.line))


def _require_no_more(changed: str, tree: dict[str, Any], new: list[str], categories: Mapping[str, list[Any]]) -> None:
    """Raise where the file says anything else than before and what was to be added."""
    import yaml

    expected = deepcopy(tree)
    for name, values in categories.items():
        expected["columns"][name]["isin"] += values
    try:
        found = yaml.safe_load(changed)
        for name in new:
            found["columns"].pop(name)
    except (yaml.YAMLError, KeyError):
        found = None
    if found != expected:
        raise MLQualityError("the schema is written in a way that cannot be added to without touching it", _BY_HAND)
