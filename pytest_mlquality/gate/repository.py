"""What git says of the code under test."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

PATIENCE_S = 10.0
# A repository's own configuration can name commands that git runs: a monitor of files, a filter of their content, a
# way to fetch what is missing. None of them is asked for commit and branch; what the user's own configuration says
# (Git LFS among it) holds. Without locks the index is not written anew, which would run a hook.
_QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "LC_ALL": "C"}
_NO_MONITOR = ("-c", "core.fsmonitor=false")
_OF_THE_REPOSITORY = ("local", "worktree")


def describe_repository(root: Path) -> dict[str, Any] | None:
    r"""Return commit, branch and whether files differ from it.

    None outside a repository, without git, and where git refuses, fails or takes longer than 10 s. Bytes of a name
    that are no UTF-8 are shown as ``\xff``.
    """
    try:
        filters = _own_filters(root)
        lines = _git(root, *filters, "status", "--porcelain=v2", "--branch", "--untracked-files=no").splitlines()
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    heads = {
        key: value for key, _, value in (line[2:].partition(" ") for line in lines if line.startswith("# branch."))
    }
    commit, branch = heads.get("branch.oid"), heads.get("branch.head")
    return {
        "commit": None if commit == "(initial)" else commit,
        "branch": None if branch == "(detached)" else branch,
        "dirty": any(not line.startswith("#") for line in lines),
    }


def _own_filters(root: Path) -> list[str]:
    """Return what switches off the content filters that the repository itself names.

    Raises
    ------
    ValueError
        For a filter whose name no option of git can hold.
    """
    found = _git(root, "config", "--show-scope", "--name-only", "--get-regexp", r"^filter\.", none_found=1)
    off = []
    for line in found.splitlines():
        scope, _, key = line.partition("\t")
        if scope in _OF_THE_REPOSITORY:
            if "=" in key:
                raise ValueError(key)
            off += ["-c", f"{key}={'false' if key.endswith('.required') else ''}"]
    return off


def _git(root: Path, *arguments: str, none_found: int = 0) -> str:
    """Return what git prints; it and all that it started end after 10 s at the latest."""
    command = ["git", *_NO_MONITOR, *arguments]
    with subprocess.Popen(
        command,
        cwd=root,
        env=os.environ | _QUIET,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as git:
        try:
            printed, _ = git.communicate(timeout=PATIENCE_S)
        except BaseException:
            _end(git)
            raise
    if git.returncode not in (0, none_found):
        raise subprocess.CalledProcessError(git.returncode, command)
    return printed.decode("utf-8", "backslashreplace")


def _end(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
