"""The run's evidence on disk: a journal while it lasts, evidence.json and the reports at its end."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pytest_mlquality.assembly import assemble
from pytest_mlquality.errors import EvidenceError
from pytest_mlquality.evidence import newest_evidence, recover, write_evidence
from pytest_mlquality.fault import fault_of
from pytest_mlquality.folder_lock import locked
from pytest_mlquality.gate.provenance import now
from pytest_mlquality.journal import Journal, journal_name
from pytest_mlquality.report_folder import begin, clear, put_back, remove_if_empty
from pytest_mlquality.whole_file import is_full, unwritten

REPORTS = "pytest_mlquality.reports"
# Evidence is written anew while a run lasts, but never for more than about a twentieth of its time.
REFRESH_SHARE = 0.05
# pytest's exit status where something was lost of a run that would have ended well: that of a failed test.
LOST = 1
# pytest's exit statuses of a run that came to its end: all passed, some failed, nothing was to run.
_ENDED = (0, 1, 5)


class Ledger:
    """Where the measurements of a run go, on the process that started it and on its workers.

    Parameters
    ----------
    directory
        The report folder.
    run
        The evidence's ``run``.
    aside
        The run before, where it was set aside already when pytest began.

    Raises
    ------
    EvidenceError
        If the folder cannot hold the evidence.
    """

    def __init__(self, directory: Path, run: dict[str, Any], *, aside: str | None = None) -> None:
        self.directory = directory
        self.written: list[Path] = []
        # What became of runs that were cut off before this one.
        self.recovered: list[str] = []
        # What went wrong without anything being lost.
        self.problems: list[str] = []
        self.exit_status = 0
        self._lost_by_workers: list[str] = []
        self._stands = False
        self._next_refresh = 0.0
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self.recovered = recover(directory)
            self._aside = begin(directory, certainly=True) or aside
            self._previous = _previous_in(directory)
            # Another run that begins now must not take a journal that is not locked yet for that of a dead one.
            with locked(directory):
                self.journal = Journal(directory / journal_name(run["id"]))
        except (OSError, ValueError) as error:
            raise EvidenceError(
                f"evidence cannot be written to {directory}: {getattr(error, 'strerror', None) or error}",
                "name a folder that can be written to, with room, with --ml-report DIR",
            ) from error
        self.journal.append("run", run=run)
        if self.journal.lost:
            self.journal.close()
            self.journal.path.unlink(missing_ok=True)
            raise EvidenceError(self.journal.lost, "make room there, or choose another folder with --ml-report DIR")

    def refresh(self, *, at_once: bool = False) -> None:
        """Write what was measured so far, if the last time is long enough ago; what fails is tried again."""
        began = time.monotonic()
        if began < self._next_refresh and not at_once:
            return
        with suppress(EvidenceError):
            self._publish(self._assembled())
        self._next_refresh = began + (time.monotonic() - began) / REFRESH_SHARE

    def worker_lost(self, why: str) -> None:
        """Note that measurements of a worker are lost."""
        self._lost_by_workers.append(why)

    def close(self, exit_status: int) -> dict[str, Any] | None:
        """Write the evidence of the whole run and end the journal; None where no subject was judged.

        Where anything of it cannot be written, the run is no pass: `exit_status` is not 0, nothing on disk says
        otherwise, and the journal stays where the evidence cannot.
        """
        self.exit_status = exit_status
        try:
            evidence = self._ended()
        except EvidenceError as error:
            self.problems.append(f"there is no evidence, its journal is kept as {self.journal.path}: {error.message}")
            self.exit_status = exit_status or LOST
            self.journal.close()
            return None
        lost = evidence["run"]["problems"]
        self.problems += [problem for problem in lost if problem not in self.problems]
        self.exit_status = exit_status or (LOST if lost else 0)
        if not evidence["subjects"] and not lost:
            self._leave()
        elif self._stands:
            self.journal.path.unlink(missing_ok=True)
        else:
            self.problems.append(f"the journal is kept as {self.journal.path}")
        self.journal.close()
        return evidence if evidence["subjects"] else None

    def _ended(self) -> dict[str, Any]:
        finished = now()
        evidence = self._assembled(finished=finished)
        self._stands = False
        lost = self._publish(evidence) or self._summarise()
        if lost:
            # What could be written says more than the whole does, and takes the room of what says less.
            clear(self.directory)
            self._stands = False
            evidence = self._assembled(finished=finished, lost=lost)
            self._publish(evidence)
        return evidence

    def _leave(self) -> None:
        """Leave the folder as it was found: nothing was judged."""
        # Where that is not possible nothing is lost: what was set aside stands in runs/.
        with suppress(OSError, EvidenceError):
            self.journal.path.unlink(missing_ok=True)
            self._restore()

    def _restore(self) -> None:
        if not self.directory.is_dir():
            return
        with locked(self.directory):
            if self._aside is not None and self.exit_status in _ENDED:
                put_back(self.directory, self._aside)
            remove_if_empty(self.directory)

    def _publish(self, evidence: dict[str, Any]) -> list[str]:
        """Write evidence and reports, together; return what could not be written."""
        if not evidence["subjects"]:
            return []
        self.problems = []
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            with locked(self.directory):
                write_evidence(self.directory, evidence)
                self._stands = True
                self.written, self.problems, lost = _drawn(evidence, self.directory)
        except EvidenceError as error:
            return [f"the evidence could not be written: {error.message}"]
        except OSError as error:
            return [f"the evidence could not be written: {unwritten(self.directory, error).message}"]
        return lost

    def _summarise(self) -> list[str]:
        """Show the summary on the page of a GitHub Actions run, where this is one; return what found no room."""
        target, summary = os.environ.get("GITHUB_STEP_SUMMARY"), self.directory / "summary.md"
        if not target or not summary.is_file():
            return []
        try:
            with Path(target).open("a", encoding="utf-8") as page:
                page.write(summary.read_text(encoding="utf-8"))
        except OSError as error:
            problem = f"the summary could not be appended to $GITHUB_STEP_SUMMARY: {error.strerror}"
            if is_full(error):
                return [problem]
            self.problems.append(problem)
        return []

    def notes(self) -> list[tuple[str, str]]:
        """Return what was inferred for the subjects: gate file and note, each once."""
        lines = [line for line in self.journal.read().lines if line.get("field") == "note"]
        return list(dict.fromkeys((str(line.get("subject")), str(line.get("value"))) for line in lines))

    def _assembled(self, *, finished: str | None = None, lost: list[str] | None = None) -> dict[str, Any]:
        journal = self.journal.read()
        for line in journal.lines:
            if line["kind"] == "subject" and isinstance(line.get("subject"), dict):
                line["subject"]["previous"] = self._previous.get(str(line["subject"].get("file")))
        problems = [*filter(None, [self.journal.lost]), *self._lost_by_workers, *(lost or ())]
        evidence = assemble(journal, finished=finished, problems=problems)
        if finished is not None:
            evidence["run"]["exit_status"] = self.exit_status or (LOST if evidence["run"]["problems"] else 0)
        return evidence


def _previous_in(directory: Path) -> dict[str, dict[str, Any]]:
    try:
        before = newest_evidence(directory)
    except EvidenceError:
        return {}
    return {
        subject["file"]: {
            "run": before["run"]["id"],
            "digest": before["content_digest"],
            "outcomes": {check["id"]: check["outcome"] for check in subject["checks"]},
        }
        for subject in before["subjects"]
    }


def write_reports(evidence: dict[str, Any], directory: Path) -> tuple[list[Path], list[str]]:
    """Let every installed report draw the evidence; return the files, and what went wrong with which."""
    written, problems, lost = _drawn(evidence, directory)
    return written, [*problems, *lost]


def _drawn(evidence: dict[str, Any], directory: Path) -> tuple[list[Path], list[str], list[str]]:
    """Return the files, which reports have a fault of their own, and which could not be written."""
    written, problems, lost = [], [], []
    for report in sorted(entry_points(group=REPORTS), key=lambda entry: entry.name):
        try:
            written.append(report.load()(evidence, directory))
        except (EvidenceError, OSError) as error:
            said = error.message if isinstance(error, EvidenceError) else error.strerror
            lost.append(f"the report {report.name!r} could not be written: {said}")
        except Exception as error:
            why = fault_of(error, "the evidence is complete") or f"{type(error).__name__}: {error}"
            problems.append(f"the report {report.name!r} could not be written: {why}")
    return written, problems, lost
