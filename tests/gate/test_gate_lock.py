"""The machine-wide lock: shared by checks, held alone by those that measure time."""

import fcntl
import subprocess
import sys
import time

import pytest

from pytest_mlquality.gate.exclusive import machine

HOLD = """
import sys, time
from pathlib import Path
from pytest_mlquality.gate.exclusive import machine
folder = Path(sys.argv[1])
with machine(exclusive=sys.argv[2] == "alone", directory=folder):
    (folder / "held").touch()
    while not (folder / "let go").exists():
        time.sleep(0.01)
    (folder / "released").touch()
"""


def holder(folder, how):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder), how])
    while not (folder / "held").exists():
        time.sleep(0.01)
    return process


@pytest.fixture
def waits(monkeypatch):
    """Whether somebody has to let go before the lock is ours: it is asked for as ever, but not waited for."""
    flock = fcntl.flock

    def asked(folder, *, exclusive):
        with monkeypatch.context() as patched:
            patched.setattr(fcntl, "flock", lambda file, how: flock(file, how | fcntl.LOCK_NB))
            try:
                with machine(exclusive=exclusive, directory=folder):
                    return False
            except BlockingIOError:
                return True

    return asked


def test_checks_share_the_machine_and_an_exclusive_one_waits(tmp_path, waits):
    process = holder(tmp_path, "shared")
    assert not waits(tmp_path, exclusive=False)
    assert waits(tmp_path, exclusive=True)
    (tmp_path / "let go").touch()
    process.wait()
    with machine(exclusive=True, directory=tmp_path):
        assert (tmp_path / "released").exists()


def test_every_check_waits_for_an_exclusive_one(tmp_path, waits):
    process = holder(tmp_path, "alone")
    assert waits(tmp_path, exclusive=False)
    (tmp_path / "let go").touch()
    process.wait()


def test_exclusive_checks_run_last_of_their_subject(project):
    project.write(
        "test_a.py",
        """\
import pytest
@pytest.mark.ml_latency
def test_timed(ml_subject): pass
def test_untimed(ml_subject): pass
""",
    )
    result = project.run("-v")
    lines = [line.split(" ")[0] for line in result.outlines if "PASSED" in line]
    assert lines[-1] == "test_a.py::test_timed"
    assert len(lines) == 5
