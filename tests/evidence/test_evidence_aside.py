"""The run before moves aside before anything of a new run can fail, and whatever its file says of itself."""

import json
import os
import signal
import subprocess
import sys

import pytest
from reports_of import PAGES

from pytest_mlquality.errors import EvidenceError
from pytest_mlquality.evidence import newest_evidence, read_evidence
from pytest_mlquality.report_folder import set_aside


@pytest.fixture
def passed(gate):
    """A gate that has passed, and the run's id."""
    assert gate.run().ret == 0
    assert gate.evidence()["verdict"] == "pass"
    gate.before = gate.evidence()["run"]["id"]
    return gate


def is_aside(gate):
    assert not (gate.report / "evidence.json").exists()
    assert not any((gate.report / page).exists() for page in PAGES)
    assert gate.evidence(f"runs/{gate.before}.json")["verdict"] == "pass"
    assert {page for page in PAGES if (gate.report / "runs" / gate.before / page).is_file()} == set(PAGES)
    return True


DEATHS = {
    "an option that nobody knows": (("--no-such-option",), ""),
    "a stage that is none": (("--ml-stage=never",), ""),
    "a seed that is no number": (("--ml-seed=x",), ""),
    "a shard that is none": (("--ml-shard=3/2",), ""),
    "a folder that is not there": (("missing_folder",), ""),
    "a conftest that cannot be imported": ((), "import no_such_module\n"),
    "Ctrl-C while a plugin is configured": ((), "def pytest_configure(): raise KeyboardInterrupt\n"),
    "a plugin that fails at the start": ((), "def pytest_sessionstart(): raise RuntimeError('broken')\n"),
    "a plugin that refuses the run": ((), "import pytest\ndef pytest_configure(): raise pytest.UsageError('no')\n"),
    "a collection that fails": (("test_own.py", "--confcutdir=."), "def pytest_collection(): raise SystemError\n"),
}


@pytest.mark.parametrize("death", DEATHS)
def test_after_a_pass_a_run_that_dies_at_its_start_leaves_no_pass(passed, death):
    options, conftest = DEATHS[death]
    passed.write("conftest.py", conftest)
    assert passed.run(*options).ret != 0
    assert is_aside(passed)


def test_after_a_pass_a_run_that_is_killed_at_its_start_leaves_no_pass(passed):
    passed.write("conftest.py", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    command = [sys.executable, "-m", "pytest", "--ml-quality"]
    assert subprocess.run(command, cwd=passed.path, capture_output=True).returncode == -signal.SIGKILL
    assert is_aside(passed)


def test_a_test_module_that_cannot_be_imported_leaves_no_pass(passed):
    passed.write("test_other.py", "import no_such_module\n")
    assert passed.run().ret == 2
    assert passed.evidence()["verdict"] == "incomplete"
    assert passed.evidence()["run"]["id"] != passed.before


def test_a_run_after_one_that_died_compares_with_the_last_that_judged(passed):
    assert passed.run("--no-such-option").ret == 4
    with pytest.raises(EvidenceError, match="the newest run ended before it judged anything") as told:
        read_evidence(passed.report)
    assert passed.before in told.value.remedy
    assert newest_evidence(passed.report)["run"]["id"] == passed.before
    assert passed.run().ret == 0
    assert passed.evidence()["subjects"][0]["previous"]["run"] == passed.before


def test_the_pages_of_an_earlier_run_are_drawn_beside_its_evidence(passed):
    from pytest_mlquality.cli import main

    passed.run("--no-such-option")
    assert main(["report", str(passed.report)]) == 1
    for page in PAGES:
        (passed.report / "runs" / passed.before / page).unlink()
    assert main(["report", str(passed.report / "runs" / f"{passed.before}.json")]) == 0
    assert is_aside(passed)


@pytest.mark.parametrize("option", ["--help", "--version", "--collect-only", "--fixtures", "--markers", "--cache-show"])
def test_what_only_shows_something_leaves_the_evidence(passed, option):
    before = passed.files()
    passed.run(option)
    assert passed.files() == before
    assert passed.evidence()["run"]["id"] == passed.before


@pytest.mark.parametrize(("body", "status"), [("pass", 0), ("assert False", 1)])
def test_a_run_that_comes_to_its_end_and_judges_nothing_leaves_the_evidence(passed, body, status):
    before = passed.files()
    passed.write("test_plain.py", f"def test_plain(): {body}\n")
    assert passed.run("test_plain.py").ret == status
    assert passed.files() == before
    assert passed.evidence()["run"]["id"] == passed.before


HOSTILE_IDS = [
    "../../../escaped",
    "/tmp/escaped",
    "..",
    "",
    "a/b",
    "a\nb",
    "a\0b",
    "x" * 300,
    "\ud800",
    ".hidden",
    7,
    None,
]


@pytest.mark.parametrize("name", [*HOSTILE_IDS, ["a"], {"a": 1}], ids=repr)
def test_an_id_in_a_file_names_no_path(passed, name):
    outside = sorted(passed.path.parent.iterdir())
    evidence = passed.evidence()
    evidence["run"]["id"] = name
    (passed.report / "evidence.json").write_text(json.dumps(evidence))
    assert passed.run().ret == 0
    assert sorted(passed.path.parent.iterdir()) == outside
    (kept,) = (passed.report / "runs").glob("*.json")
    assert kept.name.startswith("unknown-")
    assert json.loads(kept.read_text())["run"]["id"] == name
    assert passed.evidence()["subjects"][0]["previous"] is None


def test_evidence_that_takes_anothers_name_does_not_take_its_place(passed):
    assert passed.run().ret == 0
    evidence = passed.evidence()
    evidence["run"]["id"] = passed.before
    (passed.report / "evidence.json").write_text(json.dumps(evidence))
    kept = (passed.report / "runs" / f"{passed.before}.json").read_bytes()
    assert passed.run().ret == 0
    assert (passed.report / "runs" / f"{passed.before}.json").read_bytes() == kept
    assert len(list((passed.report / "runs").glob("unknown-*.json"))) == 1


BOMBS = {
    "deep": "[" * 100_000 + "]" * 100_000,
    "deep in place": '{"schema": "mlquality/evidence/v1", "run": ' + '{"a":' * 900 + "1" + "}" * 900 + "}",
    "a number of 10,000 digits": '{"run": {"id": ' + "9" * 10_000 + "}}",
    "not a number": '{"run": {"id": NaN}}',
    "a list": "[]",
    "a text": '"evidence"',
    "nothing": "",
    "half": '{"run": {"id": "20260101T0',
    "no text": "\x00\x01",
    "a surrogate": '{"run": {"id": "\\ud800"}}',
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_file_that_is_no_evidence_is_one_error_and_stops_no_run(gate, bomb):
    gate.report.mkdir()
    (gate.report / "evidence.json").write_text(BOMBS[bomb])
    with pytest.raises(EvidenceError) as told:
        read_evidence(gate.report)
    assert told.value.remedy
    assert gate.run().ret == 0
    assert [path.read_text() for path in (gate.report / "runs").glob("unknown-*.json")] == [BOMBS[bomb]]


def test_a_file_in_another_encoding_is_one_error(tmp_path):
    (tmp_path / "evidence.json").write_bytes(b'{"a": "\xff"}')
    with pytest.raises(EvidenceError, match="is not JSON: UnicodeDecodeError"):
        read_evidence(tmp_path)


def test_a_file_larger_than_any_evidence_is_not_read(tmp_path):
    with (tmp_path / "evidence.json").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(EvidenceError, match="larger than 256 MiB"):
        read_evidence(tmp_path)
    assert set_aside(tmp_path).startswith("unknown-")


def test_a_named_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "evidence.json")
    with pytest.raises(EvidenceError, match="is no file"):
        read_evidence(tmp_path)
