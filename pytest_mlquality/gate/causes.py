"""One cause that stops many checks, said once in pytest's summaries; each check keeps its own report and outcome."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from _pytest._code.code import ReprFileLocation, TerminalRepr

from pytest_mlquality.gate.files import gate_file_of

if TYPE_CHECKING:
    from _pytest._io import TerminalWriter
    from _pytest.terminal import TerminalReporter

# Attribute of a report that travels from a worker to the controller: what kept the check from judging anything.
CAUSE = "ml_cause"
NAMED = 5
# From here on people ask for everything.
EVERYTHING = 2
_STOPPED = ("error", "failed")


@contextmanager
def told_once(reporter: TerminalReporter) -> Iterator[None]:
    """Let the reporter show one report in the place of several of one cause, for as long as the block lasts.

    What it counts, and what other plugins were told of each test, stays as it is.
    """
    kept = {kind: reporter.stats[kind] for kind in _STOPPED if kind in reporter.stats}
    if reporter.config.option.verbose < EVERYTHING:
        reporter.stats.update(_together(kept))
    try:
        yield
    finally:
        reporter.stats.update(kept)


def _together(kept: dict[str, list[pytest.TestReport]]) -> dict[str, list[pytest.TestReport]]:
    """Return the reports of each kind, those of one cause as one where the first of them stands."""
    of_cause: dict[str, list[pytest.TestReport]] = {}
    for reports in kept.values():
        for report in reports:
            if cause := getattr(report, CAUSE, ""):
                of_cause.setdefault(cause, []).append(report)
    shown: dict[str, list[pytest.TestReport]] = {}
    for kind, reports in kept.items():
        shown[kind] = []
        for report in reports:
            same = of_cause.get(getattr(report, CAUSE, ""), [report])
            if report is same[0]:
                shown[kind].append(report if len(same) == 1 else _for_all(same))
    return shown


@dataclass(eq=False)
class Told(TerminalRepr):
    """A cause in full; pytest's short summary, which CI prints uncut, repeats its first line alone."""

    text: str
    reprcrash: ReprFileLocation

    def toterminal(self, tw: TerminalWriter) -> None:
        """Write the whole text."""
        tw.line(self.text)


def _for_all(same: list[pytest.TestReport]) -> pytest.TestReport:
    """Return a report of one cause, with the checks that it stops."""
    first = same[0]
    cause = getattr(first, CAUSE)
    traceback = str(first.longrepr).partition(cause)[2]
    files = list(dict.fromkeys(gate_file_of(report.nodeid) or report.nodeid.split("::")[0] for report in same))
    checks = [report.nodeid.removeprefix(f"{files[0]}::") if len(files) == 1 else report.nodeid for report in same]
    more = f", and {len(checks) - NAMED} more (all of them with -vv)" if len(checks) > NAMED else ""
    stops = f"  stops {len(checks)} checks: {', '.join(checks[:NAMED])}{more}"
    where = f"{files[0]}: {len(checks)} checks" if len(files) == 1 else f"{len(checks)} checks of {len(files)} files"
    crash = ReprFileLocation(files[0], first.location[1] or 0, cause.partition("\n")[0])
    return pytest.TestReport(
        nodeid=where,
        location=(first.location[0], first.location[1], where),
        keywords=first.keywords,
        outcome="failed",
        longrepr=Told(f"{cause}\n{stops}{traceback}", crash),
        when=first.when,
        sections=first.sections,
    )
