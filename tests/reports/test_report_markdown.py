"""The summary for a pull request: a short table in which no text does anything."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from pytest_mlquality.reports import markdown

ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]>",
    "</style>",
    "a | b || c",
    "`code` ```",
    "**bold** __bold__ *x* _x_ ~~x~~",
    "[text](https://evil.example) ![i](https://evil.example/p.png)",
    "https://evil.example www.evil.example <https://evil.example>",
    "one\n\n# two\r\n- three",
    "\\",
    "$x$ :tada:",
]


def rendered(text: str) -> str:
    return MarkdownIt("gfm-like", {"html": True, "linkify": False}).enable("table").render(text)


def test_the_table_holds_what_needs_a_decision_the_urgent_first(sample_evidence, tmp_path):
    path = markdown.write(sample_evidence, tmp_path)
    html = rendered(path.read_text(encoding="utf-8"))

    assert path.name == "summary.md"
    assert "<h3>acs-employment: fail</h3>" in html
    assert "3 failed, 1 error, 2 missing" in html
    cells = [row.split("<td>")[1].partition("<")[0] for row in html.split("<tr>")[2:]]
    assert cells == [*["failed"] * 3, "error", *["missing"] * 2, "inconclusive", "skipped", "waived"]
    assert "roc_auc 0.857; 95% 0.851 to 0.863; n = 13,757" in html
    assert "Waived by maria@example.org until 2027-03-31" in html
    assert "passed</td>" not in html


def test_checks_of_which_the_same_is_said_share_a_row(passing_evidence):
    (subject,) = passing_evidence["subjects"]
    subject["expected"] += [f"skew::test_columns_{place}" for place in range(1_200)]

    html = rendered(markdown.render(passing_evidence))

    assert html.count("<tr>") == 2
    assert "skew::test_columns_0 and 1,199 more</td>" in html
    assert "1,200 missing" in html


def test_a_run_that_passes_has_no_table(passing_evidence):
    text = markdown.render(passing_evidence)

    assert "### acs-employment: pass" in text
    assert "|" not in text


def test_nothing_judged_and_not_finished_are_said(sample_evidence):
    sample_evidence["run"]["finished"] = None
    assert "not finished" in markdown.render(sample_evidence)
    sample_evidence["subjects"] = []
    assert "No settings file was judged" in markdown.render(sample_evidence)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_of_the_evidence_becomes_markup(hostile, attack):
    html, calm = rendered(markdown.render(hostile(attack))), rendered(markdown.render(hostile("harmless")))

    for tag in ["<script", "<img", "<a ", "<code", "<strong", "<em", "<s>", "<li", "</style", "onerror=alert(1)>"]:
        assert tag not in html
    for tag in ["<td>", "<tr>", "<h3>", "<h1>", "<p>", "<table>"]:
        assert html.count(tag) == calm.count(tag), tag


def test_nobody_is_called_by_a_text_of_the_evidence():
    assert "@team" not in markdown.escaped("ask @team or (@org/team)")
    assert "@org" not in markdown.escaped("ask @team or (@org/team)")
    assert "maria@example.org" in markdown.escaped("maria@example.org")


def test_a_summary_of_very_many_checks_stays_short(large_evidence):
    text = markdown.render(large_evidence(3_000))

    assert len(text) < 50_000
    assert "more in the report" in text


def test_a_long_text_is_cut_before_it_is_escaped():
    assert markdown.escaped("*" * 1_000) == "\\*" * (markdown.MOST_CHARACTERS - 1) + "…"
