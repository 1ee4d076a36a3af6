"""The evidence of a run as far as its journal goes."""

from __future__ import annotations

from collections.abc import Iterable
from math import fsum
from typing import Any

from pytest_mlquality.errors import EvidenceError
from pytest_mlquality.evidence_format import SCHEMA, content_digest
from pytest_mlquality.journal import Contents, Line

# From best to worst: of a check that ran twice, the worse outcome stands.
_RANK = ("passed", "not_applicable", "waived", "skipped", "inconclusive", "failed", "error")
_UNDECIDED = {None, "inconclusive", "skipped"}


# What a line that does not have its kind's shape raises where it is taken for one.
_MISSHAPEN = (KeyError, TypeError, ValueError, AttributeError, IndexError)


def assemble(
    journal: Contents, *, finished: str | None = None, exit_status: int | None = None, problems: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the evidence of a run as far as its journal goes.

    A run that is not finished, or of which anything was lost, is no pass.

    Parameters
    ----------
    journal
        Its lines: ``run``, then ``subject``, ``fact``, ``begin``, ``measurement`` and ``end`` in any mixture.
    problems
        What was lost of the run besides lines of the journal.

    Raises
    ------
    EvidenceError
        If nothing says which run it was, or what a line says of a subject or check has no such shape.
    """
    try:
        return _assembled(journal, finished, exit_status, list(problems))
    except (*_MISSHAPEN, RecursionError, StopIteration) as problem:
        raise EvidenceError("the journal is no record of a run", "keep it to look at, or remove it") from problem


def _assembled(journal: Contents, finished: str | None, exit_status: int | None, problems: list[str]) -> dict[str, Any]:
    run = next(line["run"] for line in journal.lines if line["kind"] == "run")
    subjects: dict[str, dict[str, Any]] = {}
    # Subjects first: several processes write, and what one measures may stand before what another declares.
    misshapen = sum(not _declared(subjects, line) for line in journal.lines)
    misshapen += sum(not _added(subjects, line) for line in journal.lines)
    if journal.damaged:
        problems.append(f"{_lines(journal.damaged)} of its journal cannot be read, and what stood there is lost")
    if misshapen:
        problems.append(f"{_lines(misshapen)} of its journal belong to no subject or check of it, and are left out")
    whole = finished is not None and not problems
    judged = [_judged(subject, whole=whole) for _file, subject in sorted(subjects.items())]
    evidence = {
        "schema": SCHEMA,
        "run": {**run, "finished": finished, "exit_status": exit_status, "problems": problems},
        "subjects": judged,
        "verdict": worst_verdict([subject["verdict"] for subject in judged]),
    }
    return {**evidence, "content_digest": content_digest(evidence)}


def _lines(count: int) -> str:
    return "a line" if count == 1 else f"{count:,} lines"


def _declared(subjects: dict[str, dict[str, Any]], line: Line) -> bool:
    """Take in what declares a subject; return False where it does not."""
    if line["kind"] != "subject":
        return True
    try:
        subjects.setdefault(line["subject"]["file"], _new_subject(line["subject"]))
    except _MISSHAPEN:
        return False
    return True


def _added(subjects: dict[str, dict[str, Any]], line: Line) -> bool:
    """Take in what a line says of a subject that is declared; return False where there is no such subject or check."""
    try:
        match line["kind"]:
            case "fact":
                _add_fact(subjects[line["subject"]], line["field"], line["value"])
            case "begin":
                _begin(subjects[line["subject"]], line["check"])
            case "measurement":
                _latest(subjects[line["subject"]], line["check"])["measurements"].append(line["measurement"])
            case "end":
                _end(subjects[line["subject"]], line["check"], line["end"])
            case kind:
                return kind in ("run", "subject", "plan")
    except _MISSHAPEN:
        return False
    return True


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


def _judged(subject: dict[str, Any], *, whole: bool) -> dict[str, Any]:
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
    verdict = verdict_of(expected, outcomes)
    levels = [m.get("false_fail") or 0.0 for check in checks for m in check["measurements"] if m["verdict"] is not None]
    return {
        **subject,
        "checks": checks,
        "verdict": "incomplete" if verdict == "pass" and not whole else verdict,
        "counts": dict(sorted(counts.items())),
        "union_bound": fsum(levels),
    }


def verdict_of(expected: list[str], outcomes: dict[str, str | None]) -> str:
    """Return a subject's verdict from the outcomes of what is demanded: anything failed, anything missing.

    How a run was narrowed is never looked at, only what is missing.
    """
    found = [outcomes.get(check) for check in expected]
    if "failed" in found or "error" in found:
        return "fail"
    return "incomplete" if not found or _UNDECIDED & set(found) else "pass"
