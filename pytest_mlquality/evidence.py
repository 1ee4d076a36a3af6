"""The file that holds the evidence of a run: written, read, and drawn from the journal of a run that was cut off."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from pytest_mlquality.assembly import assemble
from pytest_mlquality.errors import EvidenceError
from pytest_mlquality.evidence_format import holds_rows, validate
from pytest_mlquality.folder_lock import locked
from pytest_mlquality.journal import DeadJournal
from pytest_mlquality.report_folder import EVIDENCE, RUNS, drop_copy, journals, load, run_in, set_aside
from pytest_mlquality.run_id import is_run_id
from pytest_mlquality.whole_file import Unwritten, unwritten, write_whole


def write_evidence(directory: Path, evidence: dict[str, Any]) -> Path:
    """Validate and write ``evidence.json``, whole or not at all; the caller holds the folder.

    The file of another run that stands there moves to ``runs/<id>.json`` first. Where the settings let it hold rows,
    its owner alone reads it.

    Raises
    ------
    EvidenceError
        If it does not have its shape, or cannot be written.
    """
    validate(evidence)
    path, run = directory / EVIDENCE, evidence["run"]["id"]
    try:
        set_aside(directory, but=run)
        drop_copy(directory, run)
    except OSError as problem:
        raise unwritten(Path(problem.filename2 or problem.filename or path), problem) from problem
    return _write(path, evidence)


def _write(path: Path, evidence: dict[str, Any]) -> Path:
    text = json.dumps(evidence, indent=1, allow_nan=False) + "\n"
    return write_whole(path, text, private=holds_rows(evidence))


def read_evidence(place: Path) -> dict[str, Any]:
    """Return the evidence of the newest run in a folder, also of one that was cut off, or that of a file.

    Raises
    ------
    EvidenceError
        If there is none, or it is not evidence.
    """
    if not place.is_dir():
        return _read(place)
    told: list[str] = []
    with suppress(OSError):
        # A folder that may only be read keeps its journals; what it holds may be read.
        told = recover(place)
    before = _runs(place)
    if (told or before) and not (place / EVIDENCE).exists():
        why = "; ".join(told) or "the newest run ended before it judged anything"
        named = f"; the evidence of the run before it is {before[0]}" if before else ""
        raise EvidenceError(f"{place / EVIDENCE} does not exist: {why}", f"run `pytest --ml-quality` again{named}")
    return _read(place / EVIDENCE)


def newest_evidence(directory: Path) -> dict[str, Any]:
    """Return the evidence of the newest run of a folder that judged anything, where newer ones died at their start.

    Raises
    ------
    EvidenceError
        If there is none, or it is not evidence.
    """
    try:
        return read_evidence(directory)
    except EvidenceError:
        for path in _runs(directory):
            with suppress(EvidenceError):
                return _read(path)
        raise


def _runs(directory: Path) -> list[Path]:
    """Return the evidence of earlier runs, the newest first."""
    return sorted((path for path in directory.glob(f"{RUNS}/*.json") if is_run_id(path.stem)), reverse=True)


def _read(path: Path) -> dict[str, Any]:
    evidence: dict[str, Any] = load(path)
    validate(evidence)
    return evidence


def recover(directory: Path) -> list[str]:
    """Fold the journals of runs that were cut off into evidence, so that nothing measured is lost; return what to tell.

    A journal whose run lives, here or in another container, is left to it. One that gives no evidence moves to
    ``runs/``, so that it stops no later run.

    Raises
    ------
    OSError
        Where the folder cannot be written to.
    """
    if not journals(directory):
        return []
    told = []
    with locked(directory):
        for path in journals(directory):
            dead = DeadJournal.claim(path)
            if dead is None:
                continue
            try:
                told += _taken_in(directory, dead)
            finally:
                dead.close()
    return told


def _taken_in(directory: Path, dead: DeadJournal) -> list[str]:
    journal, path = dead.read(), dead.path
    declared = any(line["kind"] == "subject" for line in journal.lines)
    if not declared and not journal.damaged:
        # It was cut off before it knew what to judge.
        path.unlink()
        return []
    try:
        evidence = assemble(journal, problems=["the last line of its journal was cut short"] if journal.cut else ())
        evidence["run"]["id"] = dead.run
        _place(directory, evidence)
    except Unwritten:
        raise
    except EvidenceError as error:
        kept = directory / RUNS / path.name
        kept.parent.mkdir(exist_ok=True)
        path.rename(kept)
        return [f"a run that was cut off gives no evidence, its journal is kept as {kept}: {error.message}"]
    path.unlink()
    return [f"the run {dead.run} was cut off: {problem}" for problem in evidence["run"]["problems"]]


def _place(directory: Path, evidence: dict[str, Any]) -> None:
    """Write recovered evidence where it belongs: a newer run's stays where it is."""
    run = evidence["run"]["id"]
    standing = run_in(directory / EVIDENCE)
    if not evidence["subjects"]:
        raise EvidenceError("it names no subject")
    if standing is None or standing <= run:
        write_evidence(directory, evidence)
        return
    validate(evidence)
    (directory / RUNS).mkdir(exist_ok=True)
    _write(directory / RUNS / f"{run}.json", evidence)
