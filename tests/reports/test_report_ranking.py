"""A ranking as bars, with what single answers say beside them and how answers depend on an item below."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from sample_run import DETAILS, check, measurement
from test_report_html import Page, page

from pytest_mlquality.evidence_details import acceptable
from pytest_mlquality.reports import html, ranking
from pytest_mlquality.reports.ranking import RankingPicture

Details = dict[str, Any]
ATTRIBUTIONS = DETAILS["attributions"]
HOSTILE = '<b>"x"\'&</b><script>alert(1)</script>'


def ranked(*items: Details, **fields: Any) -> Details:
    details = {"kind": "ranking", "label": "share", "items": list(items), "total": len(items), **fields}
    assert acceptable(details) is details
    return details


def drawn(details: Details) -> RankingPicture:
    found = ranking.ranking_picture(details)
    assert found is not None
    return found


def shown(evidence: Details, details: Details) -> Page:
    evidence["subjects"][0]["checks"] = [check("explanation::a", "passed", measurement("a", 0.5, details=details))]
    return page(evidence)


def pictures(found: Page, kind: str) -> list[str]:
    svgs = [attributes for tag, attributes in found.tags if tag == "svg"]
    return [str(one["aria-label"]) for one in svgs if kind in str(one.get("class")).split()]


def test_a_bar_is_as_long_as_its_value_and_its_interval_lies_around_its_end():
    first, second, third, unknown = drawn(ATTRIBUTIONS).bars
    (panel, _) = drawn(ATTRIBUTIONS).panels

    assert first.bar is not None
    assert second.bar is not None
    assert first.bar[0] == second.bar[0] == panel.zero
    assert first.bar[1] / second.bar[1] == pytest.approx(14, rel=0.05)
    assert first.interval is not None
    assert first.interval.low < sum(first.bar) < first.interval.high
    assert third.bar is not None
    assert sum(third.bar) == pytest.approx(panel.zero)
    assert (unknown.bar, unknown.value) == (None, "not measured")


def test_an_interval_without_an_end_runs_to_the_edge_of_its_panel():
    second = drawn(ATTRIBUTIONS).bars[1]

    assert second.interval is not None
    assert second.interval.open_low
    assert not second.interval.open_high
    assert second.interval.low == drawn(ATTRIBUTIONS).panels[0].first


def test_quantiles_lie_on_one_axis_in_their_order_and_only_those_that_are_known():
    picture = drawn(ATTRIBUTIONS)
    first, second, third, _ = picture.bars
    zero = picture.panels[1].zero

    assert first.spread is not None
    assert first.spread.whiskers is not None
    assert first.spread.box is not None
    assert first.spread.median is not None
    low, high = first.spread.whiskers
    start, end = first.spread.box[0], sum(first.spread.box)
    assert low < start < zero < first.spread.median < end < high
    assert second.spread is not None
    assert (second.spread.whiskers, second.spread.box) == (None, None)
    assert second.spread.median is not None
    assert zero < second.spread.median < first.spread.median
    assert third.spread is None


def test_a_ranking_without_quantiles_has_bars_alone():
    picture = drawn(DETAILS["ranking"])

    assert [panel.heading for panel in picture.panels] == ["permutation importance"]
    assert picture.width < drawn(ATTRIBUTIONS).width
    assert not any(bar.spread for bar in picture.bars)
    assert ranking.dependences(DETAILS["ranking"]).drawn == []
    assert picture.legend == "Bars: permutation importance with 95% interval. 2 of 16 are drawn."


@pytest.mark.parametrize(
    "items",
    [
        [{"name": "a", "value": 0.0, "interval": [0.0, 0.0]}],
        [{"name": "a", "value": 1e308, "interval": [-1e308, 1e308]}, {"name": "b", "value": -1e308}],
        [{"name": "a", "value": 5e-324, "quantiles": [{"p": 0.05, "value": -5e-324}, {"p": 0.95, "value": 1e308}]}],
        [{"name": "a", "value": -0.2, "interval": [None, None], "quantiles": [{"p": 0.5, "value": None}]}],
        [{"name": "", "value": 1}, {"name": "a" * 300, "value": None}, {"name": "年齢" * 40, "value": 0.5}],
        [{"name": "a\u202e\n b", "value": 1.0, "quantiles": [{"p": 0.5, "value": -3.0}]}],
    ],
)
def test_everything_is_drawn_inside_its_box(items):
    picture = drawn(ranked(*items))

    across = [x for panel in picture.panels for x in (panel.first, panel.zero, *(tick[0] for tick in panel.ticks))]
    for bar in picture.bars:
        across += [bar.bar[0], sum(bar.bar)] if bar.bar else []
        across += [bar.interval.low, bar.interval.high] if bar.interval else []
        across += (
            [*(bar.spread.whiskers or ()), *([bar.spread.median] if bar.spread.median else [])] if bar.spread else []
        )
        assert 0 < bar.y < picture.height
        assert len(bar.name) <= 26
    assert all(0 <= x <= picture.width for x in across)


def test_nothing_is_drawn_where_no_item_has_a_value(sample_evidence):
    details = ranked({"name": "a", "value": None}, total=3)

    assert ranking.ranking_picture(details) is None
    assert ranking.ranking_picture(ranked()) is None
    assert "a not measured" in shown(sample_evidence, details).text


def test_of_many_items_the_first_are_drawn_and_the_table_has_the_rest(sample_evidence):
    items = [{"name": f"column_{i}", "value": 1 / (i + 1), "interval": [0.0, 1.0]} for i in range(200)]
    details = ranked(*items)

    picture = drawn(details)
    assert len(picture.bars) == ranking.MOST_DRAWN
    assert "20 of 200 are drawn" in picture.legend
    assert picture.text.endswith("; and 180 more")
    assert "column_199 0.005" in shown(sample_evidence, details).text


def test_long_names_keep_both_ends():
    names = [f"a_very_long_name_of_a_column_{year}" for year in (2018, 2019)]
    first, second = drawn(ranked(*({"name": name, "value": 1.0} for name in names))).bars

    assert first.name != second.name
    assert re.fullmatch(r"a_very_\w+…\w+2018", first.name)


def test_the_picture_says_in_words_what_it_shows(sample_evidence):
    (label, of_labels) = pictures(shown(sample_evidence, ATTRIBUTIONS), "ranking")
    minus = "\N{MINUS SIGN}"

    assert label.startswith("SHAP, TreeExplainer (log-odds), share: AGEP 0.56, 95% interval 0.53 to 0.57, ")
    assert f"single answers p5 {minus}6, p25 {minus}0.5, p50 1.5, p75 2, p95 2.2; SEX 0.04" in label
    assert label.endswith(f"MIL {minus}0.01, 95% interval {minus}0.02 to 0.01; ESP not measured")
    assert of_labels == "Answers by SEX: employed, mean answer: female 0.44; male 0.52"


def test_dependence_on_numbers_is_a_curve_and_all_curves_share_an_axis(sample_evidence):
    details = copy.deepcopy(ATTRIBUTIONS)
    details["items"][2]["dependence"] = {"x": [0.0, 4.0], "lines": [{"name": "employed", "y": [0.3, 0.4]}]}

    found = ranking.dependences(details)

    assert [one["kind"] for one in found.drawn] == ["curve", "ranking", "curve"]
    assert found.heights == (0.0, 0.62)
    first, second = pictures(shown(sample_evidence, details), "curve")
    assert first == "Answers by AGEP: employed from 0 at 9 to 0.26 at 68"
    assert second == "Answers by MIL: employed from 0.3 at 0 to 0.4 at 4"
    flat = html.curve.curve_picture(found.drawn[2], found.heights)
    assert flat is not None
    assert [label for _, label in flat.y_ticks] == ["0", "0.31", "0.62"]


def test_of_many_outputs_those_are_drawn_that_depend_on_the_item_most():
    lines = [{"name": f"class {i}", "y": [0.5, 0.5 + i / 100]} for i in range(9)]
    over_numbers = {"name": "a", "value": 1.0, "dependence": {"x": [0.0, 1.0], "lines": lines}}
    over_labels = {"name": "b", "value": 1.0, "dependence": {"labels": ["x", "y"], "lines": lines}}

    (curve,) = ranking.dependences(ranked(over_numbers, over_labels)).drawn

    assert curve["title"] == "Answers by a, 6 of 9 answers"
    assert [one["name"] for one in curve["series"]] == [f"class {i}" for i in (8, 7, 6, 5, 4, 3)]


@pytest.mark.parametrize("dependence", [{"x": [], "lines": []}, {"x": [1.0], "lines": [{"name": "p", "y": [0.5]}]}])
def test_a_dependence_of_fewer_than_two_points_is_not_drawn(sample_evidence, dependence):
    details = ranked({"name": "a", "value": 1.0, "dependence": dependence})

    assert ranking.dependences(details).drawn == []
    assert "Mean answers by a" in shown(sample_evidence, details).text


def test_no_name_becomes_markup(sample_evidence):
    details = copy.deepcopy(ATTRIBUTIONS)
    details.update(title=HOSTILE, label=HOSTILE)
    for item in details["items"]:
        item["name"] = HOSTILE
        for line in item.get("dependence", {}).get("lines", ()):
            line["name"] = HOSTILE
    details["items"][1]["dependence"]["labels"] = [HOSTILE, HOSTILE]
    calm = shown(copy.deepcopy(sample_evidence), ATTRIBUTIONS)

    found = shown(sample_evidence, details)

    assert found.names() <= calm.names()
    assert HOSTILE in pictures(found, "ranking")[0]
    assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on") or name == "style"]
