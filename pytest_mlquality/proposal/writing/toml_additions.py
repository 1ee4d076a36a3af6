"""Adding to a gate file what it does not say yet, every byte of it left as it is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.proposal.look import Findings
from pytest_mlquality.proposal.request import Request
from pytest_mlquality.proposal.writing.asked_additions import asked_additions
from pytest_mlquality.proposal.writing.commented_sections import commented_sections
from pytest_mlquality.proposal.writing.entry import Entry
from pytest_mlquality.proposal.writing.gate_toml import SCHEMA_FILE, tables
from pytest_mlquality.proposal.writing.insertion import Insertion, inserted
from pytest_mlquality.proposal.writing.skew import skew_tables
from pytest_mlquality.settings.settings import Settings
from pytest_mlquality.settings.source import merged, read_source
from pytest_mlquality.settings.toml_text import value_text

_HEADER = re.compile(r"^\s*\[")
_BYTE_ORDER_MARK = "\ufeff"


def with_additions(text: str, settings: Settings, findings: Findings, asked: Request) -> str:
    """Return the gate file with what was asked for and the entries of ``[schema]`` that it does not have.

    Raises
    ------
    MLQualityError
        Where a table is written in a way that cannot be added to without touching it.
    """
    mark = _BYTE_ORDER_MARK if text.startswith(_BYTE_ORDER_MARK) else ""
    text = text.removeprefix(mark)
    tree = read_source(settings.file).tree
    known = tree.get("schema", {})
    for table, entries in asked_additions(asked, settings, findings).items():
        text = _added(text, table, entries)
    if settings.performance is not None and "performance" not in tree:
        # Once a section is named only named ones are judged.
        text = _added(text, "performance", [])
    if "file" not in known:
        text = _added(text, "schema", [Entry("file", value_text(SCHEMA_FILE), "What the columns are.")])
    for name, entries in tables(findings).items():
        new = [entry for entry in entries if entry.key not in (None, *_known(known, name))]
        new = [entry for entry in new if not _goes_without_saying(name, entry, settings)]
        if new:
            text = _added(text, f"schema.{name}", new)
    return mark + _with_sections(text, tree, findings)


def _known(section: Mapping[str, Any], table: str) -> set[str]:
    """Return the keys of a table in ``[schema]``; what all splits are held to is known of each."""
    place = section
    for part in table.split("."):
        place = place.get(part, {})
    general = section.get("metrics", {}) if table.startswith("only.") else {}
    return {*place, *general}


def with_suggestions(text: str, tree: Mapping[str, Any], suggested: Sequence[str]) -> str:
    """Return the text with what is suggested of performance, unless it names that section."""
    if _is_named("performance", text, tree):
        return text
    return inserted(text, [Insertion.of_lines(text, len(text.splitlines()), ["", *suggested])])


def _with_sections(text: str, tree: Mapping[str, Any], findings: Findings) -> str:
    """Return the text with the sections that it neither has nor names in a comment, which is how people decline one."""
    if not _is_named("skew", text, tree):
        for name, entries in skew_tables(findings.skew).items():
            text = _added(text, name, entries)
    for name, lines in commented_sections(findings).items():
        # Where there is no section to propose, what is known of it is a remark for a new file.
        if f"# [{name}]" in lines and not _is_named(name, text, tree):
            text = inserted(text, [Insertion.of_lines(text, len(text.splitlines()), ["", *lines])])
    return text


def _is_named(section: str, text: str, tree: Mapping[str, Any]) -> bool:
    return section in tree or re.search(rf"^\s*#[#\s]*\[\s*{section}\s*[].]", text, re.MULTILINE) is not None


def _goes_without_saying(table: str, entry: Entry, settings: Settings) -> bool:
    """Return whether an entry is a limit that holds by default."""
    if table not in ("metrics", "leakage") or settings.schema is None:
        return False
    limit = getattr(settings.schema, table).get(entry.key)
    return limit is not None and _parsed(f"limit = {entry.value}")["limit"] == {"at_most": limit.at_most}


def _added(text: str, table: str, entries: list[Entry]) -> str:
    """Return the text with entries in a table, which is opened at the end where it has no header yet."""
    lines = [line for entry in entries for line in entry.lines()]
    expected = _expected(_parsed(text), table, lines)
    for insertion in _places(text, table, lines):
        changed = inserted(text, [insertion])
        try:
            if _parsed(changed) == expected:
                return changed
        except tomllib.TOMLDecodeError:
            continue
    raise MLQualityError(
        f"[{table}] is written in a way that cannot be added to without touching it",
        "add by hand: " + "; ".join(entry.setting for entry in entries if entry.key is not None),
    )


def _places(text: str, table: str, lines: list[str]) -> Iterator[Insertion]:
    existing = text.splitlines()
    header = re.compile(rf"^\s*\[\s*{re.escape(table)}\s*\]\s*(#.*)?$")
    start = next((place for place, line in enumerate(existing) if header.match(line)), None)
    if start is None:
        yield Insertion.of_lines(text, len(existing), ["", f"[{table}]", *lines])
        return
    end = next((place for place in range(start + 1, len(existing)) if _HEADER.match(existing[place])), len(existing))
    while end > start + 1 and not existing[end - 1].partition("#")[0].strip():
        end -= 1
    yield Insertion.of_lines(text, end - 1, lines)
    yield Insertion.of_lines(text, start, lines)


def _expected(tree: dict[str, Any], table: str, lines: list[str]) -> dict[str, Any]:
    added: Mapping[str, Any] = _parsed("\n".join(lines))
    for part in reversed(table.split(".")):
        added = {part: added}
    return merged(tree, added)


def _parsed(text: str) -> dict[str, Any]:
    return tomllib.loads(text)
