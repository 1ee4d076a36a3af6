"""Where there is no room, the run says where, is no pass, and leaves nothing half written."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_mlquality.journal import Journal, contents_of

FULL = """\
import errno, os
import pytest
from pytest_mlquality import journal, whole_file

FAILS = {fails!r}

def full(*_args, **_more):
    raise OSError({number}, os.strerror({number}))

def pytest_runtest_setup(item):
    if item.name != "test_large":
        return
    if "journal" in FAILS:
        journal.Journal._write = full
    replacing = whole_file.replacing
    def replaced(path, **more):
        return full() if any(path.match(name) for name in FAILS) else replacing(path, **more)
    whole_file.replacing = replaced
    if "rename" in FAILS:
        whole_file.os.fsync = full
"""
REMEMBERED = (Journal._write, os.fsync)


@pytest.fixture(autouse=True)
def as_before(monkeypatch):
    """What the runs inside this process replace is put back."""
    from pytest_mlquality import journal, whole_file

    monkeypatch.setattr(whole_file, "replacing", whole_file.replacing)
    monkeypatch.setattr(journal.Journal, "_write", journal.Journal._write)
    monkeypatch.setattr(os, "fsync", os.fsync)


ROOM = ["ENOSPC", "EDQUOT", "EIO", "EROFS"]


@pytest.mark.parametrize("number", ROOM)
@pytest.mark.parametrize(
    "fails", ["journal", "evidence.json", "report.html", "summary.md", "metrics.prom", "*", "rename"]
)
def test_a_run_without_room_is_told_and_is_no_pass(gate, said, fails, number):
    gate.run()
    gate.write("conftest.py", FULL.format(fails=[fails], number=getattr(errno, number)))
    result = gate.run()
    text = said(result)
    assert result.ret == 1
    assert os.strerror(getattr(errno, number)) in text
    assert "own: pass" not in text
    for path in (gate.report / name for name in ("evidence.json", "report.html", "summary.md")):
        assert not path.exists() or "pass" not in verdicts(path)
    assert not [path for path in gate.files() if path.startswith(".") and path != ".lock"]


def verdicts(path):
    text = path.read_text()
    return [word for word in ("pass",) if f'"verdict": "{word}"\n' in text or f": {word}\n" in text]


def test_measurements_that_could_not_be_written_are_no_pass_in_the_evidence(gate, said):
    gate.write("conftest.py", FULL.format(fails=["journal"], number=errno.ENOSPC))
    assert gate.run().ret == 1
    evidence = gate.evidence()
    assert evidence["verdict"] == "incomplete"
    assert evidence["run"]["exit_status"] == 1
    (problem,) = evidence["run"]["problems"]
    assert "measurements are lost: there is no room for" in problem
    assert problem in (gate.report / "report.html").read_text()


def test_what_a_worker_could_not_write_is_no_pass(gate, said):
    gate.write("conftest.py", FULL.format(fails=["journal"], number=errno.ENOSPC))
    result = gate.pytester.runpytest_subprocess("--ml-quality", "-n", "1", "-p", "no:cacheprovider")
    assert result.ret == 1
    assert "measurements are lost" in said(result)
    assert gate.evidence()["verdict"] == "incomplete"


def test_a_run_that_cannot_begin_its_journal_is_a_usage_error(gate, said, monkeypatch):
    def full(*_args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Journal, "_write", full)
    result = gate.run()
    assert result.ret == 4
    assert "there is no room for" in said(result)
    assert gate.files() <= {".lock"}


def test_a_summary_page_without_room_is_no_pass(gate, said, monkeypatch):
    page = gate.write("page.md", "")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    opened = Path.open

    def full(path, mode="r", **more):
        if mode == "a":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return opened(path, mode, **more)

    monkeypatch.setattr(Path, "open", full)
    result = gate.run()
    assert result.ret == 1
    assert "$GITHUB_STEP_SUMMARY: No space left" in said(result)
    assert gate.evidence()["verdict"] == "incomplete"


def test_a_line_for_which_there_was_half_the_room_spoils_no_other(tmp_path, monkeypatch):
    journal = Journal(tmp_path / "journal")
    journal.append("first")
    write = os.write

    def half(descriptor, line):
        if len(line) < 20:
            raise OSError(errno.ENOSPC, "full")
        return write(descriptor, line[:-15])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", half)
        journal.append("second", text="cut")
    journal.append("third")
    journal.close()
    read = contents_of((tmp_path / "journal").read_bytes())
    assert [line["kind"] for line in read.lines] == ["first", "third"]
    assert read.damaged == 1
    assert journal.lost


@pytest.mark.verify
@pytest.mark.parametrize("kibibytes", [4, 8, 16, 24, 32, 40, 48, 56, 64, 96])
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_on_a_full_disk(gate, said, kibibytes, workers):
    """With a real file system of that size, where this user may mount one."""
    gate.report.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kibibytes}k", "none", str(gate.report)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a file system needs root: the tests above do without")
    try:
        command = [sys.executable, "-m", "pytest", "--ml-quality", "-p", "no:cacheprovider", *workers]
        done = subprocess.run(command, cwd=gate.path, capture_output=True, text=True, timeout=300)
        text = done.stdout + done.stderr
        assert "INTERNALERROR" not in text
        assert "Traceback" not in text
        names = {path.name for path in gate.report.iterdir()}
        assert not [name for name in names if name.startswith(".") and name != ".lock"]
        if "own: pass" in text:
            assert done.returncode == 0
            assert gate.evidence()["verdict"] == "pass"
            assert {"report.html", "summary.md", "metrics.prom"} <= names
        else:
            assert done.returncode in (1, 4)
            assert "No space left on device" in text
            assert "evidence.json" not in names or gate.evidence()["verdict"] == "incomplete"
    finally:
        subprocess.run(["umount", str(gate.report)], check=True)
