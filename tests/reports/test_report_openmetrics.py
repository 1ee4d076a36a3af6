"""Metrics that the reference parser of OpenMetrics reads back."""

from __future__ import annotations

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from pytest_mlquality.reports import openmetrics


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_verdict_checks_values_intervals_and_limits_are_there(sample_evidence, tmp_path):
    path = openmetrics.write(sample_evidence, tmp_path)
    text = path.read_text(encoding="utf-8")
    found = samples(text)
    check = ("acs-employment", "performance::test_the_model_is_good_enough[roc_auc]", "roc_auc")

    assert path.name == "metrics.prom"
    assert text.endswith("# EOF\n")
    assert found["mlquality_verdict", "acs-employment"] == -1
    assert found["mlquality_checks", "acs-employment", "missing"] == 2
    assert found["mlquality_checks", "acs-employment", "passed"] == 5
    assert found["mlquality_measurement", *check] == 0.857
    assert found["mlquality_measurement_lower", *check] == pytest.approx(0.851)
    assert found["mlquality_measurement_upper", *check] == pytest.approx(0.863)
    assert found["mlquality_limit_at_least", *check] == 0.88
    assert ("mlquality_limit_at_most", *check) not in found


@pytest.mark.parametrize(("verdict", "number"), [("pass", 1), ("incomplete", 0), ("fail", -1)])
def test_a_verdict_below_one_is_no_pass(sample_evidence, verdict, number):
    sample_evidence["subjects"][0]["verdict"] = verdict

    assert samples(openmetrics.render(sample_evidence))["mlquality_verdict", "acs-employment"] == number


def test_an_outcome_that_does_not_occur_is_zero(passing_evidence):
    assert samples(openmetrics.render(passing_evidence))["mlquality_checks", "acs-employment", "failed"] == 0


def test_what_was_not_measured_has_no_sample(sample_evidence):
    names = {key[-1] for key in samples(openmetrics.render(sample_evidence)) if key[0] == "mlquality_measurement"}

    assert "AGEP" in names
    assert "RAC1P 7" not in names


def test_the_same_measurement_twice_and_subjects_of_one_name_stay_apart(sample_evidence):
    (subject,) = sample_evidence["subjects"]
    subject["checks"][0]["measurements"] *= 2
    sample_evidence["subjects"] *= 2

    found = samples(openmetrics.render(sample_evidence))

    assert ("mlquality_verdict", "acs-employment", "2") in found
    assert sum(key[:3:2] == ("mlquality_measurement", subject["checks"][0]["id"]) for key in found) == 4


@pytest.mark.parametrize("text", ['"} 1\n# EOF\n', "\\", '\\"', "a\nb", "<script>", "]]>", "\r\u2028\ud800 ü"])
def test_any_text_is_a_label_and_nothing_else(hostile, text):
    metrics = openmetrics.render(hostile(text))

    assert len(samples(metrics)) == len(samples(openmetrics.render(hostile("x"))))
    assert metrics.count("# EOF\n") == 1
    assert metrics.encode().endswith(b"# EOF\n")


def test_no_checks_at_all_is_still_valid(sample_evidence):
    sample_evidence["subjects"] = []

    assert samples(openmetrics.render(sample_evidence)) == {}
