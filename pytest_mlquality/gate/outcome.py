"""What pytest reports of a check: what the evidence says, whatever Python or pytest made of the test."""

from __future__ import annotations

import pytest

from pytest_mlquality.errors import ComparisonError, MLQualityError, NotApplicable
from pytest_mlquality.fault import Fault, fault_of
from pytest_mlquality.gate import trial as outcomes
from pytest_mlquality.gate.causes import CAUSE
from pytest_mlquality.gate.own_failure import seconds_of_time_out, without_values, words_of
from pytest_mlquality.gate.trial import Ruling, Trial
from pytest_mlquality.own_error import kind_of, message
from pytest_mlquality.printable import printable
from pytest_mlquality.redaction import conceal
from pytest_mlquality.whose_code import raised_by_us

# Attribute of a report that travels from a worker to the controller with the report itself.
REPORTED = "ml_outcome"
# How to see more of a fault of ours.
SEEN_WITH = "pytest -vv, or --tb=short, shows its traceback, without values"
EVERYTHING = 2
TIME_OUT_REMEDY = "give it more time (pytest-timeout's timeout, or its marker), or judge fewer rows"
REASON_HIDDEN = "its reason is not shown, it may quote rows ([report] samples = true shows it)"
XFAIL_REFUSED = "xfail on an ML test: a check that may fail is waived in mlquality.toml, with owner, reason and date"


def note_phase(trial: Trial, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Tell the trial what setup, call or teardown raised."""
    error = call.excinfo.value if call.excinfo is not None else None
    if hasattr(report, "wasxfail") or isinstance(error, pytest.xfail.Exception):
        trial.note(outcomes.ERROR, XFAIL_REFUSED, "remove xfail; add [[waive]] with owner, reason and until")
    elif error is None:
        if report.failed:
            trial.note(outcomes.FAILED, conceal(report.longreprtext))
    elif isinstance(error, pytest.skip.Exception):
        trial.note(outcomes.SKIPPED, message(error, words_of(item)) or (REASON_HIDDEN if str(error) else ""))
    elif own := _own_error(error):
        outcome = outcomes.NOT_APPLICABLE if isinstance(own, NotApplicable) else outcomes.ERROR
        trial.note(outcome, conceal(own.message), conceal(own.remedy))
    elif (seconds := seconds_of_time_out(error)) is not None:
        limit = f"{seconds} s, the limit of pytest-timeout" if seconds else "pytest-timeout allows"
        trial.note(
            outcomes.ERROR, f"the check took longer than {limit}: it was stopped in {call.when}", TIME_OUT_REMEDY
        )
    elif fault := _fault(call):
        trial.note(outcomes.ERROR, conceal(fault.message), fault.remedy)
    elif isinstance(error, AssertionError | pytest.fail.Exception) and call.when == "call":
        trial.note(outcomes.FAILED, "" if trial.explained_by_evidence else _place("an assert of the test", item, call))
    else:
        # The message of a foreign exception may quote a cell of the data: the terminal has it, the evidence does not.
        trial.note(outcomes.ERROR, _place(kind_of(error), item, call), "see its traceback in the terminal")


def rule(trial: Trial, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Make the report of the phase say what the evidence says.

    The call decides, unless the setup kept it from happening; a teardown can only make things worse.
    """
    if hasattr(report, "wasxfail"):
        del report.wasxfail
    undisturbed = call.when != "call" and (report.passed or call.excinfo is None)
    if undisturbed and call.when == "setup":
        return
    ruling = trial.ruling()
    outcome = ruling.outcome
    if undisturbed and not trial.worsened_to(outcome):
        return
    setattr(report, REPORTED, outcome)
    trial.reported = outcome
    if trial.fails_stage(outcome):
        report.outcome = "failed"
        report.longrepr = printable(_failure_text(trial, ruling, item, call, report))
        if outcome == outcomes.ERROR and not trial.judgements and _explains_itself(call):
            setattr(report, CAUSE, conceal(trial.explanation(ruling)))
    elif outcome in (outcomes.SKIPPED, outcomes.NOT_APPLICABLE):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), 0, printable(f"{outcome.replace('_', ' ')}: {ruling.message}"))
    else:
        report.outcome = "passed"
        report.longrepr = None


def _failure_text(
    trial: Trial, ruling: Ruling, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport
) -> str:
    if not (_explains_itself(call) or trial.explained_by_evidence):
        if call.excinfo is not None and not isinstance(call.excinfo.value, pytest.FixtureLookupError):
            return conceal(_own_failure(trial, item, call.excinfo))
        return conceal(report.longreprtext)
    line = _line_in(item, call)
    where = f"at {line}\n" if line else ""
    told = where + conceal(trial.explanation(ruling))
    if call.excinfo is not None and _fault(call) and _wants_traceback(item.config):
        return f"{told}\n{conceal(_own_failure(trial, item, call.excinfo))}"
    return told


def _fault(call: pytest.CallInfo[None]) -> Fault | None:
    """Return what to tell of an exception that is of our own making."""
    error = call.excinfo.value if call.excinfo is not None else None
    if isinstance(error, ComparisonError | pytest.FixtureLookupError):
        return None
    return fault_of(error, SEEN_WITH)


def _wants_traceback(config: pytest.Config) -> bool:
    return config.option.tbstyle in ("long", "short", "native") or config.option.verbose >= EVERYTHING


def _explains_itself(call: pytest.CallInfo[None]) -> bool:
    error = call.excinfo.value if call.excinfo is not None else None
    return (
        error is None
        or isinstance(error, pytest.xfail.Exception)
        or _own_error(error) is not None
        or seconds_of_time_out(error) is not None
        or _fault(call) is not None
    )


def _own_error(error: BaseException | None) -> MLQualityError | None:
    """Return an error that we raised; one of our kind that a test raises may quote rows like any other."""
    return error if isinstance(error, MLQualityError) and raised_by_us(error) else None


def _own_failure(trial: Trial, item: pytest.Item, error: pytest.ExceptionInfo[BaseException]) -> str:
    """Return pytest's traceback of a user's own assert or exception.

    What it compared, and what the message says, may be rows of the data: shown only where the settings allow it.
    """
    settings = trial.subject.settings
    if settings.report.samples or (isinstance(error.value, ComparisonError) and raised_by_us(error.value)):
        return str(error.getrepr(style="short", funcargs=False, tbfilter=getattr(item, "_traceback_filter", True)))
    return without_values(error, item, trial.subject.file)


def _line_in(item: pytest.Item, call: pytest.CallInfo[None]) -> str:
    """Return ``file:line`` where the test file itself raised; a gate file has no lines to show."""
    for entry in reversed(call.excinfo.traceback if call.excinfo is not None else []):
        if entry.path == item.path:
            return f"{item.nodeid.split('::')[0]}:{entry.lineno + 1}"
    return ""


def _place(what: str, item: pytest.Item, call: pytest.CallInfo[None]) -> str:
    line = _line_in(item, call)
    return f"{what} failed at {line}" if line else f"{what} was raised in {call.when}"
