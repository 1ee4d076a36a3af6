"""What the terminal says of a run: a short table of what failed and why, and where the report is."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlquality.gate import trial
from pytest_mlquality.gate.outcome import REPORTED
from pytest_mlquality.measurement import JUDGED_SHARE, number_text
from pytest_mlquality.power import nearness_to_fail
from pytest_mlquality.power_listing import blind
from pytest_mlquality.printable import one_line, printable
from pytest_mlquality.report_folder import EVIDENCE

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

    from pytest_mlquality.gate.ledger import Ledger

_STATUS = {
    trial.INCONCLUSIVE: ("inconclusive", "i", ("INCONCLUSIVE", {"yellow": True})),
    trial.WAIVED: ("waived", "w", ("WAIVED", {"yellow": True})),
    trial.NOT_APPLICABLE: ("not applicable", "n", ("NOT APPLICABLE", {"green": True})),
}
_SHOWN = (trial.FAILED, trial.ERROR, trial.INCONCLUSIVE, trial.SKIPPED, trial.WAIVED, trial.NOT_APPLICABLE)
MISSING_SHOWN = 5
_RANK: dict[str | None, int] = {"fail": 0, "inconclusive": 1, None: 2}


def status(report: pytest.TestReport) -> object:
    """Return category, letter and word for outcomes that pytest does not know; None for the others."""
    outcome = getattr(report, REPORTED, None)
    return _STATUS.get(outcome) if outcome is not None and not report.failed else None


def summarise(
    reporter: TerminalReporter,
    evidence: dict[str, Any],
    notes: list[tuple[str, str]],
    ledger: Ledger,
) -> None:
    """Write the table, a subject at a time, and the path of the report."""
    reporter.section("ml-quality")
    for subject in evidence["subjects"]:
        for file, note in notes:
            if file == subject["file"]:
                reporter.write_line(one_line(f"{subject['name']}: inferred {note}"))
        for split, facts in subject["data"].items():
            for said in _counted(facts):
                reporter.write_line(one_line(f"{subject['name']}: data.{split}: {said}"))
        for line in lines_of(subject):
            reporter.write_line(line)
        if unseen := blind(subject):
            said = f"{len(unseen)} {'check has a limit that' if len(unseen) == 1 else 'checks have limits that'}"
            reporter.write_line(one_line(f"{said} no value could fail, or pass, with these rows: mlquality power"))
        colours = {"pass": {"green": True}, "fail": {"red": True}, "incomplete": {"yellow": True}}
        verdict = one_line(f"{subject['name']}: {verdict_line(subject)}")
        reporter.write_line(verdict, bold=True, **colours[subject["verdict"]])
    tell(reporter, ledger)
    page = next((path for path in ledger.written if path.suffix == ".html"), ledger.directory / EVIDENCE)
    reporter.write_line(one_line(f"report: {page}"))


def _counted(facts: dict[str, Any]) -> Iterator[str]:
    """Yield what is to be known of the rows of a split."""
    if rows := facts.get("unlabelled"):
        yield f"{rows:,} rows without a label are left out"
    if rows := facts.get("copies"):
        yield f"{rows:,} rows are copies of others, and equal ones count as one: say in [data] unit what is independent"


def tell(reporter: TerminalReporter, ledger: Ledger) -> None:
    """Write what was lost of this run, and of runs before it that were cut off."""
    for line in (*ledger.recovered, *ledger.problems):
        reporter.write_line(printable(line), red=True)


def verdict_line(subject: dict[str, Any]) -> str:
    """Return the verdict with the counts behind it."""
    counts = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in subject["counts"].items())
    missing = len(missing_of(subject))
    parts = [part for part in (counts, f"{missing} not run" if missing else "") if part]
    return f"{subject['verdict']} ({', '.join(parts)})"


def missing_of(subject: dict[str, Any]) -> list[str]:
    """Return the ids of demanded checks that have no outcome."""
    decided = {check["id"] for check in subject["checks"] if check["outcome"] is not None}
    return [check for check in subject["expected"] if check not in decided]


def lines_of(subject: dict[str, Any]) -> list[str]:
    """Return a line for each check that did not simply pass, and for those that did not run."""
    shown = sorted((check for check in subject["checks"] if check["outcome"] in _SHOWN), key=_urgency)
    # What passes has something to say where a waiver is not needed.
    shown += [check for check in subject["checks"] if check["outcome"] == trial.PASSED and check["message"]]
    lines = [f"{outcome.replace('_', ' '):<15}{said}" for outcome, said in _said_once(shown)]
    missing = missing_of(subject)
    lines += [f"{'not run':<15}{check}" for check in missing[:MISSING_SHOWN]]
    if len(missing) > MISSING_SHOWN:
        lines.append(f"{'not run':<15}and {len(missing) - MISSING_SHOWN} more")
    return list(map(one_line, lines))


def _urgency(check: dict[str, Any]) -> tuple[int, float]:
    """Return what comes first: what failed, and of what is undecided that which is nearest to failing."""
    undecided = (m for m in check["measurements"] if m["verdict"] == "inconclusive")
    return _SHOWN.index(check["outcome"]), min(map(nearness_to_fail, undecided), default=inf)


def _said_once(checks: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield outcome, check and reason; checks that measured nothing, and of which the same is said, together."""
    same: dict[object, list[dict[str, Any]]] = {}
    for check in checks:
        said = (check["outcome"], check["message"], check["remedy"], why(check))
        same.setdefault(check["id"] if check["measurements"] or not said[1] else said, []).append(check)
    for first, *others in same.values():
        named = f"{first['id']} and {len(others):,} more" if others else first["id"]
        yield first["outcome"], f"{named}: {why(first)}"


def why(check: dict[str, Any]) -> str:
    """Return the worst reason for a check's outcome in one line."""
    waiver = check["waiver"]
    if check["outcome"] == trial.WAIVED and waiver is not None:
        return f"{waiver['reason']} ({waiver['owner']}, until {waiver['until']})"
    undecided = [measurement for measurement in check["measurements"] if measurement["verdict"] != "pass"]
    if undecided and check["outcome"] != trial.PASSED:
        return _measured(min(undecided, key=_rank))
    return str(check["message"]).split("\n", 1)[0]


def _rank(measurement: dict[str, Any]) -> tuple[int, bool, float]:
    """Return what comes first: what fails, the farthest beyond its limit before others, then what is undecided."""
    if measurement["verdict"] == "inconclusive":
        return _RANK["inconclusive"], measurement["name"] == JUDGED_SHARE, nearness_to_fail(measurement)
    value, low, high = (measurement[name] for name in ("value", "at_least", "at_most"))
    beyond = [low - value] if value is not None and low is not None else []
    beyond += [value - high] if value is not None and high is not None else []
    return _RANK[measurement["verdict"]], measurement["name"] == JUDGED_SHARE, -max(beyond, default=0.0)


def _measured(measurement: dict[str, Any]) -> str:
    if measurement["value"] is None:
        return f"{measurement['name']} is too small to judge: {measurement['reason']}"
    low, high = measurement["at_least"], measurement["at_most"]
    limits = [f"at least {number_text(low)}"] if low is not None else []
    limits += [f"at most {number_text(high)}"] if high is not None else []
    interval = measurement["interval"]
    exact = interval is None or interval[0] == interval[1]
    around = "" if exact else f" [{_end(interval[0])}, {_end(interval[1])}]"
    reason = f": {measurement['reason']}" if measurement["reason"] else ""
    rests = f"; {measurement['decided_by']}" if measurement.get("decided_by") and not exact else ""
    named = f"{measurement['name']} {number_text(measurement['value'])}{around}"
    return f"{named}, limit {' and '.join(limits)}{rests}{reason}"


def _end(bound: float | None) -> str:
    return "-" if bound is None else number_text(bound)
