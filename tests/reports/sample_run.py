"""A run in which everything happens: every outcome, every kind of details, waivers that count and that do not."""

from __future__ import annotations

from typing import Any

from pytest_mlquality.evidence_format import content_digest

STARTED = "2026-11-24T02:31:00+00:00"
Evidence = dict[str, Any]

DETAILS: dict[str, dict[str, Any]] = {
    "histogram_pair": {
        "kind": "histogram_pair",
        "column": "AGEP",
        "names": ["train", "test"],
        "edges": [None, 20, 40, 60, None],
        "counts": [[120, 300, 280, 140], [30, 70, 75, 33]],
        "missing": [4, 1],
    },
    "groups": {
        "kind": "groups",
        "by": "SEX",
        "metric": "selection rate",
        "groups": [
            {"name": "female", "value": 0.44, "n": 7011, "interval": [0.428, 0.452]},
            {"name": "male", "value": 0.52, "n": 6746, "interval": [0.508, 0.532]},
            {"name": "other", "value": None, "n": 3, "reason": "3 rows, fewer than 100"},
        ],
    },
    "curve": {
        "kind": "curve",
        "title": "Reliability",
        "x_label": "predicted",
        "y_label": "observed",
        "diagonal": True,
        "series": [
            {
                "name": "challenger",
                "x": [0.05, 0.25, 0.5, 0.75, 0.95],
                "y": [0.04, 0.22, 0.53, 0.77, 0.96],
                "lower": [0.03, 0.2, 0.5, 0.74, 0.95],
                "upper": [0.05, 0.24, 0.56, 0.8, 0.97],
            },
            {"name": "champion", "x": [0.05, 0.25, 0.5, 0.75, 0.95], "y": [0.08, 0.27, 0.5, 0.72, 0.9]},
        ],
    },
    "quantiles": {
        "kind": "quantiles",
        "unit": "ms",
        "samples": [
            {
                "name": "challenger",
                "n": 2000,
                "quantiles": [{"p": 0.5, "value": 3.1, "interval": [3.0, 3.2]}, {"p": 0.99, "value": 11.9}],
            }
        ],
    },
    "ranking": {
        "kind": "ranking",
        "label": "permutation importance",
        "items": [{"name": "AGEP", "value": 0.21, "interval": [0.2, 0.22]}, {"name": "SCHL", "value": 0.05}],
        "total": 16,
    },
    "attributions": {
        "kind": "ranking",
        "title": "SHAP, TreeExplainer (log-odds)",
        "label": "share",
        "items": [
            {
                "name": "AGEP",
                "value": 0.56,
                "interval": [0.53, 0.57],
                "quantiles": [
                    {"p": 0.05, "value": -6.0},
                    {"p": 0.25, "value": -0.5},
                    {"p": 0.5, "value": 1.5},
                    {"p": 0.75, "value": 2.0},
                    {"p": 0.95, "value": 2.2},
                ],
                "dependence": {"x": [9.0, 38.0, 68.0], "lines": [{"name": "employed", "y": [0.0, 0.62, 0.26]}]},
            },
            {
                "name": "SEX",
                "value": 0.04,
                "interval": [None, 0.05],
                "quantiles": [{"p": 0.5, "value": 0.1}],
                "dependence": {"labels": ["female", "male"], "lines": [{"name": "employed", "y": [0.44, 0.52]}]},
            },
            {"name": "MIL", "value": -0.01, "interval": [-0.02, 0.01]},
            {"name": "ESP", "value": None},
        ],
        "total": 4,
    },
    "graph": {
        "kind": "graph",
        "nodes": [{"id": "d", "label": "people_2015.parquet", "role": "data"}, {"id": "m", "label": "version 7"}],
        "edges": [{"source": "d", "target": "m", "label": "trained on"}],
    },
    "rules": {
        "kind": "rules",
        "rules": [
            {"rule": "AGEP >= 0", "column": "AGEP", "count": 0, "rows": 13757},
            {"rule": "SCHL is one of 1 to 24", "column": "SCHL", "count": 12, "rows": 13757},
            {"rule": "no column beyond these", "count": 1},
        ],
    },
    "comparison": {
        "kind": "comparison",
        "metric": "roc_auc",
        "first": {"name": "challenger", "value": 0.8951, "interval": [0.889, 0.901]},
        "second": {"name": "champion", "value": 0.9021},
        "difference": -0.007,
        "n": 13757,
    },
    "heat_map": {
        "kind": "heat_map",
        "scale": 3,
        "cells": [{"row": "a", "column": "b", "share": 0.25}, {"row": "c", "share": None}],
    },
}


def measurement(name: str, value: float | None, **fields: Any) -> Evidence:
    return {
        "name": name,
        "value": value,
        "unit": "",
        "interval": None if value is None else [value - 0.006, value + 0.006],
        "n": 13757,
        "method": "DeLong, logit scale",
        "reason": "",
        "at_least": None,
        "at_most": None,
        "limit_from": f"performance.metrics.{name}",
        "lower_bound": None,
        "upper_bound": None,
        "verdict": "pass",
        "details": None,
        **fields,
    }


def check(check_id: str, outcome: str | None, *measurements: Evidence, **fields: Any) -> Evidence:
    return {
        "id": check_id,
        "nodeid": f"services/credit/mlquality.toml::{check_id}",
        "concern": check_id.partition("::")[0],
        "challenge": "testing and quality",
        "principles": ["accountable", "continuous"],
        "phase": "audit",
        "serves": ["M6"],
        "stages": ["ci", "predeploy"],
        "outcome": outcome,
        "waiver": None,
        "duration_s": 0.42,
        "message": "",
        "remedy": "",
        "measurements": list(measurements),
        **fields,
    }


def waiver(pattern: str, **fields: Any) -> Evidence:
    return {
        "check": pattern,
        "owner": "maria@example.org",
        "reason": "few rows until the spring survey",
        "until": "2027-03-31",
        "covers": "failed",
        **fields,
    }


def checks() -> list[Evidence]:
    floor = "performance::test_the_model_is_good_enough[roc_auc]"
    loss = "performance::test_nothing_is_lost_to_the_baseline[roc_auc]"
    groups = "fairness::test_groups_are_treated_alike"
    return [
        check(
            floor,
            "failed",
            measurement(
                "roc_auc",
                0.857,
                at_least=0.88,
                lower_bound=0.842,
                upper_bound=0.8712,
                verdict="fail",
                details=DETAILS["curve"],
            ),
            message="roc_auc = 0.857: even the upper bound at 1e-05, 0.8712, is below 0.88",
            remedy="Look at the labels of the test split, or train again.",
        ),
        check(
            loss,
            "inconclusive",
            measurement(
                "roc_auc",
                0.0041,
                unit="share",
                at_most=0.005,
                verdict="inconclusive",
                interval=[-0.002, 0.0102],
                details=DETAILS["comparison"],
            ),
            message="13,757 rows do not decide it; about 40,000 rows would",
            remedy="Test on more rows.",
        ),
        check(
            f"{groups}[SEX-demographic_parity_ratio]",
            "waived",
            measurement("demographic_parity_ratio", 0.7521, at_least=0.8, verdict="fail", details=DETAILS["groups"]),
            measurement("judged_share", 1.0, interval=[1.0, 1.0], at_least=0.95, method="exact", unit="share"),
            waiver=waiver(f"{groups}[SEX-*]"),
            message="selection rates differ by group",
        ),
        check(
            f"{groups}[RAC1P-equalized_odds_difference]",
            "failed",
            measurement("equalized_odds_difference", 0.31, at_most=0.1, verdict="fail", interval=[0.2, None]),
            waiver=waiver(f"{groups}[RAC1P-*]", until="2026-10-01"),
            message="the waiver ended on 2026-10-01",
        ),
        check(
            "skew::test_columns_look_as_in_training[train-test]",
            "passed",
            measurement("AGEP", 0.031, at_most=0.1, details=DETAILS["histogram_pair"], method="bias-corrected, base 2"),
            measurement("SCHL", 0.012, at_most=0.1, method="bias-corrected, base 2"),
            measurement("RAC1P 7", None, n=1, at_most=0.1, reason="1 row, fewer than 10", verdict=None, method="none"),
        ),
        check(
            "explanation::test_ranking_is_stable",
            "passed",
            measurement("kendall_tau", 0.91, at_least=0.8, details=DETAILS["ranking"]),
            measurement("largest_share", 0.56, at_most=0.8, details=DETAILS["attributions"]),
        ),
        check(
            "latency::test_answers_in_time[cpu-1]",
            "passed",
            measurement("p99", 0.0119, unit="s", at_most=0.02, interval=[0.011, 0.014], details=DETAILS["quantiles"]),
        ),
        check(
            "schema::test_rows_obey_the_schema",
            "passed",
            measurement(
                "broken_rows", 0, interval=[0, 0], at_most=0, method="exact", unit="rows", details=DETAILS["rules"]
            ),
        ),
        check(
            "lineage::test_the_model_can_be_traced",
            "failed",
            measurement(
                "complete", 1, interval=[1, 1], at_least=1, at_most=1, method="exact", details=DETAILS["graph"]
            ),
            waiver=waiver("lineage::*"),
            message="the waiver is not used: drop it",
        ),
        check(
            "robustness::test_small_changes_change_little",
            "passed",
            measurement("flip_rate", 0.02, at_most=0.05, details=DETAILS["heat_map"]),
        ),
        check(
            "pipeline::test_baseline_agrees", "not_applicable", message="first release: the registry has no champion"
        ),
        check(
            "serving::test_endpoint_answers",
            "error",
            message="cannot reach https://***@models.example.org",
            remedy="Start the endpoint, or drop [serving].",
        ),
        check("monitoring::test_alarm_reaches_someone", "skipped", message="skipped by the test"),
        check("performance::test_slices_are_even[SEX]", None, duration_s=None),
    ]


def build(name: str = "acs-employment") -> Evidence:
    judged = checks()
    outcomes = [one["outcome"] for one in judged if one["outcome"]]
    missing = "performance::test_slices_are_even[RAC1P]"
    subject = {
        "name": name,
        "file": "services/credit/mlquality.toml",
        "settings": {
            "digest": "sha256:" + "5" * 64,
            "resolved": {"name": name, "performance": {"metrics": {"roc_auc": {"at_least": 0.88}}}, "seed": None},
        },
        "schema_digest": "sha256:" + "6" * 64,
        "model": {"uri": "models:/acs-employment@challenger", "version": "8", "digest": "sha256:" + "7" * 64},
        "baseline": {"uri": "models:/acs-employment@champion", "version": "7", "digest": "sha256:" + "8" * 64},
        "data": {
            "train": {"source": "data/people_2015.parquet", "rows": 55028, "digest": "sha256:" + "9" * 64},
            "production": {"source": "warehouse.people", "rows": None, "digest": None},
        },
        "previous": {
            "run": "2026-11-23-a1",
            "digest": "sha256:" + "a" * 64,
            "outcomes": {judged[0]["id"]: "passed", judged[4]["id"]: "passed", missing: "passed"},
        },
        "settings_changed_since_baseline": True,
        "by_hand": {"M2": "https://example.org/written-up"},
        "expected": [*(one["id"] for one in judged), missing],
        "checks": judged,
        "verdict": "fail",
        "counts": {outcome: outcomes.count(outcome) for outcome in set(outcomes)},
        "union_bound": 0.00014,
    }
    evidence: Evidence = {
        "schema": "mlquality/evidence/v1",
        "run": {
            "id": "2026-11-24-b2",
            "started": STARTED,
            "finished": "2026-11-24T02:31:11+00:00",
            "stage": "predeploy",
            "seed": 0,
            "exit_status": 1,
            "versions": {"python": "3.11.2", "scikit-learn": "1.9.1"},
            "platform": {"system": "Linux", "machine": "x86_64", "cpus": 2},
            "git": {"commit": "0123abcd", "branch": "main", "dirty": True},
            "argv_redacted": ["pytest", "--ml-quality", "--ml-stage", "predeploy"],
        },
        "subjects": [subject],
        "verdict": "fail",
    }
    return sealed(evidence)


def sealed(evidence: Evidence) -> Evidence:
    return {**evidence, "content_digest": content_digest(evidence)}


def with_every_string(value: Any, text: str, *, keys: bool = False) -> Any:
    """Put `text` behind every string, and behind the keys that are names of someone's own choosing."""
    if isinstance(value, str):
        return value + text
    if isinstance(value, list):
        return [with_every_string(item, text, keys=keys) for item in value]
    if isinstance(value, dict):
        own = {"versions", "platform", "data", "by_hand", "resolved", "outcomes", "counts", "cells"}
        return {
            (key + text if keys else key): with_every_string(item, text, keys=key in own)
            if key != "kind" or item == "heat_map"
            else item
            for key, item in value.items()
        }
    return value
