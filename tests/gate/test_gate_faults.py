"""A fault of ours is reported as one, with the line to report it; what a user's own code raises stays theirs."""

import pytest

from pytest_mlquality.own_error import message

BROKEN = """\
import pytest
from pytest_mlquality.measures import rows
@pytest.fixture(autouse=True)
def broken(monkeypatch):
    monkeypatch.setattr(rows, {what!r}, {value})
"""
SOUND = "[schema.metrics]\nduplicate_rows = { at_most = 1 }\noutlier_rows = { at_most = 1 }\n"
CHECK = "schema::test_the_rows_are_sound[{}]"


def broken(project, what, value, *options, settings=SOUND):
    project.settings(settings)
    project.write("conftest.py", BROKEN.format(what=what, value=value))
    result = project.run("-k", "sound", *options)
    return result, {check["id"]: check for check in project.subject()["checks"]}


@pytest.mark.parametrize("options", [(), ("--tb=short", "-l"), ("-vv",)])
def test_a_library_that_raises_inside_a_measure_is_a_fault_of_ours_and_shows_no_value(project, options):
    result, checks = broken(project, "RANGE", '("Smith", 0.9)', *options)
    check = checks[CHECK.format("outlier_rows-test")]
    assert check["outcome"] == "error"
    assert check["message"].startswith("a fault of pytest-mlquality ")
    assert " in pytest_mlquality/measures/rows.py:" in check["message"]
    assert "report it with this line" in check["remedy"]
    assert checks[CHECK.format("duplicate_rows-test")]["outcome"] == "passed"
    result.stdout.fnmatch_lines(["*a fault of pytest-mlquality *measures/rows.py:*", "*remedy: report it*"])
    shown = result.stdout.str() + (project.path / "ml-quality-report" / "evidence.json").read_text()
    assert "Smith" not in shown
    assert ("rows.py:" in shown.replace(check["message"], "")) is bool(options)


def test_a_fault_of_many_checks_is_said_once(project):
    result, checks = broken(project, "share_of", "None")
    assert {check["outcome"] for check in checks.values()} == {"error"}
    assert "TypeError ('NoneType' object is not callable)" in checks[CHECK.format("duplicate_rows-test")]["message"]
    assert result.stdout.str().count("remedy: report it") == 2
    result.stdout.fnmatch_lines(["FAILED mlquality.toml: 2 checks - a fault of pytest-mlquality*"])


def test_an_assert_of_our_own_that_does_not_hold_is_a_fault_not_a_failed_check(project):
    project.settings()
    project.write(
        "test_own.py",
        "from pytest_mlquality.proposal.limits.proposal import Proposal\n"
        "def test_a(ml_subject): Proposal('x', None, '').toml\n",
    )
    result = project.run("test_own.py")
    assert project.outcomes()["test_own.py::test_a"] == "error"
    result.stdout.fnmatch_lines(["a fault of pytest-mlquality *AssertionError in pytest_mlquality/proposal/limits/*"])


def test_what_a_users_function_raises_below_our_own_code_is_theirs(project):
    result, checks = broken(project, "share_of", "lambda *_words, **_more: {}['key']")
    check = checks[CHECK.format("duplicate_rows-test")]
    assert check["outcome"] == "error"
    assert check["message"].startswith("KeyError")
    assert "a fault of" not in result.stdout.str()
    result.stdout.fnmatch_lines(["*conftest.py:*"])


@pytest.mark.parametrize(
    "body",
    [
        "{}['key']",
        "assert 1 == 2",
        "M.share(3, 2)",
        "int('Smith')",
        "__import__('numpy').testing.assert_allclose([1.0], [2.0])",
        "ml_subject.nothing_of_the_kind",
    ],
)
def test_what_a_users_test_raises_or_is_refused_is_theirs(project, body):
    project.settings()
    project.write(
        "test_own.py",
        f"from pytest_mlquality import Measurement as M\ndef test_a(ml_subject):\n    {body}\n",
    )
    result = project.run("test_own.py")
    text = result.stdout.str()
    assert "a fault of" not in text
    assert "test_own.py:3" in text


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            TypeError("unsupported operand type(s) for -: 'str' and 'int'"),
            "unsupported operand type(s) for ...: 'str' and 'int'",
        ),
        (
            TypeError("'<' not supported between instances of 'int' and 'str'"),
            "'...' not supported between instances of 'int' and 'str'",
        ),
        (AttributeError("'Smith' object has no attribute 'classes'"), "'...' object has no attribute '...'"),
        (TypeError("cannot convert Smith to a number"), ""),
        (ValueError("could not convert string to float: 'Smith'"), "could not convert string to float: '...'"),
        (ModuleNotFoundError("No module named 'Smith'"), "No module named '...'"),
        (NameError("name 'Smith' is not defined"), "...' is not defined"),
        (KeyError("Smith"), ""),
    ],
)
def test_of_a_message_only_types_and_names_of_code_are_shown(error, said):
    assert message(error) == said


def test_settings_that_cannot_be_read_for_a_fault_of_ours_are_an_error_of_the_gate_file(project, monkeypatch):
    from pytest_mlquality.gate import subjects

    monkeypatch.setattr(subjects, "refuse_idle", None)
    project.settings()
    result = project.run()
    assert result.ret == 2
    result.stdout.fnmatch_lines(["a fault of pytest-mlquality *TypeError*pytest_mlquality/gate/subjects.py:*"])
    assert project.evidence()["verdict"] == "fail"
    assert "Traceback" not in result.stdout.str()


def test_a_report_that_cannot_be_drawn_leaves_evidence_and_exit_status(project, monkeypatch):
    from pytest_mlquality.reports import markdown

    monkeypatch.setattr(markdown, "render", lambda _evidence: [].nothing)
    project.settings()
    result = project.run()
    assert result.ret == 0
    result.stdout.fnmatch_lines(["the report 'markdown' could not be written: AttributeError*"])
    assert project.evidence()["verdict"] == "pass"
