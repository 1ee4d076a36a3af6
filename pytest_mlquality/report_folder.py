"""The report folder: what may stand in it, whose turn it is to write there, and where the run before goes.

Nothing here imports more than the standard library: it is done before pytest has loaded anything that could fail.
"""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pytest_mlquality.errors import EvidenceError
from pytest_mlquality.folder_lock import LOCK, locked
from pytest_mlquality.journal import DeadJournal, journal_name, run_of
from pytest_mlquality.run_id import is_run_id, new_run_id
from pytest_mlquality.whole_file import DRAFT, unwritten

EVIDENCE = "evidence.json"
# What the reports of this package draw from the evidence; it goes where the evidence goes.
PAGES = ("report.html", "summary.md", "metrics.prom")
RUNS = "runs"
# Far above any evidence, far below what would take a machine's memory.
MOST_BYTES = 256 * 2**20


def require_usable(directory: Path) -> None:
    """Refuse a report folder that cannot hold a report.

    Raises
    ------
    EvidenceError
        Naming what stands in the way: of the folder's name, or of a name of ours in it.
    """
    if not os.path.lexists(directory):
        return
    remedy = "move it, or choose another folder with --ml-report DIR"
    if not directory.is_dir():
        raise EvidenceError(f"evidence cannot be written to {directory}: it is {_kind(directory)}", remedy)
    wanted = {**dict.fromkeys((EVIDENCE, *PAGES, LOCK), stat.S_ISREG), RUNS: stat.S_ISDIR}
    for name, fits in wanted.items():
        path = directory / name
        if os.path.lexists(path) and not fits(path.lstat().st_mode):
            raise EvidenceError(f"evidence cannot be written to {directory}: {name} is {_kind(path)} there", remedy)
    for folder in (directory, directory / RUNS):
        if folder.is_dir() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise EvidenceError(f"evidence cannot be written to {folder}: it may not be written to", remedy)


def _kind(path: Path) -> str:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return "a link" if path.exists() else "a link that leads nowhere"
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFREG: "a file", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def runs_now(directory: Path) -> bool:
    """Return whether a run lives that writes into this folder."""
    for path in journals(directory):
        dead = DeadJournal.claim(path)
        if dead is None:
            return True
        dead.close()
    return False


def journals(directory: Path) -> list[Path]:
    """Return the journals in a folder, the oldest run first."""
    return sorted(path for path in directory.glob(journal_name("*")) if run_of(path) and _is_file(path))


def _is_file(path: Path) -> bool:
    # Not the methods of Path, which raise where a name is too long.
    return os.path.isfile(path) and not os.path.islink(path)


def set_aside(directory: Path, *, but: str = "") -> str | None:
    """Move evidence and pages that stand in the folder to ``runs/<id>.json`` and ``runs/<id>/``, and return that id.

    The caller holds the folder.

    Parameters
    ----------
    but
        Leave those of this run, whose evidence is only written anew.

    Raises
    ------
    OSError
        Where they cannot be moved.
    """
    standing = [name for name in (EVIDENCE, *PAGES) if _is_file(directory / name)]
    run = run_in(directory / EVIDENCE)
    if not standing or (but and run == but):
        return None
    kept = directory / RUNS
    kept.mkdir(exist_ok=True)
    if run is None or any(os.path.lexists(place) for place in (kept / f"{run}.json", kept / run)):
        # What the file says is no name, or the name of something else.
        run = "unknown-" + new_run_id(datetime.now(UTC).isoformat())
    for name in standing:
        (directory / name).rename(_aside(directory, run, name))
    return run


def _aside(directory: Path, run: str, name: str) -> Path:
    if name == EVIDENCE:
        return directory / RUNS / f"{run}.json"
    folder = directory / RUNS / run
    folder.mkdir(exist_ok=True)
    return folder / name


def sweep(directory: Path) -> None:
    """Remove what a run that was killed left half written; the caller holds the folder, in which nobody writes then."""
    for draft in (path for folder in (directory, directory / RUNS) for path in folder.glob(".*")):
        if (named := DRAFT.fullmatch(draft.name)) and (named[1] in (EVIDENCE, *PAGES) or is_run_id(named[1][:-5])):
            draft.unlink(missing_ok=True)


def put_back(directory: Path, run: str) -> None:
    """Undo `set_aside` for a run that judged nothing, unless another has written in the meantime."""
    if (directory / EVIDENCE).exists():
        return
    for name in (*PAGES, EVIDENCE):
        place = directory / RUNS / (f"{run}.json" if name == EVIDENCE else f"{run}/{name}")
        if _is_file(place):
            place.rename(directory / name)
    with suppress(OSError):
        (directory / RUNS / run).rmdir()
    with suppress(OSError):
        (directory / RUNS).rmdir()


def drop_copy(directory: Path, run: str) -> None:
    """Remove what another run moved aside of a run that has written anew since."""
    for name in PAGES:
        (directory / RUNS / run / name).unlink(missing_ok=True)
    with suppress(OSError):
        (directory / RUNS / run).rmdir()
    (directory / RUNS / f"{run}.json").unlink(missing_ok=True)


def clear(directory: Path) -> None:
    """Remove evidence and pages, so that nothing says more than what could be written."""
    for name in (EVIDENCE, *PAGES):
        with suppress(OSError):
            (directory / name).unlink()


def remove_if_empty(directory: Path) -> None:
    """Remove a folder in which nothing stands but its lock."""
    if directory.is_dir() and [path.name for path in directory.iterdir()] in ([], [LOCK]):
        (directory / LOCK).unlink(missing_ok=True)
        with suppress(OSError):
            directory.rmdir()


def load(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    """Return what a file of evidence holds, its shape unchecked.

    Raises
    ------
    EvidenceError
        If it is not there, is no file, is larger than any evidence, or is not JSON.
    """
    anew = "run `pytest --ml-quality` anew"
    try:
        # A named pipe would be waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        raise EvidenceError(f"{path} does not exist", "run `pytest --ml-quality` first") from None
    except OSError as problem:
        raise EvidenceError(f"{path} cannot be read: {problem.strerror}", anew) from problem
    try:
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise EvidenceError(f"{path} is no file", anew)
            content = file.read(MOST_BYTES + 1)
    except OSError as problem:
        raise EvidenceError(f"{path} cannot be read: {problem.strerror}", anew) from problem
    if len(content) > MOST_BYTES:
        raise EvidenceError(f"{path} is no evidence: it is larger than {MOST_BYTES // 2**20} MiB", anew)
    try:
        return json.loads(content)
    except RecursionError:
        raise EvidenceError(f"{path} is no evidence: it is nested too deeply", anew) from None
    except ValueError as problem:
        raise EvidenceError(f"{path} is not JSON: {_said(problem)}", anew) from None


def _said(problem: ValueError) -> str:
    # Of text that is no UTF-8, or of a number of thousands of digits, Python says more than helps.
    return str(problem) if isinstance(problem, json.JSONDecodeError) else type(problem).__name__


def run_in(path: Path) -> str | None:
    """Return the id of the run whose evidence a file holds; None where it holds none, or the id is no name."""
    try:
        run = load(path)["run"]["id"]
    except (EvidenceError, KeyError, TypeError, IndexError):
        return None
    return run if is_run_id(run) else None


def begin(directory: Path, *, certainly: bool = False) -> str | None:
    """Set the run before aside, before anything of a new run can fail; return its id where there was one.

    Parameters
    ----------
    certainly
        Also where another run lives in the folder, which will write anew. Without it a worker of that very run may ask.

    Raises
    ------
    EvidenceError
        If the folder cannot hold a report, or the run before cannot be moved.
    """
    require_usable(directory)
    if not certainly and not any(_is_file(directory / name) for name in (EVIDENCE, *PAGES)):
        return None
    try:
        with locked(directory):
            if not certainly and runs_now(directory):
                return None
            sweep(directory)
            return set_aside(directory)
    except OSError as problem:
        raise unwritten(Path(problem.filename or directory), problem) from problem
