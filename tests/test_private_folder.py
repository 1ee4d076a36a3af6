"""Private temporary folders: only their user enters, and what a killed process left goes with the next run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.private_folder import private_folder, sweep

_MADE = "from pytest_mlquality.private_folder import private_folder; folder = private_folder('spill'); print(folder);"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def killed() -> Path:
    """Return the folder of a process that was killed."""
    ended = _python("(folder / 'rows').write_text('Ada'); import os; os.kill(os.getpid(), 9)")
    assert ended.returncode == -signal.SIGKILL
    return Path(ended.stdout.strip())


@pytest.fixture
def living() -> Iterator[Path]:
    """Yield the folder of a process that lives."""
    code = _MADE + "import sys; sys.stdout.flush(); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None
        yield Path(process.stdout.readline().strip())
        process.communicate(timeout=30)


def _python(then: str) -> subprocess.CompletedProcess[str]:
    code = f"{_MADE} import sys; sys.stdout.flush(); {then}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_only_its_user_may_enter_whatever_the_umask(mask: int, temporary: Path) -> None:
    before = os.umask(mask)
    try:
        folder = private_folder("spill")
    finally:
        os.umask(before)
    assert folder.parent == temporary
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_it_goes_at_the_end_of_its_process() -> None:
    ended = _python("(folder / 'rows').write_text('Ada')")
    assert ended.returncode == 0
    assert not Path(ended.stdout.strip()).exists()


def test_a_forked_process_leaves_the_folder_of_its_parent() -> None:
    ended = _python("import os; child = os.fork(); child or sys.exit(); os.waitpid(child, 0); print(folder.exists())")
    assert ended.stdout.split()[1] == "True"


def test_what_a_killed_process_left_goes_with_the_next_folder(killed: Path) -> None:
    assert (killed / "rows").exists()
    private_folder("models")
    assert not killed.exists()


def test_the_folder_of_a_living_process_stays(living: Path) -> None:
    sweep()
    assert living.exists()


def test_a_process_sweeps_no_folder_of_its_own() -> None:
    folder = private_folder("spill")
    sweep()
    assert folder.exists()


def test_nothing_is_swept_where_a_link_points(temporary: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    kept = tmp_path_factory.mktemp("kept")
    (kept / "owner.lock").touch()
    (temporary / "mlquality-spill-1-abc").symlink_to(kept)
    odd = temporary / "mlquality-spill-2-abc"
    odd.mkdir()
    (odd / "owner.lock").symlink_to(kept / "owner.lock")
    sweep()
    assert (kept / "owner.lock").exists()
    assert odd.exists()


def test_a_folder_of_another_kind_stays(temporary: Path) -> None:
    """A folder without a lock is none of ours, whatever it is called; a file neither."""
    (temporary / "mlquality-notes").mkdir()
    (temporary / "mlquality-file").touch()
    sweep()
    assert sorted(path.name for path in temporary.iterdir()) == ["mlquality-file", "mlquality-notes"]


def test_no_room_is_one_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(MLQualityError, match="no folder for temporary files") as caught:
        private_folder("spill")
    assert "TMPDIR" in str(caught.value)
