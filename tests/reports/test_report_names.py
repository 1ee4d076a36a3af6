"""Names of data are text in whatever people read of a run: they neither break a line nor open an element or a label."""

import re
from html.parser import HTMLParser

import pytest
from hostile_names import HOSTILE, names, renamed
from hypothesis import example, given, settings
from markdown_it import MarkdownIt
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from sample_run import build, check, measurement

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.gate.terminal import lines_of
from pytest_mlquality.printable import one_line, printable
from pytest_mlquality.reports import html, markdown, openmetrics

PLAIN = "zqa"


class Structure(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page):
        super().__init__()
        self.found, self.text = [], ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, [name for name, _ in attrs]))

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.found.append(("comment", data))


@pytest.fixture(scope="module")
def run():
    """A run of one check that fails, in which a name stands wherever one of the data may stand."""
    evidence = build()
    [subject] = evidence["subjects"]
    rules = {"kind": "rules", "rules": [{"rule": PLAIN, "count": 3, "rows": 9, "column": PLAIN, "message": PLAIN}]}
    one = measurement(f"broken_rules[{PLAIN}]", 1.0, at_most=0.0, verdict="fail", reason=PLAIN, details=rules)
    of_rows = check(f"schema::test_rows[{PLAIN}]", "failed", one)
    stopped = check(f"schema::test_rows[other {PLAIN}]", "error", message=PLAIN, remedy=PLAIN)
    subject.update(name=PLAIN, checks=[of_rows, stopped], expected=[of_rows["id"], stopped["id"]], previous=None)
    return evidence


@pytest.fixture(scope="module")
def plain(run):
    return Structure(html.render(run)).found, MarkdownIt().enable("table").render(markdown.render(run))


@example("".join(HOSTILE))
@given(names.map("z{}".format))
@settings(max_examples=500, deadline=None)
def test_a_name_is_text_in_every_report(run, plain, name):
    elements, summary = plain
    other = renamed(run, {PLAIN: name})
    assert [one for one in Structure(html.render(other)).found if one[0] != "wbr"] == [
        one for one in elements if one[0] != "wbr"
    ]
    drawn = Structure(MarkdownIt().enable("table").render(markdown.render(other))).found
    assert drawn == Structure(summary).found
    families = list(text_string_to_metric_families(openmetrics.render(other)))
    subjects = {sample.labels["subject"] for family in families for sample in family.samples}
    assert len(subjects) == 1
    assert {family.name for family in families} == {
        family.name for family in text_string_to_metric_families(openmetrics.render(run))
    }


@example("".join(HOSTILE))
@given(names.map("z{}".format))
@settings(max_examples=500, deadline=None)
def test_a_name_is_one_line_of_what_a_terminal_prints(run, name):
    [subject] = run["subjects"]
    lines = lines_of(renamed(subject, {PLAIN: name}))
    assert len(lines) == len(lines_of(subject))
    assert all(line.isprintable() for line in lines)
    error = MLQualityError(f"data.test: no column {name}", f"its columns are {name}")
    assert len(str(error).split("\n")) == 2
    assert all(line.isprintable() for line in str(error).split("\n"))
    assert one_line(name).isprintable()
    assert printable(name).count("\n") == name.count("\n")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nb", r"a\nb"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x9b", r"\x9b"),
        ("\u2028\u202e", r"\u2028\u202e"),
        ("\udcff", r"\udcff"),
        ("\U000e0001", r"\U000e0001"),
        ("Größe 名前 😀", "Größe 名前 😀"),
    ],
)
def test_what_is_not_printable_is_shown_as_its_escape(name, shown):
    assert one_line(name) == shown
    assert one_line(shown) == shown
    assert str(MLQualityError(name)) == shown


def test_an_error_of_several_lines_has_those_and_no_others():
    error = MLQualityError(["mlquality.toml:", "  a\nb"], "c\rd")
    assert str(error) == "mlquality.toml:\n  a\\nb\n  remedy: c\\rd"
    assert re.search("a..b", type(error)(*error.args).message)
