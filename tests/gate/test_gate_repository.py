"""What git says of the code: never a traceback, never a command that the repository itself names."""

import os
import subprocess

import pytest

from pytest_mlquality.gate import repository
from pytest_mlquality.gate.repository import describe_repository


class Repository:
    def __init__(self, folder):
        self.folder = folder
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "ana")
        self.git("config", "user.email", "ana@example.org")
        (folder / "code.py").write_text("x = 1\n")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "first")

    def git(self, *arguments):
        subprocess.run(["git", *arguments], cwd=self.folder, check=True, timeout=60, stdin=subprocess.DEVNULL)

    def configure(self, text):
        with (self.folder / ".git" / "config").open("a") as file:
            file.write(text)


@pytest.fixture
def code(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    return Repository(tmp_path)


def test_commit_branch_and_changes_are_told(code):
    clean = describe_repository(code.folder)
    assert (len(clean["commit"]), clean["branch"], clean["dirty"]) == (40, "main", False)
    (code.folder / "code.py").write_text("x = 2\n")
    assert describe_repository(code.folder) == {**clean, "dirty": True}
    code.git("checkout", "-q", "--detach")
    assert describe_repository(code.folder)["branch"] is None


@pytest.mark.parametrize(("name", "shown"), [(b"caf\xe9", "caf\\xe9"), ("été".encode(), "été")])
def test_a_branch_in_any_encoding_is_told(code, name, shown):
    code.git("checkout", "-q", "-b", name)
    assert describe_repository(code.folder)["branch"] == shown


def test_a_branch_in_another_encoding_costs_no_run(project, monkeypatch):
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    Repository(project.path).git("checkout", "-q", "-b", b"caf\xe9")
    project.run().assert_outcomes(passed=3)
    assert project.evidence()["run"]["git"]["branch"] == "caf\\xe9"


DAMAGE = {
    "no head": lambda git: (git / "HEAD").unlink(),
    "a head of other bytes": lambda git: (git / "HEAD").write_bytes(b"\xff\x00 nothing"),
    "a cut index": lambda git: (git / "index").write_bytes((git / "index").read_bytes()[:20]),
    "a configuration that is none": lambda git: (git / "config").write_bytes(b"[core\n\xff"),
    "no objects": lambda git: (git / "objects").rename(git / "gone"),
    "a file in place of the folder": lambda git: (git.rename(git.with_name("gone")), git.write_bytes(b"\xff")),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_of_a_damaged_repository_nothing_is_told(code, damage):
    damage(code.folder / ".git")
    assert describe_repository(code.folder) is None


def test_without_git_nothing_is_told(code, monkeypatch):
    monkeypatch.setenv("PATH", str(code.folder))
    assert describe_repository(code.folder) is None


def test_a_git_that_hangs_is_ended_with_all_that_it_started(code, monkeypatch, tmp_path_factory):
    commands = tmp_path_factory.mktemp("commands")
    os.mkfifo(commands / "never")
    # Both ends of the pipe are held open by the child alone: reading its other end ends when the child does.
    os.mkfifo(commands / "alive")
    script = commands / "git"
    script.write_text(f"#!/bin/sh\n(exec 3>{commands}/alive; read x <>{commands}/never) &\nwait\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(commands), prepend=os.pathsep)
    monkeypatch.setattr(repository, "PATIENCE_S", 1.0)
    reader = os.open(commands / "alive", os.O_RDONLY | os.O_NONBLOCK)
    assert describe_repository(code.folder) is None
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""
    os.close(reader)


HOSTILE = {
    "a monitor of files": '[core]\n\tfsmonitor = "touch ran; false"\n',
    "a filter of content": '[filter "f"]\n\tclean = "touch ran; cat"\n\trequired = true\n',
    "a filter that goes on": '[filter "f"]\n\tprocess = "touch ran; exec cat"\n',
    "a filter whose name no option holds": '[filter "f=g"]\n\tclean = "touch ran; cat"\n[filter "f"]\n\tclean = cat\n',
    "a hook": "[core]\n\thooksPath = {folder}\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_command_that_the_repository_names_is_run(code, text):
    (code.folder / ".gitattributes").write_text("code.py filter=f\n" if "f=g" not in text else "code.py filter=f=g\n")
    hook = code.folder / "post-index-change"
    hook.write_text("#!/bin/sh\ntouch ran\n")
    hook.chmod(0o755)
    code.configure(text.format(folder=code.folder))
    # The same size at another time: git has to read it, and would write the index anew.
    (code.folder / "code.py").write_text("x = 1\n")
    os.utime(code.folder / "code.py", (1, 1))
    describe_repository(code.folder)
    assert not (code.folder / "ran").exists()
    code.git("status")
    assert (code.folder / "ran").exists() or "f=g" in text


def test_a_filter_of_the_users_own_holds(code, monkeypatch, tmp_path_factory):
    own = tmp_path_factory.mktemp("own") / "config"
    own.write_text('[filter "f"]\n\tclean = "tr a-z A-Z"\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(own))
    (code.folder / ".gitattributes").write_text("code.py filter=f\n")
    code.git("add", ".")
    code.git("commit", "-q", "-m", "filtered")
    os.utime(code.folder / "code.py", (1, 1))
    assert describe_repository(code.folder)["dirty"] is False
