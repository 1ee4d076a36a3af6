"""The machine-wide lock: shared by checks, held alone by those that measure time."""

import os
import subprocess
import sys
import tempfile
import time

import pytest

from pytest_mlquality.gate.exclusive import LOCK, TURN, Machine

HOLD = """
import sys, time
from pathlib import Path
from pytest_mlquality.gate.exclusive import Machine
folder = Path(sys.argv[1])
with Machine(folder / "lock").held(exclusive=sys.argv[2] == "alone") as why_not:
    (folder / "held").write_text(str(why_not))
    while not (folder / "let go").exists():
        time.sleep(0.01)
    (folder / "released").touch()
"""
HELD = "None"


def waited_for(path):
    until = time.monotonic() + 60
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.01)
    return path


@pytest.fixture
def hold(tmp_path):
    """Hold the lock in another process, which lets go of it when a file is there."""
    processes = []

    def started(how):
        processes.append(subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path), how]))
        assert waited_for(tmp_path / "held").read_text() in ("", HELD)
        return processes[-1]

    yield started
    for process in processes:
        process.kill()
        process.wait()


def is_free(folder, *, exclusive):
    """Whether the lock is had without waiting."""
    with Machine(folder / "lock", patience_s=0).held(exclusive=exclusive) as why_not:
        return why_not is None


def test_checks_share_the_machine_and_an_exclusive_one_waits(tmp_path, hold):
    process = hold("shared")
    assert is_free(tmp_path, exclusive=False)
    assert not is_free(tmp_path, exclusive=True)
    (tmp_path / "let go").touch()
    process.wait()
    with Machine(tmp_path / "lock").held(exclusive=True) as why_not:
        assert why_not is None
        assert (tmp_path / "released").exists()


def test_every_check_waits_for_an_exclusive_one(tmp_path, hold):
    process = hold("alone")
    assert not is_free(tmp_path, exclusive=False)
    (tmp_path / "let go").touch()
    process.wait()
    assert is_free(tmp_path, exclusive=False)


def test_no_stream_of_checks_goes_past_one_that_waits_to_be_alone(tmp_path, hold):
    with Machine(tmp_path / "lock").held(exclusive=False):
        waiting = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path), "alone"])
        until = time.monotonic() + 60
        while is_free(tmp_path, exclusive=False) and time.monotonic() < until:
            time.sleep(0.01)
        assert not (tmp_path / "held").exists()
    waited_for(tmp_path / "held")
    (tmp_path / "let go").touch()
    assert waiting.wait(60) == 0


def test_a_killed_holder_holds_nothing(tmp_path, hold):
    process = hold("alone")
    process.kill()
    process.wait()
    assert is_free(tmp_path, exclusive=True)


def test_a_child_that_a_check_left_behind_holds_nothing(tmp_path):
    end, other_end = os.pipe()
    with Machine(tmp_path / "lock").held(exclusive=True):
        child = os.fork()
        if child == 0:
            os.read(end, 1)
            os._exit(0)
    free = is_free(tmp_path, exclusive=True)
    os.write(other_end, b"x")
    os.waitpid(child, 0)
    assert free


def test_after_a_wait_in_vain_it_is_told_where_and_how_long_and_not_waited_for_again(tmp_path, hold):
    hold("alone")
    machine = Machine(tmp_path / "lock", patience_s=0.05)
    with machine.held(exclusive=True) as why_not:
        assert f"checks of other runs have held {tmp_path / 'lock' / LOCK} for 0.05 s" in why_not.message
        assert "fuser" in why_not.remedy
    with machine.held(exclusive=False) as why_not:
        assert "for 0 s" in why_not.message


def test_the_lock_stands_in_a_folder_of_the_users_own(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Machine().held(exclusive=True) as why_not:
        assert why_not is None
    folder = tmp_path / f"pytest-mlquality-{os.geteuid()}"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in folder.iterdir()} == {LOCK, TURN}


def elsewhere(folder):
    other = folder.with_name("elsewhere")
    other.mkdir(mode=0o700)
    return other


def linked_file(folder):
    folder.mkdir(mode=0o700)
    (folder / LOCK).symlink_to(elsewhere(folder) / "made")


IN_THE_WAY = {
    "a link to a folder": lambda folder: folder.symlink_to(elsewhere(folder)),
    "a link to nothing": lambda folder: folder.symlink_to(elsewhere(folder) / "made"),
    "a pipe": os.mkfifo,
    "a file": lambda folder: folder.touch(mode=0o600),
    "a folder for everybody": lambda folder: (folder.mkdir(), folder.chmod(0o777)),
    "a link in it": linked_file,
    "a pipe in it": lambda folder: (folder.mkdir(mode=0o700), os.mkfifo(folder / LOCK)),
    "a folder in it": lambda folder: (folder / TURN).mkdir(parents=True) or folder.chmod(0o700),
}


@pytest.mark.parametrize("put", IN_THE_WAY.values(), ids=IN_THE_WAY)
@pytest.mark.parametrize("exclusive", [True, False])
def test_what_stands_in_the_way_of_the_lock_is_told_and_neither_followed_nor_waited_for(tmp_path, put, exclusive):
    put(tmp_path / "lock")
    with Machine(tmp_path / "lock").held(exclusive=exclusive) as why_not:
        assert "the machine cannot be locked for measuring times" in why_not.message
        assert "TMPDIR" in why_not.remedy
    assert not (tmp_path / "elsewhere" / "made").exists()


def test_a_folder_of_another_user_is_not_taken(tmp_path, monkeypatch):
    (tmp_path / "lock").mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with Machine(tmp_path / "lock").held(exclusive=True) as why_not:
        assert "not a folder of this user's alone" in why_not.message


TIMED = """\
import pytest
@pytest.mark.ml_latency
def test_timed(ml_subject): pass
def test_untimed(ml_subject): pass
"""


def test_exclusive_checks_run_last_of_their_subject(project):
    project.write("test_a.py", TIMED)
    result = project.run("-v")
    lines = [line.split(" ")[0] for line in result.outlines if "PASSED" in line]
    assert lines[-1] == "test_a.py::test_timed"
    assert len(lines) == 5


def test_without_the_lock_a_timed_check_is_an_error_and_the_others_go_on(project, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    os.mkfifo(tmp_path / f"pytest-mlquality-{os.geteuid()}")
    project.write("test_a.py", TIMED)
    result = project.run()
    result.assert_outcomes(passed=4, errors=1, warnings=4)
    outcomes = project.outcomes()
    assert outcomes.pop("test_a.py::test_timed") == "error"
    assert set(outcomes.values()) == {"passed"}
    result.stdout.fnmatch_lines(["*the machine cannot be locked for measuring times: Not a directory*"])
