"""What own tests, models and metrics raise, print, log and warn of quotes no row in terminal, JUnit and evidence."""

import json

import pytest

CELL = "CanaryName0"
OWN = """\
import sys
import warnings
import pandas as pd
import pytest
from pytest_mlquality import Measurement, MLQualityError

CELL = "".join(["Canary", "Name0"])


def test_group(ml_subject):
    raise ExceptionGroup(CELL, [ValueError(f"bad {CELL}"), ExceptionGroup("inner", [KeyError(CELL)])])


def test_group_of_rows(ml_subject):
    try:
        raise KeyError(CELL)
    except KeyError as error:
        raise ExceptionGroup("several rows are bad", [ValueError(CELL)]) from error


def test_note(ml_subject):
    error = ValueError("a bad row")
    error.add_note(CELL)
    raise error


def test_class(ml_subject):
    raise type(CELL, (ValueError,), {})("bad")


def test_skip(ml_subject):
    pytest.skip(f"nothing of {CELL}")


def test_skip_of_a_cell(ml_subject):
    pytest.skip(CELL)


@pytest.mark.skipif(True, reason="not on this machine")
def test_skip_by_a_mark(ml_subject):
    pass


def test_fail(ml_subject):
    pytest.fail(f"no luck with {CELL}")


def test_fail_without_a_trace(ml_subject):
    pytest.fail(f"no luck with {CELL}", pytrace=False)


def test_exit(ml_subject):
    sys.exit(CELL)


def test_attribute(ml_subject):
    getattr(pd.Series([1]), CELL)


def test_made_of_text(ml_subject):
    eval(CELL)


def test_error_of_ours(ml_subject):
    raise MLQualityError(f"no {CELL}", f"mend {CELL}")


def test_assert(ml_subject):
    assert {"name": CELL} == {"name": "?"}, CELL


def test_warning(ml_subject):
    warnings.warn(f"a strange row of {CELL}", UserWarning)
    warnings.warn(type(CELL, (UserWarning,), {})(CELL))


def test_late(request):
    request.getfixturevalue("ml_subject")
    warnings.warn(f"a late row of {CELL}", UserWarning)
    raise ValueError(CELL)


def test_function(ml_subject):
    def share(frame):
        print(CELL)
        raise ValueError(f"the share of {CELL}")
    Measurement.estimate(share, pd.DataFrame({"a": [1.0, 2.0]}))


@pytest.fixture
def broken():
    yield
    raise ValueError(CELL)


def test_teardown(ml_subject, broken):
    pass
"""
MODEL = """\
import logging
import os
import sys
import warnings
import pytest_mlquality

CELL = "".join(["Canary", "Name0"])
print(CELL)


@pytest_mlquality.model(features=["income", "age"], classes=[0, 1])
def loud(frame):
    print(CELL)
    os.write(2, CELL.encode())
    logging.getLogger("m").error("row %s", CELL)
    warnings.warn(f"strange is {CELL}")
    raise ValueError(f"cannot judge {CELL}")
"""
OPTIONS = (
    ["-rA", "-vv"],
    ["-rA", "--tb=long", "--showlocals"],
    ["-rA", "--tb=native", "-s"],
    ["-rA", "--tb=short", "--log-cli-level=DEBUG", "--capture=sys"],
)


def everything(project, *options):
    """Return all that a run leaves behind: what it wrote to the terminal, and every file of it."""
    result = project.run("--junitxml=junit.xml", *options)
    said = [result.stdout.str(), result.stderr.str(), (project.path / "junit.xml").read_text()]
    for path in (project.path / "ml-quality-report").rglob("*"):
        if path.is_file():
            said.append(path.read_text(errors="replace"))
    return "\n".join(said)


@pytest.fixture
def loud(project):
    """A project whose model and tests fail in every way and quote a row."""
    project.write("scorer.py", MODEL)
    project.write("test_own.py", OWN)
    project.settings(replace={'"model.skops"': '"python:scorer:loud"'})
    return project


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_no_row_is_quoted_anywhere(loud, options):
    text = everything(loud, *options)
    assert CELL not in text
    checks = {check["id"]: check for check in loud.subject()["checks"]}
    assert checks["test_own.py::test_skip"]["message"] == "nothing of ..."
    assert checks["test_own.py::test_skip_by_a_mark"]["message"] == "not on this machine"
    assert checks["test_own.py::test_skip_of_a_cell"]["message"].startswith("its reason is not shown")
    assert "ExceptionGroup of ValueError, ExceptionGroup" in checks["test_own.py::test_group"]["message"]
    assert checks["test_own.py::test_class"]["message"].startswith("ValueError failed at test_own.py")
    for words in ("several rows are bad", "KeyError", "no luck with ...", "a strange row of ...", "a late row of ..."):
        assert words in text
    assert "cannot judge ..." in text
    assert "strange is ..." in text


def test_samples_show_all_of_it(loud):
    path = loud.path / "mlquality.toml"
    path.write_text(path.read_text() + "[report]\nsamples = true\n")
    result = loud.run("-rA")
    for words in (
        f"bad {CELL}",
        f"no luck with {CELL}",
        f"a strange row of {CELL}",
        f"cannot judge {CELL}",
        f"row {CELL}",
    ):
        assert words in result.stdout.str()
    checks = {check["id"]: check for check in loud.subject()["checks"]}
    assert checks["test_own.py::test_skip"]["message"] == f"nothing of {CELL}"


@pytest.mark.parametrize("stop", ["pytest.exit(CELL)", "raise type(CELL, (KeyboardInterrupt,), {})(CELL)"])
def test_the_end_of_a_run_quotes_no_row(project, stop):
    project.settings()
    project.write(
        "test_own.py", f"import pytest\nCELL = ''.join(['Canary', 'Name0'])\ndef test_a(ml_subject):\n    {stop}\n"
    )
    result = project.run("test_own.py", subprocess=True)
    assert result.ret != 0
    assert CELL not in result.stdout.str() + result.stderr.str()


def test_ordinary_tests_say_what_they_say(project):
    project.settings()
    project.write("test_plain.py", f"def test_a():\n    print('{CELL}')\n    raise ValueError('{CELL}')\n")
    result = project.run("test_plain.py")
    assert result.stdout.str().count(CELL) >= 3


def test_a_failing_run_has_the_same_digest_again(project):
    project.settings()
    project.write(
        "test_own.py",
        "import tempfile\nimport pytest\n"
        "def test_a(ml_subject):\n"
        "    with tempfile.TemporaryDirectory() as folder:\n"
        "        pytest.skip(f'{object()} in {folder}/a.csv')\n",
    )
    project.settings("[report]\nsamples = true\n")
    digests = set()
    for _ in range(2):
        project.run("test_own.py")
        digests.add(project.evidence()["content_digest"])
    assert "(temporary folder)/a.csv" in json.dumps(project.evidence())
    assert len(digests) == 1


TIME_OUT = '''\
"""What pytest-timeout does where it stops a test by a signal."""
import pytest
def stopped(seconds):
    pytest.fail(f"Timeout (>{seconds}s) from pytest-timeout.")
'''


@pytest.mark.parametrize("place", ["model", "test", "fixture"])
def test_a_time_out_is_said_to_be_one(project, place):
    project.write("pytest_timeout.py", TIME_OUT)
    stop = "stopped(1.5)"
    project.settings(replace={'"model.skops"': '"python:scorer:slow"'} if place == "model" else None)
    project.write(
        "scorer.py",
        "import pytest_mlquality\nfrom pytest_timeout import stopped\n"
        "@pytest_mlquality.model(features=['income'], classes=[0, 1])\n"
        f"def slow(frame):\n    {stop}\n",
    )
    if place == "model":
        result, name = project.run("-k", "roc_auc"), "performance::test_a_metric_meets_its_limit[roc_auc]"
    else:
        body = f"@pytest.fixture\ndef slow():\n    {stop}\n" if place == "fixture" else ""
        call = "pass" if place == "fixture" else stop
        asked = "ml_subject, slow" if place == "fixture" else "ml_subject"
        test = f"{body}def test_a({asked}):\n    {call}\n"
        project.write("test_own.py", f"import pytest\nfrom pytest_timeout import stopped\n{test}")
        result, name = project.run("test_own.py"), "test_own.py::test_a"
    check = {check["id"]: check for check in project.subject()["checks"]}[name]
    assert check["outcome"] == "error"
    assert check["message"].startswith(
        "the check took longer than 1.5 s, the limit of pytest-timeout: it was stopped in "
    )
    assert "pytest-timeout" in check["remedy"]
    result.stdout.fnmatch_lines(["*the check took longer than 1.5 s*"])
