"""The shape of ``evidence.json``: what every writer keeps to and every reader may rely on.

The JSON Schema shipped beside this module is generated from it; write it anew with
``python -m pytest_mlquality.evidence_format``.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, JsonValue, ValidationError

from pytest_mlquality.errors import EvidenceError, nearest
from pytest_mlquality.evidence_details import AnyDetails, Count, Interval, Strict
from pytest_mlquality.run_id import PATTERN

SCHEMA = "mlquality/evidence/v1"
SCHEMA_FILE = Path(__file__).with_name("evidence.schema.json")
PROBLEMS_NAMED = 5

Stage = Literal["ci", "predeploy", "nightly"]
Outcome = Literal["passed", "failed", "inconclusive", "waived", "not_applicable", "error", "skipped"]
RunVerdict = Literal["pass", "fail", "incomplete"]
Scalar = str | int | float | bool | None


class Git(Strict):
    """The commit that was judged."""

    commit: str | None
    branch: str | None
    dirty: bool


class Run(Strict):
    """When, where and how; no part of the content digest."""

    id: str = Field(pattern=PATTERN)
    started: AwareDatetime
    finished: AwareDatetime | None = Field(description="Null while the run lasts, or where it was cut off.")
    stage: Stage
    seed: int
    exit_status: int | None
    versions: dict[str, str]
    platform: dict[str, Scalar]
    git: Git | None
    argv_redacted: list[str]
    problems: list[str] = Field(default=[], description="What was lost of the run, which is no pass then.")


class ResolvedSettings(Strict):
    """The settings with every default and every inherited key written out."""

    digest: str
    resolved: dict[str, JsonValue]


class ModelVersion(Strict):
    """A model: how it was asked for, and what that was."""

    uri: str
    version: str | None
    digest: str | None
    remarks: list[str] = Field(default=[], description="What is to be known of its answers, such as who decides.")


class Split(Strict):
    """One split of the data."""

    source: str
    rows: Count | None
    digest: str | None
    unlabelled: Count = Field(default=0, description="Rows without a label, left out where answers are judged.")
    copies: Count = Field(default=0, description="Rows that are copies of others: equal ones count as one unit.")


class Previous(Strict):
    """The run before this one on the same subject; no part of the content digest."""

    run: str
    digest: str
    outcomes: dict[str, Outcome | None]


class Waiver(Strict):
    """Who answers for letting a check go by, why, and until when."""

    check: str = Field(description="The pattern that the settings give.")
    owner: str
    reason: str
    until: date
    covers: Literal["failed", "inconclusive"]


class Power(Strict):
    """About where a limit fails and passes with as many rows; null where no value does."""

    fails_below: float | None
    passes_from: float | None
    passes_to: float | None
    fails_above: float | None


class RecordedMeasurement(Strict):
    """One number held against one limit."""

    name: str
    value: float | None = Field(description="Null where it is undefined or too small to judge: see reason.")
    unit: str
    interval: Interval | None = Field(description="The 95% interval; an end is null where there is none.")
    n: Count | None
    method: str
    reason: str
    at_least: float | None
    at_most: float | None
    limit_from: str = Field(description="Where the limit stands: a key of the settings, a default, the test.")
    lower_bound: float | None = Field(description="The one-sided bound that the verdict used; null: unbounded.")
    upper_bound: float | None
    verdict: Literal["pass", "fail", "inconclusive"] | None
    decided_by: str = Field(
        default="", description="Which bound at which level decided a fail, or does not decide yet, and what would."
    )
    false_fail: float | None = Field(
        default=None,
        description="Level at which it may fail: its part of the claim's; null where it has no uncertainty.",
    )
    power: Power | None = Field(default=None, description="What the limit can see; null of what has no uncertainty.")
    details: AnyDetails | None


class Check(Strict):
    """One test that judged the subject."""

    id: str
    nodeid: str
    concern: str
    challenge: str | None
    principles: list[str]
    phase: str | None
    serves: list[str] = Field(description="Tests of the ML Test Score that this check automates.")
    stages: list[Stage]
    outcome: Outcome | None = Field(description="Null while it runs, or where it was cut off.")
    waiver: Waiver | None = Field(description="In force where the outcome is waived; else it did not help.")
    duration_s: float | None
    message: str
    remedy: str
    measurements: list[RecordedMeasurement]


class Subject(Strict):
    """The ML system that one settings file describes, and what came of judging it."""

    name: str
    file: str
    settings: ResolvedSettings
    schema_digest: str | None
    model: ModelVersion | None
    baseline: ModelVersion | None
    data: dict[str, Split]
    previous: Previous | None
    settings_changed_since_baseline: bool | None
    by_hand: dict[str, str] = Field(description="Tests of the ML Test Score done by hand: where they are written up.")
    expected: list[str] = Field(description="Check ids that file and stage demand.")
    checks: list[Check]
    verdict: RunVerdict
    counts: dict[Outcome, Count]
    union_bound: float = Field(
        ge=0, description="Sum of the levels at which limits may fail: bounds the chance of any false fail."
    )


class Evidence(Strict):
    """The record of one run: everything measured, on what, by what."""

    schema_: Literal["mlquality/evidence/v1"] = Field(alias="schema")
    run: Run
    subjects: list[Subject]
    content_digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    verdict: RunVerdict


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of ``evidence.json``."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Evidence.model_json_schema(by_alias=True)}


def schema_text() -> str:
    """Return `json_schema` as the shipped file holds it."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def validate(evidence: dict[str, Any]) -> None:
    """Check that `evidence` has the shape of the evidence file.

    Raises
    ------
    EvidenceError
        Naming the path of the first problems, such as ``subjects[0].checks[3].outcome``.
    """
    try:
        # Validated as the text that would be written: what JSON cannot hold is a problem too.
        text = json.dumps(evidence, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as problem:
        raise EvidenceError(f"the evidence is not JSON: {problem}", "write null where there is no number") from problem
    try:
        Evidence.model_validate_json(text)
    except ValidationError as invalid:
        # Unknown fields first: a misspelt key explains the missing one.
        found = invalid.errors(include_url=False, include_input=False, include_context=False)
        problems = sorted(found, key=lambda problem: problem["type"] != "extra_forbidden")
        lines = [_describe(problem["loc"], problem["type"], problem["msg"]) for problem in problems[:PROBLEMS_NAMED]]
        if len(problems) > PROBLEMS_NAMED:
            lines.append(f"and {len(problems) - PROBLEMS_NAMED} more")
        raise EvidenceError(
            [f"the evidence does not have the shape {SCHEMA}:", *(f"  {line}" for line in lines)],
            "read it with the version of pytest-mlquality that wrote it, or a newer one",
        ) from invalid


def _describe(location: tuple[int | str, ...], kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        message = f"unknown field{nearest(str(location[-1]), _fields())}"
    return f"{_path(location)}: {message}"


def _path(location: tuple[int | str, ...]) -> str:
    path, before = "", None
    for part in location:
        # Below details the location also names the member of the union, which is no key of the file.
        if before != "details" or isinstance(part, int):
            path += f"[{part}]" if isinstance(part, int) else f".{part}"
        before = part
    return path.lstrip(".") or "the whole"


def _fields() -> set[str]:
    definitions = json_schema()["$defs"].values()
    return {name for definition in definitions for name in definition.get("properties", ())}


def holds_rows(evidence: dict[str, Any]) -> bool:
    """Return whether the settings of a subject let rows of its data be shown: ``[report] samples = true``."""
    resolved = [subject["settings"]["resolved"] for subject in evidence["subjects"]]
    return any(settings.get("report", {}).get("samples") for settings in resolved)


def content_digest(evidence: dict[str, Any]) -> str:
    """Return ``sha256:...`` over what was judged and what came of it.

    Left out are the run, the run before, durations, the digest itself, and the order in which checks ran: two runs
    with one seed on the same things have the same digest. The rest is written as JSON with sorted keys and no
    spaces, in ASCII, numbers as Python writes them.

    Raises
    ------
    EvidenceError
        Where the evidence holds something that JSON cannot.
    """
    content = {key: value for key, value in evidence.items() if key not in {"run", "content_digest"}}
    subjects = [_subject_content(subject) for subject in evidence["subjects"]]
    content["subjects"] = sorted(subjects, key=lambda subject: (subject["file"], subject["name"]))
    try:
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as problem:
        raise EvidenceError(f"the evidence is not JSON: {problem}", "write null where there is no number") from problem
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def _subject_content(subject: dict[str, Any]) -> dict[str, Any]:
    # A digest that covered the run before would cover that one's digest, and so every run that ever was.
    content = {key: value for key, value in subject.items() if key != "previous"}
    checks = [{key: value for key, value in check.items() if key != "duration_s"} for check in subject["checks"]]
    content["checks"] = sorted(checks, key=lambda check: (check["id"], check["nodeid"]))
    return content


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
