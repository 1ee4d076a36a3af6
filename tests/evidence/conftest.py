"""A gate that measures nothing but what its own tests say: quick, with all that a run writes."""

import json

import pytest

from pytest_mlquality.evidence_format import validate

SETTINGS = '[data.train]\nsource = "rows.csv"\n[checks]\nown = ["test_own.py"]\n'
OWN = """\
from pytest_mlquality import Measurement
def test_small(ml_settings):
    assert Measurement.exact(0.25) <= 1
def test_large(ml_settings):
    assert Measurement.exact(2.5) >= 1
"""
REPORT = "ml-quality-report"


class Gate:
    """A project whose gate passes."""

    def __init__(self, pytester):
        self.pytester = pytester
        self.path = pytester.path
        self.report = self.path / REPORT
        self.write("mlquality.toml", 'name = "own"\n' + SETTINGS)
        self.write("rows.csv", "a,b\n1,2\n")
        self.write("test_own.py", OWN)

    def write(self, name, text):
        (self.path / name).write_text(text)
        return self.path / name

    def run(self, *options):
        return self.pytester.runpytest_inprocess("--ml-quality", *options)

    def evidence(self, name="evidence.json"):
        evidence = json.loads((self.report / name).read_bytes())
        validate(evidence)
        return evidence

    def files(self):
        """What stands in the report folder."""
        return {path.relative_to(self.report).as_posix() for path in self.report.rglob("*") if path.is_file()}


@pytest.fixture
def gate(pytester, monkeypatch):
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    return Gate(pytester)


def no_internal_error(result):
    text = result.stdout.str() + result.stderr.str()
    assert "INTERNALERROR" not in text
    assert "Traceback" not in text
    return text


@pytest.fixture
def said():
    """Return all that a run printed, in which nothing is a fault of ours."""
    return no_internal_error
