"""``summary.md``: the short table for a pull request or a job summary."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pytest_mlquality.evidence_format import holds_rows
from pytest_mlquality.whole_file import write_whole

from . import reading, wording

FILE_NAME = "summary.md"
# A job summary is cut off at 1 MiB, and nobody reads a table of hundreds in a pull request.
MOST_ROWS = 50
MOST_CHARACTERS = 300
_SPECIAL = re.compile(r"([\\`*_\[\]#|~$:])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Would call the person or team of that name.
_MENTION = re.compile(r"(?<![\w/])@(?=\w)")
_BARE_ADDRESS = re.compile(r"www\.", re.IGNORECASE)


def write(evidence: dict[str, Any], directory: Path) -> Path:
    """Write ``summary.md`` into `directory` and return its path.

    Raises
    ------
    EvidenceError
        Where the file cannot be written.
    """
    return write_whole(directory / FILE_NAME, render(evidence), private=holds_rows(evidence))


def render(evidence: dict[str, Any]) -> str:
    """Return the summary in GitHub-flavoured Markdown; texts of the evidence are escaped."""
    run = evidence["run"]
    blocks = [_subject(subject, run) for subject in evidence["subjects"]]
    if not blocks:
        blocks = [f"### Release gate: {escaped(evidence['verdict'])}\n\nNo settings file was judged.\n"]
    origin = f"Stage {run['stage']}, {wording.moment(run['started'])}, {evidence['content_digest']}"
    return "\n".join([*blocks, escaped(origin), ""])


def _subject(subject: dict[str, Any], run: dict[str, Any]) -> str:
    attention = reading.attention(subject, run["started"])
    lines = [
        f"### {escaped(subject['name'])}: {escaped(subject['verdict'])}",
        "",
        f"{escaped(wording.counted(reading.outcome_counts(subject)))}. {_models(subject)}",
        "",
    ]
    lines += [f"{said}\n" for said in map(escaped, reading.of_rows(subject))]
    if run["finished"] is None:
        lines += ["The run was not finished.", ""]
    lines += [f"{escaped(reading.lost(problem))}\n" for problem in run.get("problems", ())]
    if attention:
        lines += ["| Outcome | Check | Measured | Limit |", "| --- | --- | --- | --- |"]
        lines += [_row(concern) for concern in attention[:MOST_ROWS]]
        lines.append("")
    if len(attention) > MOST_ROWS:
        lines += [f"and {len(attention) - MOST_ROWS:,} more in the report.", ""]
    return "\n".join(lines)


def _models(subject: dict[str, Any]) -> str:
    named = [
        f"{role} {escaped(model['uri'])} {escaped('version ' + model['version']) if model['version'] else ''}".strip()
        for role, model in (("Model", subject["model"]), ("baseline", subject["baseline"]))
        if model is not None
    ]
    return f"{', '.join(named)}." if named else ""


def _row(concern: reading.Concern) -> str:
    measured, limit = "", ""
    if concern.measurements:
        worst = concern.measurements[0]
        ends = wording.interval(worst["interval"])
        rests = worst.get("decided_by", "") if ends != "exact" else ""
        parts = [f"{worst['name']} {wording.value(worst)}", rests, worst["reason"]]
        parts += [] if ends in {"", "exact"} else [f"95% {ends}"]
        parts += [] if worst["n"] is None else [f"n = {worst['n']:,}"]
        others = len(concern.measurements) - 1 + concern.more
        parts += [f"and {others} more"] if others else []
        measured, limit = "; ".join(part for part in parts if part), wording.limit(worst)
    why = concern.waiver or ("" if concern.measurements else concern.message)
    named = f"{concern.id} and {len(concern.others):,} more" if concern.others else concern.id
    cells = [concern.outcome.word, named, "; ".join(part for part in (measured, why) if part), limit]
    return f"| {' | '.join(escaped(cell) for cell in cells)} |"


def escaped(text: str) -> str:
    """Return `text` for one line of Markdown, where it shows as it is and does nothing."""
    line = wording.visible(" ".join(text.split()))
    if len(line) > MOST_CHARACTERS:
        line = line[: MOST_CHARACTERS - 1] + "…"
    line = _SPECIAL.sub(r"\\\1", line)
    line = "".join(_ENTITIES.get(character, character) for character in line)
    # Entities do not stop a mention, which is looked for in the finished page: a word joiner does.
    return _BARE_ADDRESS.sub("www\u2060.", _MENTION.sub("@\u2060", line))
