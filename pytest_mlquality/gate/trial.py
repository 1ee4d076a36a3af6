"""One running check: it keeps every judgement, and the evidence rules its outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, SupportsFloat

from pytest_mlquality.evidence_details import acceptable
from pytest_mlquality.gate.subject_run import SubjectRun
from pytest_mlquality.gate.waivers import is_expired
from pytest_mlquality.judgement_text import decided_by, explain_all, limit_key, worst_first
from pytest_mlquality.measurement import JUDGED_SHARE
from pytest_mlquality.power import power
from pytest_mlquality.printable import printable
from pytest_mlquality.stable_text import stable
from pytest_mlquality.verdict import Judgement, Levels, Verdict

if TYPE_CHECKING:
    from pytest_mlquality.settings import WaiverSettings

PASSED, FAILED, INCONCLUSIVE, ERROR = "passed", "failed", "inconclusive", "error"
WAIVED, SKIPPED, NOT_APPLICABLE = "waived", "skipped", "not_applicable"
WAIVABLE = (FAILED, INCONCLUSIVE)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a check comes to.

    Parameters
    ----------
    waiver
        The one that covers the check, or that fails it.
    covers
        The outcome that a waiver stands before.
    """

    outcome: str
    message: str
    remedy: str
    waiver: WaiverSettings | None = None
    covers: str = ""


class Trial:
    """The recorder of one check.

    Parameters
    ----------
    check
        The check's id within its subject.
    limit_from
        The settings key at which the check's limit stands; empty for a limit written in a test.
    must_measure
        A ready-made check that records nothing did not run as written: that is an error.
    keep
        Called at once with each recorded measurement, as the evidence has it.
    """

    def __init__(
        self,
        subject: SubjectRun,
        check: str,
        nodeid: str,
        *,
        limit_from: str = "",
        must_measure: bool = False,
        keep: Callable[[Trial, dict[str, Any]], None],
    ) -> None:
        self.subject = subject
        self.check = check
        self.nodeid = nodeid
        self.limit_from = limit_from
        self._must_measure = must_measure
        self._keep = keep
        self.judgements: list[Judgement] = []
        self.raised = ""
        self.message = ""
        self.remedy = ""
        self.reported = ""

    @property
    def levels(self) -> Levels:
        """The subject's error levels."""
        return self.subject.levels

    def record(self, judgement: Judgement) -> bool:
        """Keep a judgement; return whether its verdict lets the stage go on."""
        self.judgements.append(judgement)
        evidence = as_evidence(judgement, limit_key(judgement, self.limit_from) or f"the test {self.nodeid}")
        self._keep(self, evidence | {"reason": self._stable(evidence["reason"])})
        return self._holds(judgement)

    def _holds(self, judgement: Judgement) -> bool:
        if judgement.verdict is Verdict.INCONCLUSIVE:
            return not self.subject.inconclusive_fails
        return judgement.verdict is not Verdict.FAIL

    def note(self, outcome: str, message: str, remedy: str = "") -> None:
        """Note what Python or pytest made of the test: the first that is worse than a pass stays."""
        if not self.raised:
            self.raised, self.message, self.remedy = outcome, message, remedy

    @property
    def explained_by_evidence(self) -> bool:
        """Whether some recorded judgement does not hold, so that a failed assert is only its echo."""
        return any(not self._holds(judgement) for judgement in self.judgements)

    def found(self) -> str:
        """Return the outcome before waivers: the worst of what was recorded and of what was raised."""
        verdicts = {judgement.verdict for judgement in self.judgements}
        if self.raised == ERROR or Verdict.FAIL in verdicts:
            return ERROR if self.raised == ERROR and Verdict.FAIL not in verdicts else FAILED
        if self.raised == FAILED and not self.explained_by_evidence:
            return FAILED
        if self.raised in (SKIPPED, NOT_APPLICABLE):
            return self.raised
        if self._must_measure and not self.judgements:
            return ERROR
        return INCONCLUSIVE if Verdict.INCONCLUSIVE in verdicts or self._is_too_small else PASSED

    @property
    def _is_too_small(self) -> bool:
        """Whether something was too small to judge, and no ``judged_share`` beside it says how much that matters."""
        unjudged = any(judgement.verdict is None for judgement in self.judgements)
        return unjudged and not any(j.measurement.name == JUDGED_SHARE for j in self.judgements)

    def ruling(self) -> Ruling:
        """Return what the check comes to, as far as it has run; asking changes nothing.

        A waiver covers a fail or an undecided verdict. One that is expired or without reason fails the check; one
        that the check does not need is told, until its date.
        """
        found = self.found()
        message = self.message
        if found == ERROR and not self.raised:
            message = "the check ran and measured nothing"
        waivers = self.subject.waivers_of(self.check, self.nodeid)
        for waiver in waivers:
            problem = self._problem_of(waiver)
            if problem:
                remedy = f"change or remove the waiver of {waiver.owner or 'nobody'} in {self.subject.file}"
                outcome = found if found == ERROR else FAILED
                return Ruling(outcome, "\n".join(filter(None, [message, problem])), remedy, waiver, FAILED)
        if waivers and found in WAIVABLE:
            return Ruling(WAIVED, message, self.remedy, waivers[0], found)
        idle = next((waiver for waiver in waivers if found == PASSED and self._is_idle(waiver)), None)
        if idle is not None:
            # The next draw of rows may need it: what passes today is no fault of the waiver.
            told = f"the waiver {idle.check!r}, until {idle.until}, covers nothing: the check passes without it"
            return Ruling(found, told, "", idle, FAILED)
        return Ruling(found, message, self.remedy)

    def _problem_of(self, waiver: WaiverSettings) -> str:
        if is_expired(waiver):
            return f"the waiver {waiver.check!r} expired on {waiver.until}"
        if not waiver.reason.strip() or not waiver.owner.strip():
            return f"the waiver {waiver.check!r} gives no {'owner' if waiver.reason.strip() else 'reason'}"
        return ""

    def _is_idle(self, waiver: WaiverSettings) -> bool:
        """Return whether no check that a waiver names needs it, as far as they have run; the last of them tells."""
        others = self.subject.others_named_by(waiver, self.check) if "*" in waiver.check else ()
        return all(self.subject.found.get(other) == PASSED for other in others)

    def fails_stage(self, outcome: str) -> bool:
        """Return whether pytest should count the test as failed."""
        return outcome in (FAILED, ERROR) or (outcome == INCONCLUSIVE and self.subject.inconclusive_fails)

    def worsened_to(self, outcome: str) -> bool:
        """Return whether the outcome fails the stage though the call was reported as something else."""
        return bool(self.reported) and outcome != self.reported and self.fails_stage(outcome)

    def ending(self, duration: float) -> dict[str, Any]:
        """Return what the evidence says of the check once it has run.

        A check that was cut off has no outcome, and so stays missing.
        """
        ruling = self.ruling()
        return {
            "outcome": ruling.outcome if self.reported else None,
            "waiver": None if ruling.waiver is None else {**_as_written(ruling.waiver), "covers": ruling.covers},
            "duration_s": duration,
            "message": self._stable(ruling.message) if self.reported else "",
            "remedy": self._stable(ruling.remedy) if self.reported else "",
        }

    def _stable(self, text: str) -> str:
        return stable(text, self.subject.settings.base)

    def explanation(self, ruling: Ruling) -> str:
        """Return what a person reads: the measurements that do not hold, what was raised, and the remedy."""
        unheld = [j for j in self.judgements if j.verdict is not Verdict.PASS]
        lines = explain_all(worst_first(unheld), self.limit_from)
        remedy = f"  remedy: {ruling.remedy}" if ruling.remedy else ""
        return printable("\n".join(filter(None, [*lines, ruling.message, remedy])))


def as_evidence(judgement: Judgement, limit_from: str) -> dict[str, Any]:
    """Return a judgement as a measurement of the evidence; the journal makes null of a bound that is infinite."""
    measurement = judgement.measurement
    interval = measurement.interval
    seen = power(measurement, judgement.limit, judgement.levels)
    return {
        "name": measurement.name,
        "value": measurement.value,
        "unit": measurement.unit,
        "interval": None if interval is None else list(interval),
        "n": _count(measurement.n),
        "method": measurement.method,
        "reason": measurement.reason,
        "at_least": judgement.limit.at_least,
        "at_most": judgement.limit.at_most,
        "limit_from": limit_from,
        "lower_bound": judgement.lower_bound,
        "upper_bound": judgement.upper_bound,
        "verdict": None if judgement.verdict is None else str(judgement.verdict),
        "decided_by": decided_by(judgement),
        "false_fail": None if seen is None else judgement.false_fail,
        "power": None if seen is None else asdict(seen),
        "details": acceptable(measurement.details),
    }


def _as_written(waiver: WaiverSettings) -> dict[str, str]:
    return {
        "check": waiver.check,
        "owner": waiver.owner,
        "reason": waiver.reason,
        "until": waiver.until.isoformat(),
    }


def _count(n: object) -> int | None:
    """Return a number of rows as a whole one; an effective n need not be."""
    return round(float(n)) if isinstance(n, SupportsFloat) and isfinite(float(n)) else None
