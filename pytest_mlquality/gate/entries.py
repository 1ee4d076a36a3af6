"""What is entered into the journal of a run: its subjects, how checks begin and end, and what they measure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlquality.gate.subject_run import SubjectRun
from pytest_mlquality.gate.trial import Trial
from pytest_mlquality.gate.trials import metadata_of

if TYPE_CHECKING:
    from pytest_mlquality.journal import Journal, NoJournal


class Entries:
    """The entries of one process; where nothing runs there is no journal, and nothing is entered.

    Parameters
    ----------
    journal
        Called for the journal, or None.
    stage
        That of the run.
    """

    def __init__(self, journal: Callable[[], Journal | NoJournal | None], stage: str) -> None:
        self._journal = journal
        self._stage = stage
        self._declared: set[str] = set()

    def plan(self, subjects: Iterable[SubjectRun], tests: dict[str, str]) -> None:
        """Enter what each subject demands, and the users' tests with the subjects that they judge."""
        for subject in subjects:
            self.declare(subject)
        self._enter("plan", tests=tests)

    def declare(self, subject: SubjectRun) -> None:
        """Enter a subject, once."""
        if self._journal() is not None and subject.file not in self._declared:
            self._declared.add(subject.file)
            self._enter("subject", subject=subject.declared())

    def rejected(self, subject: dict[str, Any], check: dict[str, Any], end: dict[str, Any]) -> None:
        """Enter a gate file that cannot be judged: it fails in the evidence too, and not only in the terminal."""
        self._enter("subject", subject=subject)
        self._enter("begin", subject=subject["file"], check=check)
        self._enter("end", subject=subject["file"], check=check["id"], end=end)

    def loaded(self, file: str, field: str, value: Any) -> None:  # noqa: ANN401 - what the field holds
        """Enter what a subject has loaded."""
        self._enter("fact", subject=file, field=field, value=value)

    def begun(self, item: pytest.Item, trial: Trial) -> None:
        """Enter that a check has begun."""
        self.declare(trial.subject)
        self._enter("begin", subject=trial.subject.file, check=metadata_of(item, trial, self._stage))

    def measured(self, trial: Trial, measurement: dict[str, Any]) -> None:
        """Enter what a check has measured."""
        self._enter("measurement", subject=trial.subject.file, check=trial.check, measurement=measurement)

    def ended(self, trial: Trial, duration: float) -> None:
        """Enter how a check has ended, after so many seconds."""
        self._enter("end", subject=trial.subject.file, check=trial.check, end=trial.ending(duration))

    def _enter(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - any JSON value
        journal = self._journal()
        if journal is not None:
            journal.append(kind, **fields)
