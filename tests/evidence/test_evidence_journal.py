"""A journal that something has happened to: what can be read is kept, the rest is told, and nothing becomes a pass."""

import json
import re
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_mlquality.assembly import assemble
from pytest_mlquality.errors import EvidenceError
from pytest_mlquality.evidence import read_evidence, recover
from pytest_mlquality.evidence_format import validate
from pytest_mlquality.journal import Journal, contents_of

RUN = "20260101T000000-0a0b0c0d"
KEEPS = """\
import pathlib
def pytest_sessionfinish():
    (file,) = pathlib.Path("ml-quality-report").glob("journal-*")
    pathlib.Path("journal").write_bytes(file.read_bytes())
"""


@pytest.fixture
def journal(gate):
    """The journal of a real run of two checks, whole."""
    gate.write("conftest.py", KEEPS)
    assert gate.run().ret == 0
    (gate.path / "conftest.py").unlink()
    return (gate.path / "journal").read_bytes()


def cut_off(gate, content):
    """Leave a journal in an empty report folder as a run does that was killed."""
    for path in sorted(gate.report.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    path = gate.report / f"journal-{RUN}.jsonl"
    path.write_bytes(content)
    return path


def of_kind(journal, kind):
    return next(line for line in journal.split(b"\n") if line.startswith(b'{"kind": "%b"' % kind.encode()))


STRANGE = {
    "no object": b"[1, 2]",
    "a number": b"7",
    "null": b"null",
    "no JSON": b'{"kind": "end"',
    "no kind": b'{"subject": "mlquality.toml"}',
    "a kind that is no text": b'{"kind": {"a": 1}}',
    "an unknown kind": b'{"kind": "greeting"}',
    "an unknown subject": b'{"kind": "begin", "subject": "other.toml", "check": {"id": "a"}}',
    "an unknown check": b'{"kind": "end", "subject": "mlquality.toml", "check": "a", "end": {}}',
    "a subject that is a list": b'{"kind": "fact", "subject": [], "field": "data", "value": {}}',
    "a check that is none": b'{"kind": "begin", "subject": "mlquality.toml", "check": 7}',
    "missing fields": b'{"kind": "measurement"}',
    "facts that are none": b'{"kind": "fact", "subject": "mlquality.toml", "field": "data", "value": 7}',
    "NULs": b"\0" * 4096,
    "another encoding": b'{"kind": "end", "message": "\xff\xfe"}',
    "deep": b'{"kind": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a number of 10,000 digits": b'{"kind": "end", "n": ' + b"9" * 10_000 + b"}",
    "a long checksum": b'{"kind": "end", "crc": ' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize("strange", STRANGE)
def test_a_line_that_is_none_of_ours_is_told_and_the_rest_is_kept(gate, said, journal, strange):
    cut_off(gate, journal + STRANGE[strange] + b"\n")
    result = gate.run()
    assert result.ret == 0
    assert f"the run {RUN} was cut off: a line of its journal" in said(result)
    kept = gate.evidence(f"runs/{RUN}.json")
    assert kept["verdict"] == "incomplete"
    assert [check["outcome"] for check in kept["subjects"][0]["checks"]] == ["passed", "passed"]
    assert len(kept["run"]["problems"]) == 1
    assert gate.evidence()["verdict"] == "pass"


@pytest.mark.parametrize("process", [10**30, -1, 0, 1, "x", None, [], {}])
def test_a_foreign_process_id_says_nothing(gate, said, journal, process):
    first = json.loads(of_kind(journal, "run"))
    first.pop("crc")
    line = json.dumps({**first, "process": process}).encode()
    cut_off(gate, journal.replace(of_kind(journal, "run"), line))
    result = gate.run()
    said(result)
    assert result.ret == 0
    assert gate.evidence(f"runs/{RUN}.json")["subjects"][0]["checks"]


@pytest.mark.parametrize("kind", ["run", "subject"])
@pytest.mark.parametrize("damage", [b"", b"{}", b'{"kind": "run", "run": []}', b'{"kind": "subject", "subject": []}'])
def test_a_journal_that_gives_no_evidence_is_kept_and_told_once(gate, said, journal, kind, damage):
    content = journal.replace(of_kind(journal, kind), b"damaged\n" + damage)
    cut_off(gate, content)
    result = gate.run()
    assert result.ret == 0
    assert "gives no evidence, its journal is kept as" in said(result)
    assert (gate.report / "runs" / f"journal-{RUN}.jsonl").read_bytes() == content
    assert "no evidence" not in said(gate.run())


def test_what_a_line_says_of_another_run_is_not_believed(gate, journal):
    first = json.loads(of_kind(journal, "run"))
    first.pop("crc")
    first["run"]["id"] = "../../escaped"
    cut_off(gate, journal.replace(of_kind(journal, "run"), json.dumps(first).encode()))
    assert read_evidence(gate.report)["run"]["id"] == RUN


def test_a_changed_digit_is_a_damaged_line(gate, journal):
    assert b"0.25" in journal
    cut_off(gate, journal.replace(b"0.25", b"0.26"))
    evidence = read_evidence(gate.report)
    assert len(evidence["run"]["problems"]) == 1
    assert "0.26" not in json.dumps(evidence)


def test_a_run_whose_own_journal_is_damaged_is_no_pass(gate, said):
    gate.write(
        "conftest.py",
        "import pathlib\ndef pytest_runtest_teardown():\n"
        "    for file in pathlib.Path('ml-quality-report').glob('journal-*'):\n"
        "        file.open('ab').write(b'[]\\n')\n",
    )
    result = gate.run()
    assert result.ret == 1
    assert "lines of its journal cannot be read" in said(result)
    assert gate.evidence()["verdict"] == "incomplete"


def test_a_report_folder_that_is_removed_while_the_run_lasts_loses_nothing(gate, said):
    gate.write("conftest.py", "import shutil\ndef pytest_sessionfinish(): shutil.rmtree('ml-quality-report')\n")
    result = gate.run()
    assert result.ret == 0
    said(result)
    assert gate.evidence()["verdict"] == "pass"


def damaged(content, draw):
    lines = content.split(b"\n")
    first, second = (draw(st.integers(0, len(lines) - 2)) for _ in range(2))
    match draw(st.sampled_from(["cut", "flip", "swap", "twice", "drop", "zero", "insert"])):
        case "cut":
            return content[: draw(st.integers(0, len(content) - 1))]
        case "flip":
            place = draw(st.integers(0, len(content) - 1))
            return content[:place] + bytes([content[place] ^ (1 << draw(st.integers(0, 7)))]) + content[place + 1 :]
        case "swap":
            lines[first], lines[second] = lines[second], lines[first]
        case "twice":
            lines.insert(second, lines[first])
        case "drop":
            del lines[first]
        case "zero":
            lines[first] = b"\0" * len(lines[first])
        case "insert":
            lines.insert(first, draw(st.binary(max_size=40)))
    return b"\n".join(lines)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_journal_is_evidence_or_is_kept_and_never_a_pass(gate, journal, data):
    content = journal
    for _ in range(data.draw(st.integers(1, 4))):
        content = damaged(content, data.draw) if content.count(b"\n") > 1 else content
    path = cut_off(gate, content)
    told = recover(gate.report)
    assert not path.exists()
    kept = gate.report / "runs" / path.name
    if kept.exists():
        assert kept.read_bytes() == content
        assert len(told) == 1
    elif (gate.report / "evidence.json").exists():
        evidence = read_evidence(gate.report)
        assert evidence["verdict"] != "pass"
        assert evidence["run"]["id"] == RUN
    else:
        # It was cut off before it knew what to judge.
        assert b'"subject"' not in content.split(b"\n")[-1] or content.count(b"\n") <= 2


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_finished_run_of_which_a_line_is_unreadable_is_no_pass(journal, data):
    lines = journal.rstrip(b"\n").split(b"\n")
    place = data.draw(st.integers(0, len(lines) - 1))
    position = data.draw(st.integers(0, len(lines[place]) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte not in (lines[place][position], 10)))
    line = lines[place]
    lines[place] = line[:position] + bytes([other]) + line[position + 1 :]
    try:
        evidence = assemble(contents_of(b"\n".join(lines) + b"\n"), finished="2026-01-01T00:00:00Z", exit_status=0)
        validate(evidence)
    except EvidenceError:
        return
    # Where the damage is in the checksum's own name, the line is that of an older version, and whole.
    assert evidence["verdict"] == "incomplete" or re.search(rb', "...": \d+\}$|, "crc".. ?\d+\}$', lines[place])


CONTAINER = """\
import os
os.getpid = lambda: {number}
"""
WAITS = """\
import pathlib, time
from pytest_mlquality import Measurement
def test_small(ml_settings):
    pathlib.Path("running").touch()
    for _ in range(6000):
        if pathlib.Path("go on").exists():
            break
        time.sleep(0.02)
    assert Measurement.exact(0.25) <= 1
"""
CONTAINERS = ["unshare", "--pid", "--fork", "--mount-proc"]


def both_run(gate, *before, number):
    """Run a gate to its end in the report folder of another that is in the midst of its run; return both's texts."""
    second = gate.path.parent / f"{gate.path.name}-second"
    second.mkdir()
    for name in ("mlquality.toml", "rows.csv", "test_own.py"):
        (second / name).write_bytes((gate.path / name).read_bytes())
    gate.write("test_own.py", WAITS)
    if number:
        gate.write("conftest.py", CONTAINER.format(number=number))
    command = [*before, sys.executable, "-m", "pytest", "--ml-quality", "-p", "no:cacheprovider", "--rootdir=."]
    command += ["--ml-report", str(gate.report)]
    first = subprocess.Popen(command, cwd=gate.path, stdout=subprocess.PIPE, text=True)
    while not (gate.path / "running").exists():
        assert first.poll() is None, first.stdout.read()
    done = subprocess.run(command, cwd=second, capture_output=True, text=True, timeout=600)
    (gate.path / "go on").touch()
    text, _ = first.communicate(timeout=600)
    assert (first.returncode, done.returncode) == (0, 0), text + done.stdout
    return text, done.stdout


def are_whole(gate, texts):
    for text in texts:
        assert "own: pass" in text
        assert "nothing was judged" not in text
    last = gate.evidence()
    (kept,) = (gate.report / "runs").glob("*.json")
    other = gate.evidence(f"runs/{kept.name}")
    assert last["verdict"] == other["verdict"] == "pass"
    assert (len(last["subjects"][0]["checks"]), len(other["subjects"][0]["checks"])) == (1, 2)
    assert other["run"]["finished"] < last["run"]["finished"]
    assert list(gate.report.glob("journal-*")) == []


def test_two_runs_at_once_into_one_folder_both_end_whole(gate):
    are_whole(gate, both_run(gate, number=2**22 + 1))


@pytest.mark.verify
def test_two_runs_at_once_in_two_containers_both_end_whole(gate):
    if subprocess.run([*CONTAINERS, "true"], capture_output=True).returncode:
        pytest.skip("a process namespace of its own needs root: the test above does without")
    are_whole(gate, both_run(gate, *CONTAINERS, number=None))


def test_a_journal_that_is_no_file_of_its_folder_is_not_read(tmp_path):
    (tmp_path / "elsewhere").write_text("{}")
    (tmp_path / f"journal-{RUN}.jsonl").symlink_to("elsewhere")
    assert recover(tmp_path) == []
    with pytest.raises(OSError, match="symbolic"):
        Journal(tmp_path / f"journal-{RUN}.jsonl", new=False)
