"""What the command line asks for, as entries for a gate file that does not say it yet."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_mlquality.proposal.look import Findings
from pytest_mlquality.proposal.request import Request
from pytest_mlquality.proposal.writing.entry import Entry
from pytest_mlquality.proposal.writing.gate_toml import model_entries
from pytest_mlquality.settings.settings import Settings
from pytest_mlquality.settings.toml_text import value_text


def asked_additions(asked: Request, settings: Settings, findings: Findings) -> dict[str, list[Entry]]:
    """Return what the settings lack of what was asked for, by table."""
    data, model = settings.data, settings.model
    said = {name for name in ("target", "key", "time") if getattr(data, name) is not None}
    roles = [
        Entry(name, value_text(getattr(asked, name)), "")
        for name in ("target", "key", "time")
        if getattr(asked, name) is not None and name not in said
    ]
    of_model = [
        entry
        for entry in model_entries(findings, asked)
        if model is None or (entry.key in ("trusted_types", "sha256") and not getattr(model, entry.key))
    ]
    registry = [Entry("uri", value_text(asked.registry), "")] if asked.registry and settings.registry is None else []
    splits = {
        f"data.{name}": [Entry("source", value_text(split.source), "")]
        for name, split in asked.splits.items()
        if name not in data.splits
    }
    found = {"model": of_model, "registry": registry, "data": roles, **splits}
    return {table: entries for table, entries in found.items() if entries}


def contradictions(asked: Request, settings: Settings) -> Iterator[str]:
    """Yield what was asked for and stays as the file has it."""
    data, model, registry = settings.data, settings.model, settings.registry
    pairs = {
        "[model] uri": (asked.model, model.uri if model is not None else None),
        "[model] sha256": (asked.sha256 or None, model.sha256 or None if model is not None else None),
        "[registry] uri": (asked.registry, registry.uri if registry is not None else None),
        "[data] target": (asked.target, data.target),
        "[data] key": (asked.key, data.key),
        "[data] time": (asked.time, data.time),
    }
    pairs |= {
        f"[data.{name}] source": (split.source, data.splits[name].source)
        for name, split in asked.splits.items()
        if name in data.splits
    }
    for key, (wanted, there) in pairs.items():
        if wanted is not None and there is not None and wanted != there:
            yield f"{key} stays {there!r}, as the file has it; you asked for {wanted!r}: change it by hand"
