"""The run's evidence on disk: a journal while it lasts, evidence.json and the reports at its end."""

from __future__ import annotations

import os
import time
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pytest_mlquality.errors import EvidenceError
from pytest_mlquality.evidence import assemble, journal_name, read_evidence, recover, write_evidence
from pytest_mlquality.fault import fault_of
from pytest_mlquality.gate.provenance import now
from pytest_mlquality.journal import Journal, read_journal

REPORTS = "pytest_mlquality.reports"
# Evidence is written anew while a run lasts, but never for more than about a twentieth of its time.
REFRESH_SHARE = 0.05


class Ledger:
    """Where the measurements of a run go, on the process that started it and on its workers.

    Parameters
    ----------
    directory
        The report folder.
    run
        The evidence's ``run``.
    """

    def __init__(self, directory: Path, run: dict[str, Any]) -> None:
        self.directory = directory
        try:
            directory.mkdir(parents=True, exist_ok=True)
            recover(directory)
            self._previous = _previous_in(directory)
            self.journal = Journal(directory / journal_name(run["id"]))
        except OSError as error:
            raise EvidenceError(
                f"evidence cannot be written to {directory}: {error.strerror}", "name a folder with --ml-report DIR"
            ) from error
        self._first: dict[str, Any] = {"kind": "run", "run": run, "process": os.getpid()}
        self.journal.append(**self._first)
        self._next_refresh = 0.0
        self.written: list[Path] = []
        self.problems: list[str] = []

    def refresh(self, *, at_once: bool = False) -> None:
        """Write what was measured so far, if the last time is long enough ago."""
        began = time.monotonic()
        if began < self._next_refresh and not at_once:
            return
        self._publish(self._assembled())
        self._next_refresh = began + (time.monotonic() - began) / REFRESH_SHARE

    def close(self, exit_status: int) -> dict[str, Any] | None:
        """Write the evidence of the whole run and end the journal; None where no subject was judged."""
        evidence = self._assembled(finished=now(), exit_status=exit_status)
        self.journal.close()
        if self._publish(evidence):
            self.journal.path.unlink(missing_ok=True)
        if not evidence["subjects"]:
            _remove_if_empty(self.directory)
            return None
        try:
            _append_to_step_summary(self.directory)
        except OSError as error:
            self.problems.append(f"the summary could not be appended to $GITHUB_STEP_SUMMARY: {error.strerror}")
        return evidence

    def _publish(self, evidence: dict[str, Any]) -> bool:
        """Write evidence and reports; where that fails, keep the journal and say why."""
        if not evidence["subjects"]:
            return True
        self.problems = []
        try:
            write_evidence(self.directory, evidence)
        except (EvidenceError, OSError) as error:
            self.problems.append(f"the evidence could not be written, its journal is kept: {error}")
            return False
        self.written, problems = write_reports(evidence, self.directory)
        self.problems += problems
        return True

    def notes(self) -> list[tuple[str, str]]:
        """Return what was inferred for the subjects: gate file and note, each once."""
        lines = read_journal(self.journal.path) if self.journal.path.is_file() else []
        notes = [(line["subject"], line["value"]) for line in lines if line.get("field") == "note"]
        return list(dict.fromkeys(notes))

    def _assembled(self, **ending: Any) -> dict[str, Any]:  # noqa: ANN401 - the keywords of assemble
        # Gone only where a test removed the report folder: what is left to write is that the run was.
        lines = read_journal(self.journal.path) if self.journal.path.is_file() else [self._first]
        for line in lines:
            if line["kind"] == "subject":
                line["subject"]["previous"] = self._previous.get(line["subject"]["file"])
        return assemble(lines, **ending)


def _previous_in(directory: Path) -> dict[str, dict[str, Any]]:
    try:
        before = read_evidence(directory)
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


def _remove_if_empty(directory: Path) -> None:
    if directory.is_dir() and not any(directory.iterdir()):
        directory.rmdir()


def write_reports(evidence: dict[str, Any], directory: Path) -> tuple[list[Path], list[str]]:
    """Let every installed report draw the evidence; return the files, and what went wrong with which."""
    written, problems = [], []
    for report in sorted(entry_points(group=REPORTS), key=lambda entry: entry.name):
        try:
            written.append(report.load()(evidence, directory))
        except Exception as error:
            why = fault_of(error, "the evidence is complete") or f"{type(error).__name__}: {error}"
            problems.append(f"the report {report.name!r} could not be written: {why}")
    return written, problems


def _append_to_step_summary(directory: Path) -> None:
    """Show the summary on the page of a GitHub Actions run, where this is one."""
    target, summary = os.environ.get("GITHUB_STEP_SUMMARY"), directory / "summary.md"
    if target and summary.is_file():
        with Path(target).open("a", encoding="utf-8") as page:
            page.write(summary.read_text(encoding="utf-8"))
