"""`mlquality init`: look, propose, write what is not there yet."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.proposal.look import STEPS, STEPS_OF_A_SPLIT, Findings, look
from pytest_mlquality.proposal.progress import Progress
from pytest_mlquality.proposal.request import Request
from pytest_mlquality.proposal.writing.gate_toml import SCHEMA_FILE, gate_text
from pytest_mlquality.proposal.writing.schema_yaml import schema_text
from pytest_mlquality.settings.settings import GATE_FILE

PROFILE = "profile.html"


def propose(request: Request, *, explore: bool = False) -> list[str]:
    """Write the gate file, the schema and perhaps the profile into ``request.base``; return what to tell people.

    Raises
    ------
    MLQualityError
        Where one of the files exists already, which is never touched, or something cannot be looked at.
    """
    names = [GATE_FILE, SCHEMA_FILE, *([PROFILE] if explore else [])]
    require_none(request.base / name for name in names)
    _require_folder(request.base)
    with Progress(STEPS + STEPS_OF_A_SPLIT * len(request.splits)) as progress:
        findings = look(request, progress)
        texts = {SCHEMA_FILE: schema_text(findings), GATE_FILE: whole_gate(findings, progress)}
        if explore:
            texts[PROFILE] = profile_text(findings, progress)
    for name, text in texts.items():
        write_new(request.base / name, text)
    return [*(f"wrote {request.base / name}" for name in texts), *_next(request.base)]


def whole_gate(findings: Findings, progress: Progress) -> str:
    """Return the gate file, with suggestions about what the model reaches today, if there is one."""
    text = gate_text(findings)
    if findings.request.model is None or "test" not in findings.evidence.labelled:
        return text
    from pytest_mlquality.proposal.writing.commented_sections import grouping, metrics_of_groups
    from pytest_mlquality.proposal.writing.disparities import disparities
    from pytest_mlquality.proposal.writing.draft import draft
    from pytest_mlquality.proposal.writing.performance import suggestions

    progress.step("asking the model")
    with draft(text, findings.request.base) as subject:
        suggested = suggestions(subject)
        return gate_text(findings, suggested, disparities(subject, metrics_of_groups(findings), grouping(findings)))


def profile_text(findings: Findings, progress: Progress) -> str:
    """Return the page that shows the data."""
    from pytest_mlquality.proposal.writing.profile_page import page

    return page(findings, progress.step)


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise _exists([path]) from None
    except OSError as error:
        raise MLQualityError(f"cannot write {path}: {error.strerror or error}", "choose another --directory") from None


def _require_folder(base: Path) -> None:
    try:
        base.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MLQualityError(f"cannot make {base}: {error.strerror or error}", "choose another --directory") from None


def require_none(paths: Iterable[Path]) -> None:
    """Raise where one of some files exists."""
    existing = [path for path in paths if path.exists() or path.is_symlink()]
    if existing:
        raise _exists(existing)


def _exists(paths: list[Path]) -> MLQualityError:
    there = f"{', '.join(map(str, paths))} {'is' if len(paths) == 1 else 'are'} there already"
    return MLQualityError(
        f"{there}, and nothing that exists is touched", "mlquality init --update shows what could be added"
    )


def _next(base: Path) -> list[str]:
    file = base / GATE_FILE
    return [f"Read and correct both, then: pytest --ml-quality {file}"]
