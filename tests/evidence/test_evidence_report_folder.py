"""The report folder is looked at before anything is measured; what holds rows is its owner's alone."""

import os
import stat
from contextlib import suppress

import pytest
from reports_of import PAGES

from pytest_mlquality import folder_lock, report_folder
from pytest_mlquality.errors import EvidenceError
from pytest_mlquality.folder_lock import locked
from pytest_mlquality.whole_file import make_private_folder, replacing

NAMES = ("evidence.json", *PAGES)


def test_every_page_of_ours_is_known_to_the_folder():
    assert set(report_folder.PAGES) == set(PAGES)


def folder(path):
    path.mkdir()


def pipe(path):
    os.mkfifo(path)


def link_to_nowhere(path):
    path.symlink_to("nowhere")


def link_to_a_file(path):
    path.symlink_to("../rows.csv")


def link_to_a_folder(path):
    path.symlink_to("..")


def file(path):
    path.touch()


def loop(path):
    path.symlink_to(path.name)


ODD = [(name, kind) for name in (*NAMES, ".lock") for kind in (folder, pipe, link_to_nowhere, link_to_a_file, loop)]
ODD += [("runs", kind) for kind in (file, pipe, link_to_nowhere, link_to_a_folder, loop)]


@pytest.mark.parametrize(("name", "kind"), ODD, ids=lambda part: getattr(part, "__name__", part))
def test_an_odd_thing_at_a_name_of_ours_is_a_usage_error(gate, said, name, kind):
    gate.write("test_own.py", "open('measured', 'w').close()\n")
    gate.report.mkdir()
    kind(gate.report / name)
    result = gate.run()
    assert result.ret == 4
    text = said(result)
    assert f"{name} is a" in text
    assert "--ml-report DIR" in text
    assert not (gate.path / "measured").exists()
    assert [path.name for path in gate.report.iterdir()] == [name]


@pytest.mark.parametrize("kind", [file, pipe, link_to_nowhere, link_to_a_file, loop], ids=lambda kind: kind.__name__)
def test_a_report_folder_that_is_none_is_a_usage_error(gate, said, kind):
    if kind is link_to_a_file:
        gate.report.symlink_to("rows.csv")
    else:
        kind(gate.report)
    result = gate.run()
    assert result.ret == 4
    assert f"evidence cannot be written to {gate.report}: it is a" in said(result)


@pytest.mark.parametrize("chosen", ["rows.csv/below", "x" * 300, "a" * 200 + "/" + "b" * 300])
def test_a_report_folder_that_cannot_be_made_is_a_usage_error(gate, said, chosen):
    result = gate.run("--ml-report", chosen)
    assert result.ret == 4
    assert "evidence cannot be written to" in said(result)


def test_a_report_folder_may_be_a_link_to_one(gate):
    (gate.path / "volume").mkdir()
    gate.report.symlink_to("volume")
    assert gate.run().ret == 0
    assert gate.run().ret == 0
    assert gate.evidence()["verdict"] == "pass"
    assert len(list((gate.path / "volume" / "runs").glob("*.json"))) == 1


def test_other_things_in_the_folder_stay_and_trouble_nobody(gate):
    gate.report.mkdir()
    (gate.report / "journal-of-somebody.jsonl").symlink_to("nowhere")
    os.mkfifo(gate.report / "journal-20260101T000000-00000000.jsonl")
    (gate.report / "journal-..jsonl").write_text("{}")
    (gate.report / "notes.txt").write_text("mine")
    before = {path.name for path in gate.report.iterdir()}
    assert gate.run().ret == 0
    assert {path.name for path in gate.report.iterdir()} == {*before, *NAMES, ".lock"}


# Whoever may write to anything cannot be kept out by modes.
@pytest.mark.parametrize("name", ["", "runs"])
def test_a_folder_that_may_not_be_written_to_is_a_usage_error(gate, said, monkeypatch, name):
    (gate.report / "runs").mkdir(parents=True)
    kept = gate.report / name
    monkeypatch.setattr(os, "access", lambda path, mode: os.fspath(path) != os.fspath(kept))
    result = gate.run()
    assert result.ret == 4
    assert f"evidence cannot be written to {kept}: it may not be written to" in said(result)


def modes(folder):
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


JOURNAL = "import os, pathlib\ndef test_journal(ml_settings):\n    " + (
    "(file,) = pathlib.Path('ml-quality-report').glob('journal-*')\n    assert file.stat().st_mode & 0o777 == 0o600\n"
)


def test_what_may_hold_rows_is_its_owners_alone_whatever_the_umask(gate, umask):
    gate.write("test_own.py", JOURNAL)
    with (gate.path / "mlquality.toml").open("a") as settings:
        settings.write("[report]\nsamples = true\n")
    assert gate.run().ret == 0
    assert gate.run().ret == 0
    found = modes(gate.report)
    assert {found[name] for name in NAMES} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (gate.report / "runs").glob("*/*")} == {0o600}


def test_what_holds_no_rows_is_read_by_whom_the_umask_lets(gate, umask):
    gate.write("test_own.py", JOURNAL)
    assert gate.run().ret == 0
    found = modes(gate.report)
    assert {found[name] for name in NAMES} == {0o666 & ~umask}


def test_a_folder_for_rows_is_its_owners_alone_whatever_the_umask(tmp_path, umask):
    make_private_folder(tmp_path / "private" / "rows")
    with replacing(tmp_path / "private" / "rows" / "test.parquet", private=True) as file:
        file.write(b"a row")
    assert modes(tmp_path / "private") == {"private": 0o700, "rows": 0o700, "test.parquet": 0o600}


def test_a_file_whose_writing_fails_leaves_the_one_before_and_no_other(tmp_path):
    (tmp_path / "kept").write_text("before")
    with suppress(RuntimeError), replacing(tmp_path / "kept") as file:
        file.write(b"half")
        raise RuntimeError
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"kept": "before"}


def test_a_lock_of_another_user_is_held_too(tmp_path, monkeypatch):
    opened = os.open

    def refused(path, how, *mode):
        if how & os.O_RDWR:
            raise PermissionError
        return opened(path, how, *mode)

    (tmp_path / ".lock").touch(mode=0o444)
    monkeypatch.setattr(os, "open", refused)
    with locked(tmp_path):
        pass


def test_a_folder_that_is_held_for_ever_is_an_error_in_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_lock, "PATIENCE_S", 0)
    with locked(tmp_path), pytest.raises(EvidenceError, match="another process holds"), locked(tmp_path):
        pass
