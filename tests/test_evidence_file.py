"""The evidence of a run, drawn from its journal."""

import json
import subprocess
import sys

import pytest

from pytest_mlquality.assembly import assemble, verdict_of, worst_verdict
from pytest_mlquality.errors import EvidenceError
from pytest_mlquality.evidence import read_evidence, recover, write_evidence
from pytest_mlquality.journal import Journal, contents_of


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ({"a": "passed", "b": "passed"}, "pass"),
        ({"a": "passed", "b": "waived"}, "pass"),
        ({"a": "passed", "b": "not_applicable"}, "pass"),
        ({"a": "passed"}, "incomplete"),
        ({"a": "passed", "b": None}, "incomplete"),
        ({"a": "passed", "b": "skipped"}, "incomplete"),
        ({"a": "passed", "b": "inconclusive"}, "incomplete"),
        ({"a": "passed", "b": "error"}, "fail"),
        ({"a": "failed"}, "fail"),
        ({"a": "passed", "b": "passed", "not demanded": "failed"}, "pass"),
    ],
)
def test_the_verdict_looks_at_what_is_demanded(outcomes, verdict):
    assert verdict_of(["a", "b"], outcomes) == verdict


def test_nothing_demanded_and_nothing_judged_are_no_pass():
    assert verdict_of([], {}) == "incomplete"
    assert worst_verdict([]) == "incomplete"
    assert worst_verdict(["pass", "incomplete", "fail"]) == "fail"


HOLD = """
import fcntl, sys
journal = open(sys.argv[1])
fcntl.flock(journal, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.readline()
"""


def run_line(run="r1"):
    return {
        "id": run,
        "started": "2026-01-01T00:00:00.000+00:00",
        "stage": "ci",
        "seed": 0,
        "versions": {},
        "platform": {},
        "git": None,
        "argv_redacted": [],
    }


def written(path, *, end=True):
    journal = Journal(path)
    journal.append("run", run=run_line())
    subject = {
        "name": "s",
        "file": "mlquality.toml",
        "settings": {"digest": "sha256:0", "resolved": {"verdict": {"false_fail": 1e-5}}},
        "by_hand": {},
        "expected": ["a"],
        "model": None,
        "baseline": None,
        "data": {},
    }
    journal.append("subject", subject=subject)
    check = {"id": "a", "nodeid": "a", "concern": "own", "challenge": None, "principles": [], "phase": None}
    journal.append("begin", subject="mlquality.toml", check={**check, "serves": [], "stages": ["ci"]})
    if end:
        ending = {"outcome": "passed", "waiver": None, "duration_s": 0.1, "message": "", "remedy": ""}
        journal.append("end", subject="mlquality.toml", check="a", end=ending)
    journal.close()


def test_a_line_cut_short_is_left_out(tmp_path):
    path = tmp_path / "journal"
    written(path)
    path.write_bytes(path.read_bytes()[:-20])
    assert [line["kind"] for line in contents_of(path.read_bytes()).lines] == ["run", "subject", "begin"]
    assert contents_of(path.read_bytes()).cut
    assert assemble(contents_of(path.read_bytes()))["subjects"][0]["checks"][0]["outcome"] is None


def test_of_a_check_that_ran_twice_the_worse_outcome_stands(tmp_path):
    path = tmp_path / "journal"
    written(path)
    journal = Journal(path, new=False)
    first = next(line for line in contents_of(path.read_bytes()).lines if line["kind"] == "begin")["check"]
    for outcome in ("failed", "passed"):
        journal.append("begin", subject="mlquality.toml", check=first)
        ending = {"outcome": outcome, "waiver": None, "duration_s": 0.1, "message": "", "remedy": ""}
        journal.append("end", subject="mlquality.toml", check="a", end=ending)
    assert assemble(contents_of(path.read_bytes()))["verdict"] == "fail"


def test_a_dead_runs_journal_becomes_evidence_that_is_no_pass(tmp_path):
    path = tmp_path / "journal-r1.jsonl"
    written(path)
    evidence = read_evidence(tmp_path)
    assert evidence["verdict"] == evidence["subjects"][0]["verdict"] == "incomplete"
    assert evidence["subjects"][0]["checks"][0]["outcome"] == "passed"
    assert not path.exists()


def test_a_living_runs_journal_stays_whatever_process_it_names(tmp_path):
    path = tmp_path / "journal-r1.jsonl"
    written(path)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    assert recover(tmp_path) == []
    assert path.exists()
    holder.communicate("\n")
    recover(tmp_path)
    assert not path.exists()


def test_where_nobody_can_lock_nothing_is_taken_from_a_run_that_may_live(tmp_path, monkeypatch):
    path = tmp_path / "journal-r1.jsonl"
    written(path)
    monkeypatch.setitem(sys.modules, "fcntl", None)
    assert recover(tmp_path) == []
    assert path.exists()


def test_what_is_no_evidence_says_so(tmp_path):
    with pytest.raises(EvidenceError, match="does not exist"):
        read_evidence(tmp_path)
    (tmp_path / "evidence.json").write_text("{")
    with pytest.raises(EvidenceError, match="not JSON"):
        read_evidence(tmp_path)
    (tmp_path / "evidence.json").write_text("{}")
    with pytest.raises(EvidenceError, match="schema"):
        read_evidence(tmp_path)


def test_evidence_that_breaks_its_schema_is_not_written(tmp_path):
    path = tmp_path / "journal"
    written(path)
    evidence = assemble(contents_of(path.read_bytes()))
    write_evidence(tmp_path, evidence)
    before = (tmp_path / "evidence.json").read_text()
    with pytest.raises(EvidenceError):
        write_evidence(tmp_path, {**evidence, "verdict": "perhaps"})
    assert (tmp_path / "evidence.json").read_text() == before
    assert json.loads(before)["content_digest"].startswith("sha256:")
