"""Comparing is recording: where a judgement goes when a measurement is compared with a limit.

A gate puts a recorder in place for the length of a check. Without one, in a script or a notebook, comparisons are
plain booleans and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from pytest_mlquality.verdict import Levels, Verdict, judge

if TYPE_CHECKING:
    from pytest_mlquality.limit import Limit
    from pytest_mlquality.measurement import Measurement
    from pytest_mlquality.verdict import Judgement


class Recorder(Protocol):
    """Who keeps the judgements of a running check."""

    @property
    def levels(self) -> Levels:
        """The error levels to judge by."""

    def record(self, judgement: Judgement) -> bool:
        """Keep `judgement`; return whether its verdict lets the stage go on."""


class Unrecorded:
    """Outside a check: the default levels, and only a ``fail`` is false."""

    levels = Levels()

    def record(self, judgement: Judgement) -> bool:
        """Return whether the verdict is not ``fail``."""
        return judgement.verdict is not Verdict.FAIL


# One recorder a process and not one a thread: a check that measures in threads of its own must lose nothing.
_recorder: Recorder = Unrecorded()


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Send every judgement made inside the block to `recorder`."""
    global _recorder
    before, _recorder = _recorder, recorder
    try:
        yield
    finally:
        _recorder = before


def current_levels() -> Levels:
    """Return the error levels in force."""
    return _recorder.levels


def compare(measurement: Measurement, limit: Limit, *, members: int = 1) -> bool:
    """Judge, record, and return whether the verdict lets the stage go on.

    Parameters
    ----------
    members
        Number of measurements of the claim, which share its level.
    """
    return _recorder.record(judge(measurement, limit, _recorder.levels.shared(members)))
