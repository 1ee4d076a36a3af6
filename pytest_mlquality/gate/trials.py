"""Which test is which check of which subject."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.gate.collection import CheckItem
from pytest_mlquality.gate.order import exclusive_last
from pytest_mlquality.gate.selection import concern_of
from pytest_mlquality.gate.subject_run import SubjectRun
from pytest_mlquality.gate.subjects import Subjects
from pytest_mlquality.gate.trial import Trial
from pytest_mlquality.recording import Unrecorded
from pytest_mlquality.verdict import Judgement, Levels

Keep = Callable[[Trial, dict[str, Any]], None]
Begun = Callable[[pytest.Item, Trial], None]


class Slot:
    """The recorder of a running test: its trial once it is known to be an ML test, and nothing before."""

    def __init__(self) -> None:
        self.trial: Trial | None = None
        self._early: list[Judgement] = []

    def open(self, trial: Trial) -> None:
        """Give the test its trial, and the trial what was judged before."""
        self.trial = trial
        for judgement in self._early:
            trial.record(judgement)

    @property
    def levels(self) -> Levels:
        """The error levels of the subject."""
        return self.trial.levels if self.trial is not None else Unrecorded.levels

    def record(self, judgement: Judgement) -> bool:
        """Hand a judgement to the trial; keep it for the trial that may come."""
        if self.trial is not None:
            return self.trial.record(judgement)
        self._early.append(judgement)
        return Unrecorded().record(judgement)


class Trials:
    """The running tests of a session, and the subjects that its ML tests judge.

    Parameters
    ----------
    begun
        Called when a test has become a check of a subject.
    keep
        Called with each measurement that a check records.
    """

    def __init__(self, subjects: Subjects, begun: Begun, keep: Keep) -> None:
        self._subjects = subjects
        self._begun = begun
        self._keep = keep
        self._slots: dict[pytest.Item, Slot] = {}

    def plan(self, ml_tests: list[pytest.Item]) -> list[tuple[pytest.Item, str]]:
        """Find the subject of every ML test, and count the checks of each subject."""
        planned = []
        for item in ml_tests:
            try:
                subject = self._subjects.of(item)
            except MLQualityError:
                # The test itself says so when it runs.
                continue
            subject.plan(_check_id(item))
            planned.append((item, subject.file))
        if ml_tests:
            session = ml_tests[0].session
            session.items[:] = exclusive_last(session.items, dict(planned))
        return planned

    def begin(self, item: pytest.Item) -> Slot:
        """Open the slot of a test; an ML test gets its trial at once."""
        slot = self._slots[item] = Slot()
        if item.get_closest_marker("ml_quality") is not None:
            # Without a subject it has no trial, and says so in its setup.
            with suppress(MLQualityError):
                self._open(slot, item)
        return slot

    def of(self, item: pytest.Item) -> Trial | None:
        """Return the trial of a test that has begun; None for an ordinary test."""
        slot = self._slots.get(item)
        return slot.trial if slot is not None else None

    def samples_of(self, item: pytest.Item) -> bool:
        """Say whether what people read of a test may quote rows: as its subject's settings say, if it is an ML test."""
        trial = self.of(item)
        return trial is not None and trial.subject.settings.report.samples

    def end(self, item: pytest.Item) -> Trial | None:
        """Close the slot of a test and return its trial; measurements may hold on to the rows they were made from."""
        return self._slots.pop(item, Slot()).trial

    def adopt(self, item: pytest.Item) -> Trial:
        """Return the trial of a test that asks for its subject, whether or not it was known as an ML test.

        Raises
        ------
        MLQualityError
            If it has no subject.
        """
        slot = self._slots.setdefault(item, Slot())
        if slot.trial is not None:
            return slot.trial
        trial = self._open(slot, item)
        trial.subject.plan(trial.check)
        return trial

    def _open(self, slot: Slot, item: pytest.Item) -> Trial:
        trial = self._trial(item)
        self._begun(item, trial)
        slot.open(trial)
        return trial

    def _trial(self, item: pytest.Item) -> Trial:
        subject = self._subjects.of(item)
        return Trial(
            subject,
            _check_id(item),
            item.nodeid,
            limit_from=_limit_key(item, subject) if isinstance(item, CheckItem) else "",
            must_measure=isinstance(item, CheckItem),
            keep=self._keep,
        )


def _check_id(item: pytest.Item) -> str:
    return item.claim.id if isinstance(item, CheckItem) else item.nodeid


def _limit_key(item: CheckItem, subject: SubjectRun) -> str:
    key = item.claim.row.limit_from
    return f"{key} in {subject.file}" if key else ""


def metadata_of(item: pytest.Item, trial: Trial, stage: str) -> dict[str, Any]:
    """Return what the evidence says of a check besides what comes of it."""
    known = {"id": trial.check, "nodeid": item.nodeid}
    if isinstance(item, CheckItem):
        info = item.claim.check
        return {
            **known,
            "concern": item.claim.concern,
            "challenge": info.challenge,
            "principles": list(info.principles),
            "phase": info.phase,
            "serves": list(info.serves),
            "stages": list(info.stages),
        }
    marker = item.get_closest_marker("ml_stage")
    stages = list(marker.args) if marker is not None else [stage]
    unsaid: dict[str, Any] = {"challenge": None, "principles": [], "phase": None, "serves": []}
    return {**known, "concern": concern_of(item), **unsaid, "stages": stages}
