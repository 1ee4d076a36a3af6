"""The shape of the evidence file: what is accepted, what is refused and how, and what the content digest covers."""

from __future__ import annotations

import copy
import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from pytest_mlquality.errors import EvidenceError
from pytest_mlquality.evidence_details import KINDS
from pytest_mlquality.evidence_format import SCHEMA, content_digest, json_schema, validate

MEASUREMENT: dict[str, Any] = {
    "name": "roc_auc",
    "value": 0.9,
    "unit": "",
    "interval": [0.89, None],
    "n": 13757,
    "method": "DeLong, logit scale",
    "reason": "",
    "at_least": 0.88,
    "at_most": None,
    "limit_from": "performance.metrics.roc_auc",
    "lower_bound": 0.89,
    "upper_bound": None,
    "verdict": "pass",
    "details": None,
}


def a_check(check_id: str) -> dict[str, Any]:
    return {
        "id": check_id,
        "nodeid": f"mlquality.toml::{check_id}",
        "concern": "performance",
        "challenge": "testing and quality",
        "principles": ["accountable"],
        "phase": "audit",
        "serves": ["M6"],
        "stages": ["ci"],
        "outcome": "passed",
        "waiver": None,
        "duration_s": 1.5,
        "message": "",
        "remedy": "",
        "measurements": [copy.deepcopy(MEASUREMENT)],
    }


@pytest.fixture
def evidence() -> dict[str, Any]:
    subject = {
        "name": "credit",
        "file": "mlquality.toml",
        "settings": {"digest": "sha256:1", "resolved": {"model": {"uri": "m.skops", "threshold": 0.5}}},
        "schema_digest": None,
        "model": {"uri": "m.skops", "version": None, "digest": "sha256:2"},
        "baseline": None,
        "data": {"test": {"source": "test.parquet", "rows": 13757, "digest": None}},
        "previous": None,
        "settings_changed_since_baseline": None,
        "by_hand": {},
        "expected": ["performance::a", "performance::b"],
        "checks": [a_check("performance::a"), a_check("performance::b")],
        "verdict": "pass",
        "counts": {"passed": 2},
        "union_bound": 2e-5,
    }
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "run": {
            "id": "r1",
            "started": "2026-11-24T02:31:00Z",
            "finished": None,
            "stage": "ci",
            "seed": 0,
            "exit_status": None,
            "versions": {"python": "3.11.2"},
            "platform": {"system": "Linux", "cpus": 2},
            "git": {"commit": None, "branch": None, "dirty": True},
            "argv_redacted": ["pytest"],
        },
        "subjects": [subject],
        "verdict": "pass",
    }
    found["content_digest"] = content_digest(found)
    return found


def refused(evidence: dict[str, Any]) -> str:
    with pytest.raises(EvidenceError) as problem:
        validate(evidence)
    assert problem.value.remedy
    return problem.value.message


def accepted_by_the_schema(evidence: dict[str, Any]) -> bool:
    return bool(jsonschema.Draft202012Validator(json_schema()).is_valid(evidence))


def test_the_shipped_schema_is_the_one_that_the_code_states():
    shipped = json.loads(files("pytest_mlquality").joinpath("evidence.schema.json").read_text(encoding="utf-8"))

    assert shipped == json_schema(), "run: python -m pytest_mlquality.evidence_format"
    jsonschema.Draft202012Validator.check_schema(shipped)


def test_evidence_is_accepted_by_the_code_and_by_the_schema(evidence):
    validate(evidence)
    assert accepted_by_the_schema(evidence)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["schema"], "mlquality/evidence/v2", "schema: Input should be 'mlquality/evidence/v1'"),
        (["verdict"], "green", "verdict: Input should be 'pass', 'fail' or 'incomplete'"),
        (["content_digest"], "abc", "content_digest: "),
        (["run", "started"], "yesterday", "run.started: "),
        (["run", "started"], "2026-11-24T02:31:00", "run.started: Input should have timezone info"),
        (["run", "seed"], "0", "run.seed: Input should be a valid integer"),
        (["subjects", 0, "checks", 1, "outcome"], "ok", "subjects[0].checks[1].outcome: "),
        (["subjects", 0, "checks", 0, "duration"], 1.0, "unknown field (did you mean 'duration_s'?)"),
        (["subjects", 0, "checks", 0, "measurements", 0, "interval"], [1.0], "measurements[0].interval"),
        (["subjects", 0, "data", "test", "rows"], -1, "subjects[0].data.test.rows: "),
        (["subjects", 0, "counts"], {"succeeded": 1}, "subjects[0].counts"),
        (["subjects", 0, "union_bound"], -0.1, "subjects[0].union_bound"),
    ],
)
def test_what_does_not_fit_is_refused_where_it_stands(evidence, path, value, message):
    place = evidence
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value

    assert message in refused(evidence)
    # A naive time stamp is beyond what a JSON Schema says.
    assert path == ["run", "started"] or not accepted_by_the_schema(evidence)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_json_does_not_have_is_refused(evidence, number):
    evidence["subjects"][0]["checks"][0]["measurements"][0]["value"] = number

    assert "not JSON" in refused(evidence)
    with pytest.raises(EvidenceError, match="not JSON"):
        content_digest(evidence)


def test_only_the_first_problems_are_named_and_unknown_fields_before_all():
    lines = refused({"schema": SCHEMA, "run": {}, "verdikt": "pass"}).splitlines()[1:]

    assert lines[0].strip() == "verdikt: unknown field (did you mean 'verdict'?)"
    assert len(lines) == 6
    assert lines[-1].strip().startswith("and ")


def test_a_check_that_still_runs_and_a_waived_one_are_evidence(evidence):
    first, second = evidence["subjects"][0]["checks"]
    first.update(outcome=None, duration_s=None, challenge=None, phase=None)
    waiver = {"check": "performance::*", "owner": "m", "reason": "r", "until": "2027-01-31", "covers": "inconclusive"}
    second.update(outcome="waived", waiver=waiver)

    validate(evidence)
    assert accepted_by_the_schema(evidence)


GOOD = {
    "histogram_pair": {
        "column": "a",
        "names": ["train", "test"],
        "categories": ["x", "y"],
        "counts": [[10, 20], [11, 19]],
    },
    "groups": {"by": "SEX", "metric": "tpr", "groups": [{"name": "1", "value": None, "n": 3, "reason": "few"}]},
    "curve": {"x_label": "x", "y_label": "y", "series": [{"name": "a", "x": [0, 1], "y": [0, 1]}]},
    "quantiles": {"unit": "s", "samples": [{"name": "a", "n": 9, "quantiles": [{"p": 0.5, "value": 1.0}]}]},
    "ranking": {"label": "gain", "items": [{"name": "a", "value": 1, "interval": [0.5, None]}], "total": 4},
    "graph": {"nodes": [{"id": "a", "label": "A"}], "edges": [{"source": "a", "target": "a"}]},
    "rules": {"rules": [{"rule": "a > 0", "count": 0}]},
    "comparison": {"metric": "f1", "first": {"name": "a", "value": 1.0}, "second": {"name": "b", "value": 0.5}},
}
BAD = {
    "histogram_pair": {**GOOD["histogram_pair"], "counts": [[10], [11, 19]]},
    "groups": {"by": "SEX", "metric": "tpr", "groups": [{"name": "1", "value": 0.5}]},
    "curve": {"x_label": "x", "y_label": "y", "series": [{"name": "a", "x": [0, 1], "y": [0]}]},
    "quantiles": {"unit": "s", "samples": [{"name": "a", "n": 9, "quantiles": [{"p": 99, "value": 1.0}]}]},
    "ranking": {"label": "gain", "items": [], "total": -1},
    "graph": {"nodes": [{"id": "a", "label": "A"}], "edges": [{"source": "a", "target": "b"}]},
    "rules": {"rules": [{"rule": "a > 0", "count": 0, "colour": "red"}]},
    "comparison": {"metric": "f1", "first": {"name": "a", "value": 1.0}},
}


def with_details(evidence: dict[str, Any], details: dict[str, Any]) -> dict[str, Any]:
    evidence["subjects"][0]["checks"][0]["measurements"][0]["details"] = details
    return evidence


def test_every_known_kind_is_tried_here():
    assert set(GOOD) == set(BAD) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_details_have_the_shape_of_their_kind(evidence, kind):
    validate(with_details(evidence, {"kind": kind, **GOOD[kind]}))
    assert accepted_by_the_schema(evidence)

    message = refused(with_details(evidence, {"kind": kind, **BAD[kind]}))
    assert "subjects[0].checks[0].measurements[0].details" in message
    assert f"details.{kind}." not in message


def test_details_of_an_unknown_kind_are_kept_for_readers_that_know_it(evidence):
    validate(with_details(evidence, {"kind": "heat_map", "cells": [{"row": 1, "share": None}]}))
    assert accepted_by_the_schema(evidence)

    assert "details.kind" in refused(with_details(evidence, {"cells": []}))
    assert not accepted_by_the_schema(evidence)


def test_the_digest_is_the_same_for_two_runs_on_the_same_things(evidence):
    again = copy.deepcopy(evidence)
    again["run"].update(id="r2", started="2027-01-01T00:00:00Z", finished="2027-01-01T00:00:09Z", exit_status=0)
    (subject,) = again["subjects"]
    subject["checks"].reverse()
    subject["checks"][0]["duration_s"] = 99.0
    subject["previous"] = {"run": "r1", "digest": evidence["content_digest"], "outcomes": {"performance::a": "passed"}}
    reordered = {key: again[key] for key in reversed(again)}

    assert content_digest(reordered) == evidence["content_digest"]
    assert content_digest(json.loads(json.dumps(again))) == evidence["content_digest"]


@pytest.mark.parametrize(
    "path",
    [
        ["verdict"],
        ["subjects", 0, "verdict"],
        ["subjects", 0, "model", "digest"],
        ["subjects", 0, "settings", "resolved", "model", "threshold"],
        ["subjects", 0, "data", "test", "rows"],
        ["subjects", 0, "expected"],
        ["subjects", 0, "checks", 1, "outcome"],
        ["subjects", 0, "checks", 1, "measurements", 0, "value"],
    ],
)
def test_the_digest_covers_what_was_judged_and_what_came_of_it(evidence, path):
    place = evidence
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = "changed"

    assert content_digest(evidence) != evidence["content_digest"]


def test_settings_may_be_named_like_times_and_still_count(evidence):
    resolved = evidence["subjects"][0]["settings"]["resolved"]
    resolved["started"] = 1
    first = content_digest(evidence)
    resolved["started"] = 2

    assert content_digest(evidence) != first


def test_the_digest_is_a_fixed_function():
    empty = {"subjects": [], "verdict": "pass"}

    # sha256 of {"subjects":[],"verdict":"pass"}
    assert content_digest(empty) == "sha256:d019a3ce0f72fc52d4bdab24f1ea6f133f203cea73c586429ab80156051ce035"
