"""Which tests are ML tests, and which of them a run leaves out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlquality.markers import CONCERN_MARKERS

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

SUBJECT_FIXTURES = frozenset(
    {
        "ml_subject",
        "ml_settings",
        "ml_model",
        "ml_baseline",
        "ml_data",
        "ml_predictions",
        "ml_registry",
        "ml_pipeline",
    }
)
# Any other name that begins with ml_ is the user's own.
FIXTURES = SUBJECT_FIXTURES | CONCERN_MARKERS.keys()
_LEFT_OUT = "ml_tests_left_out"


def is_ml_test(item: pytest.Item) -> bool:
    """Return whether an item carries a concern's marker, or has one of the fixtures in its closure."""
    if not FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
        return True
    return any(mark.name in CONCERN_MARKERS for mark in item.iter_markers())


def concern_of(item: pytest.Item) -> str:
    """Return the concern that a test's marker, else its fixtures, name; "own" where neither does."""
    marks = (mark.name for mark in item.iter_markers() if mark.name in CONCERN_MARKERS)
    fixtures = (name for name in getattr(item, "fixturenames", ()) if name in CONCERN_MARKERS)
    name = next(marks, None) or next(fixtures, None)
    return name.removeprefix("ml_") if name else "own"


def belongs_to(item: pytest.Item, stage: str) -> bool:
    """Return whether a test runs in a stage: in every one, unless its ``ml_stage`` marker names some."""
    marker = item.get_closest_marker("ml_stage")
    return marker is None or stage in marker.args


def leave_out(config: pytest.Config, items: list[pytest.Item], unwanted: Iterable[pytest.Item]) -> None:
    """Deselect `unwanted`, in place and told to pytest."""
    dropped = {id(item) for item in unwanted}
    if dropped:
        config.hook.pytest_deselected(items=[item for item in items if id(item) in dropped])
        items[:] = [item for item in items if id(item) not in dropped]


def hide_parameters(item: pytest.Item) -> None:
    """Let an item's name and id show no secret that is a parameter of it."""
    from pytest_mlquality.redaction import conceal_parameters

    shown = conceal_parameters(item.name)
    if shown == item.name:
        return
    nodeid = item.nodeid.removesuffix(item.name) + shown
    identity = getattr(item, "id", None)
    item.name = shown
    if identity is None:
        item._nodeid = nodeid  # type: ignore[attr-defined]  # before pytest 9.2
    else:
        item._id = type(identity).parse(nodeid)


class GateOff:
    """A run without --ml-quality: ML tests are left out, and the summary says so."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.left_out = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Deselect ML tests."""
        ml_tests = [item for item in items if is_ml_test(item)]
        self.left_out = len(ml_tests)
        leave_out(config, items, ml_tests)

    def pytest_sessionfinish(self) -> None:
        """On a worker: tell the controller how many were left out."""
        output = getattr(self.config, "workeroutput", None)
        if output is not None:
            output[_LEFT_OUT] = self.left_out

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - a class of pytest-xdist, which is optional
        """On the controller: hear it from the workers, each of which collects everything."""
        self.left_out = max(self.left_out, getattr(node, "workeroutput", {}).get(_LEFT_OUT, 0))

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """Say what was not run."""
        if self.left_out:
            tests = "test" if self.left_out == 1 else "tests"
            terminalreporter.write_line(f"{self.left_out} ML {tests} not run: add --ml-quality", yellow=True)


class OutOfTheGate:
    """Stand-ins for our fixtures, for tests that ask for one only while they run: without the gate they skip."""


def _stand_in(name: str) -> Callable[..., object]:
    @pytest.fixture(name=name)
    def skip(self: OutOfTheGate) -> None:
        pytest.skip("ML tests run only in the gate: add --ml-quality")

    return skip


for _name in FIXTURES:
    setattr(OutOfTheGate, _name, _stand_in(_name))
