"""The page that a person decides by: right, safe, and readable by everyone."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from pytest_mlquality.errors import EvidenceError
from pytest_mlquality.reports import html

Evidence = dict[str, Any]
VOID = {"meta", "path", "rect", "circle", "polyline", "polygon", "wbr", "br"}
ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "]]>",
    "</style><style>*{display:none}</style>",
    "</title><base href=//evil.example>",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- ",
    "\x00\x1b[31m\u202e\ud800",
]


class Page(HTMLParser):
    """What a browser would find in the page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.comments: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"an attribute of <{tag}> stands twice: {attrs}"
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def names(self) -> set[str]:
        return {tag for tag, _ in self.tags}


def page(evidence: Evidence) -> Page:
    return Page(html.render(evidence))


def test_the_file_is_written_whole_into_a_folder_that_it_makes(sample_evidence, tmp_path):
    path = html.write(sample_evidence, tmp_path / "new" / "report")

    assert path == tmp_path / "new" / "report" / "report.html"
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]


def test_a_report_that_fails_leaves_the_one_before(sample_evidence, tmp_path):
    before = html.write(sample_evidence, tmp_path).read_bytes()
    del sample_evidence["subjects"][0]["verdict"]

    with pytest.raises(Exception, match="verdict"):
        html.write(sample_evidence, tmp_path)

    assert (tmp_path / "report.html").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_made_is_named_with_a_remedy(sample_evidence, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(EvidenceError, match=r"file/report\.html") as problem:
        html.write(sample_evidence, tmp_path / "file")

    assert "--ml-report" in problem.value.remedy


@pytest.mark.parametrize("verdict", ["pass", "fail", "incomplete"])
def test_the_verdict_stands_first_and_in_words(sample_evidence, verdict):
    sample_evidence["verdict"] = sample_evidence["subjects"][0]["verdict"] = verdict

    heading = page(sample_evidence).text.split("What needs a decision")[0]

    assert f"acs-employment: {verdict}" in heading
    assert "stage predeploy" in heading
    assert "models:/acs-employment@challenger version 8 sha256:777777777777" in heading
    assert "2026-11-24 02:31 UTC" in heading


def test_what_needs_a_decision_comes_first_with_its_numbers_and_what_to_do(sample_evidence):
    text = page(sample_evidence).text
    start, end = text.index("What needs a decision"), text.index("All checks and measurements")
    decide = text[start:end]
    words = ["failed", "error", "missing", "inconclusive", "skipped", "waived"]

    assert [re.search(rf"\b{word} \w+ ?::", decide) is not None for word in words] == [True] * 6
    places = [re.search(rf"\b{word} \w+ ?::", decide).start() for word in words]  # type: ignore[union-attr]
    assert places == sorted(places)
    assert "passed ::" not in decide
    for piece in [
        "roc_auc = 0.857: even the upper bound at 1e-05, 0.8712, is below 0.88",
        "roc_auc 0.857 95% interval 0.851 to 0.863",
        "Limit: at least 0.88 (performance.metrics.roc_auc) , verdict: fail",
        "n = 13,757 · DeLong, logit scale",
        "What to do: Look at the labels of the test split, or train again.",
        "In the run before: passed.",
        "Waived by maria@example.org until 2027-03-31: few rows until the spring survey",
        "Waiver expired: waived by maria@example.org until 2026-10-01",
        "Waiver not used",
    ]:
        assert piece in decide


def test_checks_that_left_no_trace_and_checks_that_were_cut_off_are_both_missing(sample_evidence):
    text = page(sample_evidence).text

    assert "2 missing" in text
    assert "Begun and not finished" in text
    assert "Expected in this stage, but not run" in text


def test_checks_of_which_the_same_is_said_share_a_card_that_names_them_all(passing_evidence):
    (subject,) = passing_evidence["subjects"]
    subject["expected"] += [f"skew::columns[{place}]" for place in range(50)]

    drawn = html.render(passing_evidence)

    assert drawn.count("<article") == 1
    assert "and 49 more</h" in drawn
    assert all(f"[<wbr>{place}]" in drawn for place in range(50))


def test_an_unfinished_run_says_so(sample_evidence):
    sample_evidence["run"].update(finished=None, exit_status=None)

    assert "The run was not finished" in page(sample_evidence).text


def test_a_run_that_passes_needs_no_decision(passing_evidence):
    text = page(passing_evidence).text

    assert "acs-employment: pass" in text
    assert "Nothing: no check failed" in text
    assert "settings have changed" not in text


def test_every_check_measurement_input_and_setting_is_there(sample_evidence):
    text = page(sample_evidence).text.replace(" ", "")
    (subject,) = sample_evidence["subjects"]

    for check in subject["checks"]:
        assert check["id"] in text.split("Allchecksandmeasurements")[1]
    for piece in [
        "warehouse.people",
        "55,028",
        subject["model"]["digest"],
        subject["baseline"]["digest"],
        subject["settings"]["digest"],
        '"at_least":0.88',
        "scikit-learn1.9.1",
        "0123abcd",
        sample_evidence["run"]["id"],
        sample_evidence["content_digest"],
        "atmost0.00014(unionbound)",
        "1row,fewerthan10",
        "firstrelease:theregistryhasnochampion",
    ]:
        assert piece in text


def test_a_union_bound_above_a_quarter_is_pointed_out(sample_evidence):
    assert "So many limits" not in page(sample_evidence).text
    sample_evidence["subjects"][0]["union_bound"] = 0.26
    assert "So many limits" in page(sample_evidence).text


def test_several_subjects_are_listed_with_their_verdicts(sample_evidence, passing_evidence):
    passing_evidence["subjects"][0]["name"] = "second"
    sample_evidence["subjects"] += passing_evidence["subjects"]
    found = page(sample_evidence)

    assert "2 subjects: fail" in found.text
    assert "second: pass" in found.text
    assert "nav" in found.names()


def test_no_subjects_at_all_is_a_page_too(sample_evidence):
    sample_evidence.update(subjects=[], verdict="incomplete")

    assert "No settings file was judged" in page(sample_evidence).text


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_of_the_evidence_becomes_markup(hostile: Callable[[str], Evidence], attack):
    found, calm = page(hostile(attack)), page(hostile("harmless"))

    assert found.names() <= calm.names()
    assert not found.names() & {"script", "img", "base", "iframe", "object", "link", "form"}
    assert found.names() & {"style"} == {"style"}
    assert [tag for tag, _ in found.tags].count("style") == 1
    assert not found.comments
    for tag, attributes in found.tags:
        assert not [name for name in attributes if name.startswith("on") or name in {"style", "srcdoc"}], tag


def test_what_cannot_be_seen_is_shown_and_reorders_nothing(hostile):
    text = html.render(hostile("\u202egnp.exe\x1b\ud800"))

    assert "\\u202egnp.exe\\u001b\\ud800" in text
    assert not {"\u202e", "\x1b", "\ud800"} & set(text)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "https:", "//a.example", "http://[x"])
def test_only_web_addresses_become_links(sample_evidence, address):
    sample_evidence["subjects"][0]["by_hand"] = {"M2": address}

    links = [attributes["href"] for tag, attributes in page(sample_evidence).tags if tag == "a"]

    assert all(link is not None and link.startswith("#") for link in links)


def test_the_page_asks_nothing_of_anyone(sample_evidence):
    text = html.render(sample_evidence)
    found = Page(text)
    policies = [a["content"] for _, a in found.tags if a.get("http-equiv") == "Content-Security-Policy"]

    assert len(policies) == 1
    assert "default-src 'none'; style-src 'sha256-" in str(policies[0])
    assert not [tag for tag, attributes in found.tags if {"src", "srcset", "xlink:href"} & attributes.keys()]
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


def test_the_page_can_be_read_without_seeing_it(sample_evidence):
    found = page(sample_evidence)
    levels = [int(tag[1]) for tag, _ in found.tags if re.fullmatch(r"h[1-6]", tag)]
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    pointed_at = [
        target
        for _, attributes in found.tags
        for target in [attributes.get("aria-labelledby"), (attributes.get("href") or "")[1:]]
        if target and not target.startswith("ttp")
    ]

    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert {"header", "main", "footer"} <= found.names()
    assert all("scope" in attributes for tag, attributes in found.tags if tag == "th")
    assert all(
        attributes.get("aria-label") or attributes.get("aria-hidden") for tag, attributes in found.tags if tag == "svg"
    )
    assert len(ids) == len(set(ids))
    assert set(pointed_at) <= set(ids)
    assert ("html", {"lang": "en"}) in found.tags


def test_a_picture_says_in_words_what_it_shows(sample_evidence):
    labels = [attributes.get("aria-label") for tag, attributes in page(sample_evidence).tags if tag == "svg"]

    assert "roc_auc: 0.857, 95% interval 0.851 to 0.863; limit at least 0.88; verdict fail" in labels
    assert "p99: 0.0119 s, 95% interval 0.011 to 0.014; limit at most 0.02 s; verdict pass" in labels
    assert any(
        label and label.startswith("Reliability: challenger from 0.04 at 0.05 to 0.96 at 0.95") for label in labels
    )


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1, 2], ids=["light", "dark", "print"])
def test_every_text_colour_has_the_contrast_of_wcag_aa(sample_evidence, theme):
    text = html.render(sample_evidence)
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", re.findall(r":root \{(.*?)\}", text, re.DOTALL)[theme]))

    for name in ["ink", "muted", "link", "good", "bad", "unsure", "waived", "quiet"]:
        for ground in ["page", "card"]:
            light, dark = sorted([_luminance(colours[name]), _luminance(colours[ground])], reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (name, ground)


def test_thirty_checks_stay_under_200_kb(large_evidence):
    assert len(html.render(large_evidence(30)).encode()) < 200_000


def test_the_work_of_a_page_grows_with_its_checks_and_no_faster(large_evidence, tmp_path, work):
    few, many = (
        work.calls(partial(html.write, evidence, tmp_path)) for evidence in (large_evidence(40), large_evidence(320))
    )
    assert many < 8.5 * few
