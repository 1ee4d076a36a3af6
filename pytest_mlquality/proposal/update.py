"""`mlquality init --update`: what could be added to files that people have made theirs."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

from pytest_mlquality.data.callables import PREFIX
from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.printable import one_line
from pytest_mlquality.proposal.command import PROFILE, profile_text, require_none, whole_gate, write_new
from pytest_mlquality.proposal.look import STEPS, STEPS_OF_A_SPLIT, Findings, look
from pytest_mlquality.proposal.progress import Progress
from pytest_mlquality.proposal.request import EXAMPLE, Request, of_settings
from pytest_mlquality.proposal.writing import toml_additions, yaml_additions
from pytest_mlquality.proposal.writing.asked_additions import contradictions
from pytest_mlquality.proposal.writing.gate_toml import SCHEMA_FILE
from pytest_mlquality.proposal.writing.schema_yaml import schema_text
from pytest_mlquality.settings.settings import GATE_FILE, Settings, read_settings
from pytest_mlquality.settings.source import read_source


def update(asked: Request, *, write: bool = False, explore: bool = False) -> list[str]:
    """Return a diff of what would be added to the gate file and its schema, and add it where `write`.

    Parameters
    ----------
    asked
        Goes before what the gate file says of data and model.

    Raises
    ------
    MLQualityError
        Where there is no file to add to, or one cannot be added to without touching what stands there.
    """
    gate = asked.base / GATE_FILE
    settings = read_settings(gate) if gate.exists() else None
    schema = _schema_file(asked.base, settings)
    if settings is None and (schema is None or not schema.exists()):
        raise MLQualityError(f"{asked.base} has no {GATE_FILE} and no {SCHEMA_FILE} to add to", EXAMPLE)
    request = asked if settings is None else of_settings(settings).over(asked)
    if explore:
        require_none([asked.base / PROFILE])
    with Progress(STEPS + STEPS_OF_A_SPLIT * len(request.splits)) as progress:
        findings = look(request, progress)
        files = list(_files(gate, schema, settings, findings, asked, progress))
        told = [line for path, old, new in files for line in _diff(path, old, new)]
        if explore:
            write_new(asked.base / PROFILE, profile_text(findings, progress))
            told.append(f"wrote {asked.base / PROFILE}")
    kept = [] if settings is None else list(contradictions(asked, settings))
    return [*told, *kept, *_ended(files, write)]


def _schema_file(base: Path, settings: Settings | None) -> Path | None:
    """Return the schema in YAML that a gate has or would have; None where it is Python."""
    named = settings.schema.file if settings is not None and settings.schema is not None else None
    if named is not None and named.startswith(PREFIX):
        return None
    return base / (named or SCHEMA_FILE)


def _files(
    gate: Path,
    schema: Path | None,
    settings: Settings | None,
    findings: Findings,
    asked: Request,
    progress: Progress,
) -> Iterator[tuple[Path, str, str]]:
    """Yield each file with its text before and after."""
    if settings is None:
        yield gate, "", whole_gate(findings, progress)
    else:
        old = _read(gate)
        new = toml_additions.with_additions(old, settings, findings, asked)
        if asked.model is not None and settings.model is None:
            new = _with_model(new, settings, findings, progress)
        yield gate, old, new
    if schema is not None:
        old = _read(schema) if schema.exists() else ""
        yield schema, old, yaml_additions.with_additions(old, findings) if old else schema_text(findings)


def _with_model(text: str, settings: Settings, findings: Findings, progress: Progress) -> str:
    """Return a gate file that has a model now with suggestions about what it reaches today, as a new file has them."""
    if "test" not in findings.evidence.labelled:
        return text
    from pytest_mlquality.proposal.writing.draft import draft
    from pytest_mlquality.proposal.writing.performance import suggestions

    progress.step("asking the model")
    with draft(text, settings.base) as subject:
        return toml_additions.with_suggestions(text, read_source(settings.file).tree, suggestions(subject))


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MLQualityError(f"{path} cannot be read: {error}", "save it as UTF-8 text") from None


def _diff(path: Path, old: str, new: str) -> Iterator[str]:
    lines = unified_diff(old.splitlines(), new.splitlines(), f"{path} (as it is)", f"{path} (proposed)", lineterm="")
    yield from map(one_line, lines)


def _ended(files: list[tuple[Path, str, str]], write: bool) -> list[str]:
    changed = [(path, old, new) for path, old, new in files if old != new]
    if not changed:
        return ["nothing to add"]
    if not write:
        return ["nothing was written; to add this: mlquality init --update --write"]
    for path, old, new in changed:
        _write(path, old, new)
    return [*(f"added to {path}" for path, _, _ in changed), f"Read it, then: pytest --ml-quality {files[0][0]}"]


def _write(path: Path, old: str, new: str) -> None:
    """Put a file in the place of the one that was read, if that is still the same."""
    if not old:
        write_new(path, new)
        return
    if _read(path) != old:
        raise MLQualityError(f"{path} has changed meanwhile", "run it again")
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        draft.write_bytes(new.encode("utf-8"))
        draft.chmod(path.stat().st_mode)
        os.replace(draft, path.resolve())
    except OSError as error:
        raise MLQualityError(f"cannot write {path}: {error.strerror or error}", "look at its permissions") from None
    finally:
        draft.unlink(missing_ok=True)
