"""Parts of the rows, slices and groups alike: what the entries of `by` are called, and whether bins belong to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_mlquality.settings.agreement.declared import table_of
from pytest_mlquality.settings.problem import Finding, Key
from pytest_mlquality.settings.source import Tree


def entries_of(section: Tree) -> list[Any]:
    """Return what the entries of `by` are called: columns joined by ``+``."""
    by = section.get("by", [])
    return ["+".join(map(str, one)) if isinstance(one, list) else one for one in by] if isinstance(by, list) else []


def wrong_bins(here: Key, section: Tree, entries: list[Any]) -> Iterator[Finding]:
    """Yield what is wrong with ``bins``, whose columns must be among the entries of ``by`` or beside them."""
    columns = {name for one in entries for name in str(one).split("+")}
    made = "slice" if "slices" in here else "group"
    for name, edges in table_of(section, "bins").items():
        if name not in columns:
            yield Finding((*here, "bins", name), f"no {made} is made by this column", "add the column to by")
        if isinstance(edges, list) and edges != sorted(set(edges)):
            yield Finding((*here, "bins", name), "the edges do not rise", "write each edge once, the smallest first")
