"""Folders that may not be entered, that a kernel makes up, or whose names pytest reads as something else."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_mlquality.gate import files
from pytest_mlquality.gate.files import gate_file_of, gate_files_elsewhere, gate_files_under

SKIPPED = [".*", "venv"]


def config_of(root, *, called_in=None, arguments=None, configuration=None):
    called_in = called_in or root
    return SimpleNamespace(
        rootpath=root,
        inipath=configuration,
        args=[str(called_in)] if arguments is None else arguments,
        invocation_params=SimpleNamespace(dir=called_in),
        getini=lambda name: {"norecursedirs": SKIPPED}[name],
    )


def gate(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mlquality.toml").touch()
    return folder / "mlquality.toml"


WALK = """
import os, sys
from pathlib import Path
from types import SimpleNamespace
from pytest_mlquality.gate.files import gate_files_under
if os.geteuid() == 0:
    os.setuid(65534)
print(gate_files_under(Path(sys.argv[1]), SimpleNamespace(getini=lambda name: [])))
"""


def test_a_folder_that_may_not_be_entered_is_skipped(tmp_path):
    for parent in [tmp_path, *tmp_path.parents]:
        if parent.stat().st_uid == os.geteuid():
            parent.chmod(parent.stat().st_mode | 0o755)
    found = gate(tmp_path / "open")
    closed = [tmp_path / "closed", tmp_path / "open" / "listed only", tmp_path / "entered only"]
    for folder, mode in zip(closed, (0o000, 0o444, 0o111), strict=True):
        gate(folder / "below")
        folder.chmod(mode)
    try:
        done = subprocess.run(
            [sys.executable, "-c", WALK, str(tmp_path)], capture_output=True, text=True, timeout=120, check=False
        )
    finally:
        for folder in closed:
            folder.chmod(0o755)
    assert (done.stdout.strip(), done.returncode) == (str([found]), 0), done.stderr


def test_a_folder_that_links_to_itself_is_walked_once(tmp_path):
    found = gate(tmp_path / "a")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert gate_files_under(tmp_path, config_of(tmp_path)) == [found]


def test_what_the_kernel_makes_up_is_not_walked(tmp_path, monkeypatch):
    found = gate(tmp_path / "project")
    gate(tmp_path / "proc" / "1")
    monkeypatch.setattr(files, "_NO_DISK", {str(tmp_path / "proc")})
    assert gate_files_under(tmp_path, config_of(tmp_path)) == [found]


@pytest.fixture
def walked(monkeypatch):
    """The folders that were walked for gate files."""
    roots = []
    monkeypatch.setattr(files, "gate_files_under", lambda root, _config: roots.append(root) or [])
    return roots


def test_a_disks_root_is_not_walked_unless_its_configuration_stands_there(tmp_path, walked):
    root = Path(tmp_path.anchor)
    assert gate_files_elsewhere(config_of(root, called_in=tmp_path)) == []
    assert gate_files_elsewhere(config_of(root, called_in=tmp_path, configuration=tmp_path / "pytest.ini")) == []
    assert walked == []
    gate_files_elsewhere(config_of(root, called_in=tmp_path, configuration=root / "pytest.ini"))
    assert walked == [root]


def test_what_pytest_looks_at_itself_is_not_walked_twice(tmp_path, walked):
    assert gate_files_elsewhere(config_of(tmp_path)) == []
    assert walked == []
    gate_files_elsewhere(config_of(tmp_path, arguments=["tests"]))
    assert walked == [tmp_path]


def test_a_run_below_a_given_root_of_the_disk_judges_the_gate_beside_it(project):
    project.run("--rootdir=/").assert_outcomes(passed=3)
    assert project.evidence()["verdict"] == "pass"


@pytest.mark.parametrize("name", ["br[ack]et", "co::lon"])
def test_a_gate_file_that_pytest_cannot_be_told_of_is_refused_by_name(tmp_path, name):
    gate(tmp_path / name)
    with pytest.raises(pytest.UsageError, match="cannot be collected from here: pytest takes :: and"):
        gate_files_elsewhere(config_of(tmp_path, arguments=["tests"]))


@pytest.mark.parametrize(
    ("nodeid", "file"),
    [
        ("mlquality.toml::performance::test_a[x]", "mlquality.toml"),
        ("co::lon/a.mlquality.toml::performance::test_a[x::y]", "co::lon/a.mlquality.toml"),
        ("br[ack]et/mlquality.toml::schema::test_a", "br[ack]et/mlquality.toml"),
        ("tests/test_a.py::test_b[mlquality.toml]", None),
        ("test_a.py::test_b", None),
    ],
)
def test_the_gate_file_of_a_node_id(nodeid, file):
    assert gate_file_of(nodeid) == file


def gate_in(project, name):
    folder = project.path / name
    folder.mkdir()
    for file in ("mlquality.toml", "model.skops", "train.parquet", "test.parquet"):
        (project.path / file).rename(folder / file)
    (folder / "test_own.py").write_text("def test_a(ml_subject): pass\ndef test_b(): pass\n")


@pytest.mark.parametrize("name", ["br[ack]et", "co::lon", "new\nline"])
def test_a_gate_in_a_folder_of_an_odd_name_is_judged(project, name):
    gate_in(project, name)
    project.run().assert_outcomes(passed=5)
    assert project.evidence()["verdict"] == "pass"
    assert project.subject()["counts"] == {"passed": 4}


@pytest.mark.parametrize("name", ["br[ack]et", "co::lon"])
def test_a_gate_that_pytest_takes_for_a_test_is_refused_in_one_line(project, name):
    gate_in(project, name)
    result = project.run(f"{name}/mlquality.toml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_a_gate_in_a_folder_whose_name_is_no_text_is_refused_in_one_line(project):
    gate_in(project, os.fsdecode(b"caf\xe9"))
    result = project.run()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "/caf\\udce9/mlquality.toml' is no UTF-8, which node ids are: rename its folder" in result.stdout.str()
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_a_run_whose_working_directory_goes_away_ends(project, monkeypatch):
    monkeypatch.chdir(project.path)
    project.write(
        "test_a_own.py",
        "import os\ndef test_a(ml_subject, tmp_path):\n    os.chdir(tmp_path)\n    tmp_path.rmdir()\n",
    )
    project.run().assert_outcomes(passed=4)
    monkeypatch.chdir(project.path)
    assert project.evidence()["verdict"] == "pass"
