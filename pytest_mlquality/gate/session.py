"""The gate as a pytest plugin: which hook does what."""

from __future__ import annotations

import time
import warnings
from collections.abc import Generator
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlquality.comparison import as_limit
from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.gate import causes, order, outcome, terminal
from pytest_mlquality.gate.collection import CheckItem, GateFile
from pytest_mlquality.gate.entries import Entries
from pytest_mlquality.gate.exclusive import Machine
from pytest_mlquality.gate.files import gate_file_of, gate_files_elsewhere, is_gate_file, is_text
from pytest_mlquality.gate.ledger import Ledger
from pytest_mlquality.gate.own_failure import interrupts_without_values
from pytest_mlquality.gate.provenance import describe_run
from pytest_mlquality.gate.selection import hide_parameters, is_ml_test, leave_out
from pytest_mlquality.gate.start import ASIDE, only_shows, report_folder
from pytest_mlquality.gate.subject_run import stage_of
from pytest_mlquality.gate.subjects import Subjects
from pytest_mlquality.gate.trials import Trials
from pytest_mlquality.journal import Journal, NoJournal, joined
from pytest_mlquality.judgement_text import explain
from pytest_mlquality.markers import CONCERN_MARKERS
from pytest_mlquality.measurement import Measurement
from pytest_mlquality.own_warning import warnings_without_values
from pytest_mlquality.printable import printable
from pytest_mlquality.recording import current_levels, recording
from pytest_mlquality.redaction import conceal
from pytest_mlquality.shown import showing_values
from pytest_mlquality.verdict import judge

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

    from pytest_mlquality.settings import Settings
    from pytest_mlquality.subject import Subject

_JOURNAL = "ml_journal"
_LOST = "ml_lost"


class Gate:
    """The hooks of a run with the gate on.

    Parameters
    ----------
    config
        pytest's configuration.

    Raises
    ------
    UsageError
        For options that contradict each other.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.stage = stage_of(config)
        order.check_options(config, self.stage)
        pytest.register_assert_rewrite("pytest_mlquality.checks")
        self.entries = Entries(lambda: self.journal, self.stage)
        self.subjects = Subjects(config, self.entries.loaded, self.entries.rejected)
        self.trials = Trials(self.subjects, self.entries.begun, self.entries.measured)
        self.machine = Machine()
        self._unlocked: MLQualityError | None = None
        self.ledger: Ledger | None = None
        self.evidence: dict[str, Any] | None = None
        self.notes: list[tuple[str, str]] = []
        if config.args_source is not config.ArgsSource.ARGS:
            # The gate of the whole root directory, wherever pytest was called and ``testpaths`` point.
            config.args += gate_files_elsewhere(config)

    @property
    def is_worker(self) -> bool:
        """Whether this process is a worker of pytest-xdist."""
        return hasattr(self.config, "workerinput")

    @property
    def directory(self) -> Path:
        """The report folder; a relative one is relative to where pytest was called."""
        return report_folder(self.config, self.config.option)

    @cached_property
    def journal(self) -> Journal | NoJournal | None:
        """Where this process writes what it measures; None while only collecting."""
        if self.is_worker:
            path = self.config.workerinput.get(_JOURNAL)  # type: ignore[attr-defined]  # set by pytest-xdist
            return joined(Path(path)) if path else None
        return self.ledger.journal if self.ledger is not None else None

    def subject_of(self, item: pytest.Item) -> Subject:
        """Return the subject that a test judges; a test that asks only now becomes an ML test."""
        return self.trials.adopt(item).subject.loaded

    def settings_of(self, item: pytest.Item) -> Settings:
        """Return the subject's settings with what the test's markers override."""
        settings = self.trials.adopt(item).subject.settings
        for mark in reversed(list(item.iter_markers())):
            if mark.name in CONCERN_MARKERS and mark.kwargs:
                settings = settings.override(mark.name.removeprefix("ml_"), **mark.kwargs)
        return settings

    # Starting and collecting

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Open the evidence, before any worker starts."""
        if self.is_worker or only_shows(self.config.option):
            return
        run = describe_run(
            stage=self.stage,
            seed=self.config.getoption("ml_seed"),
            root=self.config.rootpath,
            arguments=("pytest", *map(str, self.config.invocation_params.args)),
        )
        try:
            self.ledger = Ledger(self.directory, run, aside=self.config.stash.get(ASIDE, None))
        except MLQualityError as error:
            raise pytest.UsageError(str(error)) from None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 - a class of pytest-xdist, which is optional
        """Tell a worker where the journal is."""
        if self.ledger is not None:
            node.workerinput[_JOURNAL] = str(self.ledger.journal.path)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:  # noqa: ANN401 - see above
        """Send all checks of a subject to one worker, unless every worker is to run everything."""
        if config.getoption("dist") == "each":
            return None
        from pytest_mlquality.gate.scheduling import SubjectScheduling

        return SubjectScheduling(config, log, self._subject_of_nodeid)

    def _subject_of_nodeid(self, nodeid: str) -> str | None:
        return gate_file_of(nodeid) or self._planned.get(nodeid)

    @cached_property
    def _planned(self) -> dict[str, str]:
        """Users' ML tests and their subjects, as the workers found them."""
        lines = self.ledger.journal.read().lines if self.ledger is not None else []
        plans = [line.get("tests") for line in lines if line["kind"] == "plan"]
        return {test: file for plan in plans if isinstance(plan, dict) for test, file in plan.items()}

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect a gate file."""
        if is_gate_file(file_path):
            if not is_text(file_path):
                parent.session.shouldfail = f"{str(file_path)!a} is no UTF-8, which node ids are: rename its folder"
                return None
            return GateFile.from_parent(parent, path=file_path, subjects=self.subjects)
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Mark ML tests, and leave out those of other stages and shards."""
        demanded = {check for subject in self.subjects for check in subject.own}
        for item in items:
            if item.nodeid in demanded or is_ml_test(item):
                item.add_marker(pytest.mark.ml_quality)
            hide_parameters(item)
        leave_out(config, items, order.of_other_stages(items, self.stage))
        leave_out(config, items, order.of_other_shards(items, config.getoption("ml_shard")))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Plan the run: exclusive checks last of their subject, and what each subject demands into the journal.

        First of all, because a worker of pytest-xdist tells its items in this hook: their order must stand by then.
        """
        planned = self.trials.plan([item for item in session.items if item.get_closest_marker("ml_quality")])
        tests = {item.nodeid: file for item, file in planned if not isinstance(item, CheckItem)}
        self.entries.plan(self.subjects, tests)
        self._supersede()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self) -> None:
        """On the controller: a worker has declared the subjects."""
        self._supersede()

    def _supersede(self) -> None:
        """Put a report that says "incomplete" in the place of the run before, so that none is taken for this one's."""
        if self.ledger is not None and not self.is_worker:
            self.ledger.refresh(at_once=True)

    # Running

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Record what a test judges, and write down how it ended."""
        trial = self.trials.begin(item)
        began = time.perf_counter()
        is_ml = item.get_closest_marker("ml_quality") is not None
        held = self.machine.held(exclusive=order.is_exclusive(item)) if is_ml else nullcontext()
        with (
            held as self._unlocked,
            recording(trial),
            showing_values(self.trials.samples_of(item)),
            interrupts_without_values(lambda: self.trials.of(item) is not None),
        ):
            result = yield
        self._end(item, time.perf_counter() - began)
        return result

    def _end(self, item: pytest.Item, duration: float) -> None:
        trial = self.trials.end(item)
        if trial is None:
            return
        self.entries.ended(trial, duration)
        trial.subject.finished(trial.check, trial.found())

    @pytest.hookimpl(tryfirst=True, specname="pytest_runtest_setup")
    def pytest_runtest_setup_of_subject(self, item: pytest.Item) -> None:
        """Stop an ML test that has no subject, for it would record nothing, and one that needs a machine in use.

        No wrapper: pytest's own would not be called around what it stops.
        """
        if item.get_closest_marker("ml_quality") is not None:
            self.trials.adopt(item)
        if self._unlocked is not None:
            if order.is_exclusive(item):
                raise self._unlocked
            warnings.warn(f"{self._unlocked.message}; this check went on", stacklevel=1)

    @pytest.hookimpl(tryfirst=True, wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        """Show what the start of an ML test warns of without values."""
        with self._quoting_no_row(item):
            return (yield)

    @pytest.hookimpl(tryfirst=True, wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Show what an ML test warns of without values."""
        with self._quoting_no_row(item):
            return (yield)

    @pytest.hookimpl(tryfirst=True, wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """Show what the end of an ML test warns of without values."""
        with self._quoting_no_row(item):
            return (yield)

    def _quoting_no_row(self, item: pytest.Item) -> AbstractContextManager[None]:
        """Show what an ML test warns of without values; a test may become one while it runs."""
        return warnings_without_values(lambda: self.trials.of(item) is not None)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let the evidence rule the outcome, and show no secret."""
        report = yield
        trial = self.trials.of(item)
        if trial is not None:
            outcome.note_phase(trial, item, call, report)
            outcome.rule(trial, item, call, report)
        elif call.excinfo is not None and isinstance(call.excinfo.value, MLQualityError):
            report.longrepr = conceal(str(call.excinfo.value))
        elif report.failed and conceal(report.longreprtext) != report.longreprtext:
            report.longrepr = conceal(report.longreprtext)
        report.sections = [(name, conceal(content)) for name, content in report.sections]
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage) -> None:
        """Show no secret in the summary of warnings, and nothing that a terminal obeys."""
        text = str(warning_message.message)
        shown = printable(conceal(text))
        if shown != text:
            warning_message.message = UserWarning(shown)

    def pytest_report_teststatus(self, report: pytest.TestReport) -> object:
        """Show inconclusive, waived and not applicable by name."""
        return terminal.status(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the evidence on disk up to date while the run lasts."""
        if report.when == "teardown" and self.ledger is not None and report.keywords.get("ml_quality"):
            self.ledger.refresh()

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str] | None:
        """Explain a comparison that does not hold."""
        if not isinstance(left, Measurement) or op not in ("<=", ">="):
            return None
        return explain(judge(left, as_limit(right, at_most=op == "<="), current_levels()))

    # Ending

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write evidence and reports, whatever ended the run; one of which something is lost does not end well."""
        if self.ledger is not None:
            self.notes = self.ledger.notes()
            self.evidence = self.ledger.close(int(exitstatus))
            if self.ledger.exit_status != exitstatus:
                session.exitstatus = self.ledger.exit_status
        elif self.is_worker and self.journal is not None:
            self.config.workeroutput[_LOST] = self.journal.lost  # type: ignore[attr-defined]  # set by pytest-xdist

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - see above
        """Take over what a worker that has ended could not write down."""
        lost = (getattr(node, "workeroutput", None) or {}).get(_LOST)
        if lost and self.ledger is not None:
            self.ledger.worker_lost(lost)

    def pytest_unconfigure(self) -> None:
        """Let go of the journal of a run that never began."""
        if self.ledger is not None:
            self.ledger.journal.close()

    @pytest.hookimpl(wrapper=True, tryfirst=True, specname="pytest_terminal_summary")
    def pytest_terminal_summary_once(self, terminalreporter: TerminalReporter) -> Generator[None, None, None]:
        """Say once in pytest's own summaries what stops many checks."""
        with causes.told_once(terminalreporter):
            return (yield)

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """End with what failed and why, the verdict, and the path of the report."""
        if self.evidence is not None and self.ledger is not None:
            terminal.summarise(terminalreporter, self.evidence, self.notes, self.ledger)
        elif self.ledger is not None and (self.ledger.problems or self.ledger.recovered):
            terminal.tell(terminalreporter, self.ledger)
        elif self.ledger is not None:
            terminalreporter.write_line(
                "ml-quality: no mlquality.toml was collected, so nothing was judged", yellow=True
            )

    def pytest_report_header(self) -> str:
        """Say which gate runs."""
        return f"ml-quality: stage {self.stage}"
