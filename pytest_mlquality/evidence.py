"""The evidence of a run, drawn from its journal, and the file that holds it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pytest_mlquality.errors import EvidenceError
from pytest_mlquality.evidence_format import SCHEMA, content_digest, validate
from pytest_mlquality.journal import Line, read_journal

EVIDENCE = "evidence.json"
RUNS = "runs"
# From best to worst: of a check that ran twice, the worse outcome stands.
_RANK = ("passed", "not_applicable", "waived", "skipped", "inconclusive", "failed", "error")
_UNDECIDED = {None, "inconclusive", "skipped"}


def journal_name(run: str) -> str:
    """Return the name of a run's journal beside its evidence."""
    return f"journal-{run}.jsonl"


def assemble(lines: Iterable[Line], *, finished: str | None = None, exit_status: int | None = None) -> dict[str, Any]:
    """Return the evidence of a run as far as its journal goes.

    Parameters
    ----------
    lines
        The journal: ``run``, then ``subject``, ``fact``, ``begin``, ``measurement`` and ``end`` in any mixture.
    """
    journal = list(lines)
    run = next(line["run"] for line in journal if line["kind"] == "run")
    subjects: dict[str, dict[str, Any]] = {}
    for line in journal:
        if line["kind"] == "subject":
            subjects.setdefault(line["subject"]["file"], _new_subject(line["subject"]))
    for line in journal:
        match line["kind"]:
            case "fact":
                _add_fact(subjects[line["subject"]], line["field"], line["value"])
            case "begin":
                _begin(subjects[line["subject"]], line["check"])
            case "measurement":
                _latest(subjects[line["subject"]], line["check"])["measurements"].append(line["measurement"])
            case "end":
                _end(subjects[line["subject"]], line["check"], line["end"])
    judged = [_judged(subject) for _file, subject in sorted(subjects.items())]
    evidence = {
        "schema": SCHEMA,
        "run": {**run, "finished": finished, "exit_status": exit_status},
        "subjects": judged,
        "verdict": worst_verdict([subject["verdict"] for subject in judged]),
    }
    return {**evidence, "content_digest": content_digest(evidence)}


def worst_verdict(verdicts: list[str]) -> str:
    """Return the verdict of a run over several subjects; of none, incomplete."""
    for verdict in ("fail", "incomplete"):
        if verdict in verdicts:
            return verdict
    return "pass" if verdicts else "incomplete"


def _new_subject(declared: dict[str, Any]) -> dict[str, Any]:
    absent = {"schema_digest": None, "previous": None, "settings_changed_since_baseline": None}
    return {**absent, **declared, "checks": {}}


def _add_fact(subject: dict[str, Any], field: str, value: Any) -> None:  # noqa: ANN401 - what the field holds
    if field == "data":
        known = subject["data"]
        subject["data"] = {**known, **{split: {**known.get(split, {}), **facts} for split, facts in value.items()}}
    elif field in ("model", "baseline"):
        subject[field] = value


def _begin(subject: dict[str, Any], check: dict[str, Any]) -> None:
    blank: dict[str, Any] = {
        "outcome": None,
        "waiver": None,
        "duration_s": None,
        "message": "",
        "remedy": "",
        "measurements": [],
    }
    subject["checks"].setdefault(check["id"], []).append({**check, **blank})


def _latest(subject: dict[str, Any], check: str) -> dict[str, Any]:
    attempt: dict[str, Any] = subject["checks"][check][-1]
    return attempt


def _end(subject: dict[str, Any], check: str, end: dict[str, Any]) -> None:
    _latest(subject, check).update(end)


def _worst(attempts: list[dict[str, Any]]) -> dict[str, Any]:
    return max(attempts, key=lambda check: len(_RANK) if check["outcome"] is None else _RANK.index(check["outcome"]))


def _ruled(check: dict[str, Any]) -> dict[str, Any]:
    """Let a recorded fail rule, also one that another process recorded for the check."""
    fails = any(measurement["verdict"] == "fail" for measurement in check["measurements"])
    overruled = fails and check["outcome"] in ("passed", "not_applicable", "skipped", "inconclusive")
    return {**check, "outcome": "failed"} if overruled else check


def _judged(subject: dict[str, Any]) -> dict[str, Any]:
    expected = subject["expected"]
    order = {check: place for place, check in enumerate(expected)}
    checks = sorted(
        (_ruled(_worst(attempts)) for attempts in subject["checks"].values()),
        key=lambda check: (order.get(check["id"], len(order)), check["id"]),
    )
    outcomes = {check["id"]: check["outcome"] for check in checks}
    counts: dict[str, int] = {}
    for outcome in outcomes.values():
        if outcome is not None:
            counts[outcome] = counts.get(outcome, 0) + 1
    limits = sum(m["verdict"] is not None for check in checks for m in check["measurements"])
    false_fail = subject["settings"]["resolved"].get("verdict", {}).get("false_fail", 0.0)
    return {
        **subject,
        "checks": checks,
        "verdict": verdict_of(expected, outcomes),
        "counts": dict(sorted(counts.items())),
        "union_bound": limits * false_fail,
    }


def verdict_of(expected: list[str], outcomes: dict[str, str | None]) -> str:
    """Return a subject's verdict from the outcomes of what is demanded: anything failed, anything missing.

    How a run was narrowed is never looked at, only what is missing.
    """
    found = [outcomes.get(check) for check in expected]
    if "failed" in found or "error" in found:
        return "fail"
    return "incomplete" if not found or _UNDECIDED & set(found) else "pass"


def write_evidence(directory: Path, evidence: dict[str, Any]) -> Path:
    """Validate and write ``evidence.json``, whole or not at all.

    The file of another run that stands there moves to ``runs/<id>.json`` first.
    """
    validate(evidence)
    path = directory / EVIDENCE
    _keep_previous(path, evidence["run"]["id"])
    _write_atomically(path, json.dumps(evidence, indent=1, allow_nan=False) + "\n")
    return path


def _keep_previous(path: Path, run: str) -> None:
    try:
        before = json.loads(path.read_bytes())["run"]["id"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    if before != run:
        kept = path.parent / RUNS / f"{before}.json"
        kept.parent.mkdir(exist_ok=True)
        shutil.copy2(path, kept)


def _write_atomically(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_evidence(directory: Path) -> dict[str, Any]:
    """Return the evidence of the newest run in a folder, also of one that was cut off.

    Raises
    ------
    EvidenceError
        If there is none, or it is not evidence.
    """
    recover(directory)
    path = directory / EVIDENCE
    try:
        evidence: dict[str, Any] = json.loads(path.read_bytes())
    except OSError:
        raise EvidenceError(f"{path} does not exist", "run `pytest --ml-quality` first") from None
    except ValueError as error:
        raise EvidenceError(f"{path} is not JSON: {error}", "run `pytest --ml-quality` anew") from None
    validate(evidence)
    return evidence


def recover(directory: Path) -> None:
    """Fold the journals of runs that were cut off into evidence, so that what they measured is kept."""
    for path in sorted(directory.glob(journal_name("*")), key=lambda path: path.stat().st_mtime):
        lines = read_journal(path)
        process = next((line["process"] for line in lines if line["kind"] == "run"), None)
        if process is None or is_running(process):
            continue
        if any(line["kind"] == "subject" for line in lines):
            try:
                write_evidence(directory, assemble(lines))
            except EvidenceError:
                # The journal is the evidence then; it stays, and stops no later run.
                continue
        path.unlink()


def is_running(process: int) -> bool:
    """Return whether a process of this machine, by its number, still runs."""
    if process == os.getpid():
        # The number of a run that is no more, come round again: containers begin to count anew.
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
