"""The words, numbers and pictures that all reports share."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from sample_run import DETAILS, checks, measurement

from pytest_mlquality.evidence_format import json_schema, validate
from pytest_mlquality.reports import curve, picture, reading, tables, wording


def test_the_sample_is_evidence(sample_evidence, passing_evidence, large_evidence):
    for evidence in (sample_evidence, passing_evidence, large_evidence(40)):
        validate(evidence)
        jsonschema.Draft202012Validator(json_schema()).validate(evidence)


def test_the_sample_has_every_outcome(sample_evidence):
    outcomes = {check["outcome"] for check in sample_evidence["subjects"][0]["checks"]}

    assert outcomes == {None, *wording.OUTCOMES} - {wording.MISSING}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.8712345, "0.8712"),
        (-0.007, "\N{MINUS SIGN}0.007"),
        (13757, "13,757"),
        (13757.4, "13,757"),
        (1234.56, "1,235"),
        (1e-5, "1e\N{MINUS SIGN}05"),
        (0, "0"),
        (-0.0, "0"),
        (1e18, "1e+18"),
        (None, "none"),
    ],
)
def test_numbers_read_as_people_write_them(number, text):
    assert wording.number(number) == text


def test_a_value_never_looks_like_the_limit_that_it_misses():
    assert wording.value(measurement("a", 0.879996, at_least=0.88)) == "0.879996"
    assert wording.value(measurement("a", 0.88, at_least=0.88)) == "0.88"
    assert wording.value(measurement("a", 1000.4, at_most=1000)) == "1,000.4"


def test_a_limit_is_shown_as_it_was_written():
    assert wording.limit(measurement("a", 1.0, at_least=0.123456789)) == "at least 0.123456789"
    assert wording.limit(measurement("a", 1.0, at_least=0.5, at_most=2)) == "at least 0.5 and at most 2"
    assert wording.limit(measurement("a", 1.0, at_least=3, at_most=3, unit="rows")) == "exactly 3 rows"
    assert wording.limit(measurement("a", 1.0)) == "none"


def test_only_the_worst_measurements_are_shown_first_and_the_rest_counted(sample_evidence):
    (subject,) = sample_evidence["subjects"]
    failing = [measurement(f"c{i}", 0.5, at_most=0.1, verdict="fail") for i in range(7)]
    undecided = [measurement("u", 0.1, at_most=0.1, verdict="inconclusive")]
    passing = [measurement("p", 0.0, at_most=0.1)]
    subject["checks"] = [{**checks()[0], "measurements": [*passing, *undecided, *failing]}]

    concern = reading.attention(subject, sample_evidence["run"]["started"])[0]

    assert [one["name"] for one in concern.measurements] == ["c0", "c1", "c2", "c3", "c4"]
    assert concern.more == 3


def test_a_check_is_missing_until_it_has_an_outcome(sample_evidence):
    (subject,) = sample_evidence["subjects"]
    assert reading.missing(subject) == [
        "performance::test_slices_are_even[SEX]",
        "performance::test_slices_are_even[RAC1P]",
    ]
    subject["checks"] = []
    assert reading.missing(subject) == subject["expected"]


def test_checks_of_which_the_same_is_said_are_one_concern(passing_evidence):
    (subject,) = passing_evidence["subjects"]
    ran = subject["checks"][0]
    subject["expected"] = [ran["id"], *(f"skew::test_columns[{place}]" for place in range(50))]
    broken = {**ran, "outcome": "error", "message": "the model cannot be read", "measurements": []}
    subject["checks"] = [ran, *({**broken, "id": f"fairness::{name}"} for name in "abc")]
    subject["checks"][-1]["message"] = "the group column is missing"

    first, second, third = reading.attention(subject, passing_evidence["run"]["started"])

    assert (first.id, first.others) == ("fairness::a", ("fairness::b",))
    assert (second.id, second.others) == ("fairness::c", ())
    assert (third.id, len(third.others)) == ("skew::test_columns[0]", 49)


def test_checks_that_measured_something_stand_alone(passing_evidence):
    (subject,) = passing_evidence["subjects"]
    ran = subject["checks"][0]
    failed = measurement("c", 0.5, at_most=0.1, verdict="fail")
    subject["checks"] = [{**ran, "id": name, "outcome": "failed", "measurements": [failed]} for name in "ab"]
    subject["expected"] = ["a", "b"]

    found = reading.attention(subject, passing_evidence["run"]["started"])

    assert [(one.id, one.others) for one in found] == [("a", ()), ("b", ())]


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"outcome": "waived"}, "in force"),
        ({"waiver": {"until": "2026-11-23"}}, "expired"),
        ({"waiver": {"until": "2026-11-24"}}, "does not cover this outcome"),
        ({"waiver": {"reason": ""}}, "without a reason"),
        ({"measurements": []}, "not used"),
    ],
)
def test_a_waiver_says_whether_it_counts(fields: dict[str, Any], state):
    check = next(one for one in checks() if one["waiver"])
    check["outcome"] = "failed"
    changed = {**check, **fields, "waiver": {**check["waiver"], **fields.get("waiver", {})}}

    assert reading.waiver_state(changed, "2026-11-24T00:30:00+00:00") == state


@pytest.mark.parametrize(
    "fields",
    [
        {"value": 0.0, "interval": [0.0, 0.0], "at_most": 0.0},
        {"value": 5.0, "interval": [None, None]},
        {"value": 0.5, "interval": [None, 0.6], "at_least": 0.1, "at_most": 0.9},
        {"value": 1e308, "interval": [-1e308, 1e308], "at_most": 0.0},
        {"value": 1e-300, "interval": [0.0, 2e-300], "at_most": 1e-300},
        {"value": 0.2, "interval": None, "at_least": 0.9, "at_most": 0.1},
    ],
)
def test_an_interval_is_drawn_inside_its_box(fields):
    drawn = picture.interval_picture({**measurement("a", 0.5), **fields})

    assert drawn is not None
    marks = [place for mark in drawn.limits for place in (mark.x, mark.label_x)]
    for place in [drawn.dot, drawn.low, drawn.high, drawn.allowed[0], sum(drawn.allowed), *marks]:
        assert 0 <= place <= picture.WIDTH
    assert drawn.low <= drawn.dot <= drawn.high


def test_nothing_is_drawn_where_nothing_was_measured():
    assert picture.interval_picture(measurement("a", None, at_most=1.0)) is None
    assert curve.curve_picture({**DETAILS["curve"], "series": []}) is None


def test_the_value_stands_on_its_side_of_the_limit():
    drawn = picture.interval_picture(measurement("a", 0.857, at_least=0.88))

    assert drawn is not None
    assert drawn.low < drawn.dot < drawn.high < drawn.limits[0].x == drawn.allowed[0]


def test_a_long_curve_is_drawn_with_few_points_and_both_ends():
    x = [i / 9_999 for i in range(10_000)]
    series = {"name": "a", "x": x, "y": x, "lower": x, "upper": x}

    drawn = curve.curve_picture({**DETAILS["curve"], "series": [series]})

    assert drawn is not None
    points = drawn.lines[0].points.split()
    assert len(points) <= 400
    assert points[0].startswith(f"{curve.LEFT},")
    assert points[-1].startswith(f"{curve.WIDTH - curve.RIGHT},")


@pytest.mark.parametrize("kind", DETAILS)
def test_every_kind_of_details_has_a_table(kind):
    for table in tables.tables(DETAILS[kind]):
        assert table.caption
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.columns)}


def test_an_unknown_kind_is_shown_with_all_that_it_holds():
    plain, records = tables.tables(DETAILS["heat_map"])

    assert plain.rows == [["kind", "heat_map"], ["scale", "3"]]
    assert records.columns == ["row", "column", "share"]
    assert records.rows == [["a", "b", "0.25"], ["c", "", ""]]


def test_a_histogram_names_its_open_ends():
    (table,) = tables.tables(DETAILS["histogram_pair"])

    assert [row[0] for row in table.rows] == ["below 20", "20 to 40", "40 to 60", "60 and above", "Missing"]


def test_a_ranking_says_how_many_it_leaves_out_with_and_without_a_title():
    (plain,) = tables.tables(DETAILS["ranking"])
    (titled,) = tables.tables({**DETAILS["ranking"], "title": "shuffled"})

    assert plain.caption == "2 of 16"
    assert titled.caption == "shuffled, 2 of 16"
    assert plain.columns == ["Name", "permutation importance", "95% interval"]


def test_a_ranking_has_the_quantiles_that_its_items_carry_and_a_table_for_each_dependence():
    ranked, numbers, labels = tables.tables(DETAILS["attributions"])

    assert ranked.caption.startswith("SHAP, TreeExplainer (log-odds); quantiles are of")
    assert ranked.columns == ["Name", "share", "95% interval", "p5", "p25", "p50", "p75", "p95"]
    assert ranked.rows[0][2:5] == ["0.53 to 0.57", "\N{MINUS SIGN}6", "\N{MINUS SIGN}0.5"]
    assert ranked.rows[1][2:] == ["unbounded to 0.05", "", "", "0.1", "", ""]
    assert ranked.rows[3] == ["ESP", "not measured", "", "", "", "", "", ""]
    assert numbers.columns == ["AGEP", "employed"]
    assert numbers.rows == [["9", "0"], ["38", "0.62"], ["68", "0.26"]]
    assert labels.caption == "Mean answers by SEX"
    assert labels.rows == [["female", "0.44"], ["male", "0.52"]]


def test_a_rule_says_how_often_it_is_broken():
    (table,) = tables.tables(DETAILS["rules"])

    assert [row[2] for row in table.rows] == ["holds", "12 of 13,757 rows", "1"]


def test_a_long_table_says_how_much_it_leaves_out():
    groups = [{"name": str(i), "value": 0.5, "n": 100} for i in range(tables.MOST_ROWS + 7)]

    (table,) = tables.tables({**DETAILS["groups"], "groups": groups})

    assert (len(table.rows), table.left_out) == (tables.MOST_ROWS, 7)
