"""Under pytest-xdist all checks of a subject go to one worker, so that model and data are loaded once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling


class SubjectScheduling(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist ships no types
    """Keep the tests of one subject together, and spread all others one by one.

    A worker that dies is replaced, and what it had still to run goes to others, as ``--dist load`` does it: the test
    that it died of runs no second time. pytest-xdist 3.8 hands on what is done already, and leaves the new worker
    waiting (its issues 1323, 1327 and 1362).

    Parameters
    ----------
    subject_of
        Returns the subject that a node id belongs to, or None for an ordinary test; asked once every worker has
        collected.
    """

    def __init__(self, config: pytest.Config, log: Any, subject_of: Callable[[str], str | None]) -> None:  # noqa: ANN401 - a class of pytest-xdist
        super().__init__(config, log)
        self._subject_of = subject_of

    def _split_scope(self, nodeid: str) -> str:
        return self._subject_of(nodeid) or nodeid

    def add_node_collection(self, node: Any, collection: Sequence[str]) -> None:  # noqa: ANN401 - a class of pytest-xdist
        """Take in what a worker has collected; one in a dead one's place that collects other tests gets no work."""
        super().add_node_collection(node, collection)
        if node not in self.registered_collections:
            why = f"worker {node.gateway.id!r} took the place of one that died, and collected other tests than it"
            report = pytest.CollectReport(node.gateway.id, "failed", longrepr=why, result=[])
            self.config.hook.pytest_collectreport(report=report)
            node.shutdown()
            if all(other.shutting_down for other in self.nodes):
                self.workqueue.clear()

    def remove_node(self, node: Any) -> str | None:  # noqa: ANN401 - a class of pytest-xdist
        """Forget a worker, and return the test that it died of; None where it had nothing left to run."""
        workload = self.assigned_work.pop(node)
        if self.collection is None:
            # Others still collect, and are waited for.
            self.registered_collections.pop(node, None)
        left = {scope: [test for test, done in unit.items() if not done] for scope, unit in workload.items()}
        crashed: str | None = next((tests.pop(0) for tests in left.values() if tests), None)
        if crashed is None:
            return None
        self.workqueue.update({scope: dict.fromkeys(tests, False) for scope, tests in left.items() if tests})
        for other in self.nodes:
            self._reschedule(other)
        return crashed

    def _reschedule(self, node: Any) -> None:  # noqa: ANN401 - a class of pytest-xdist
        if node not in self.registered_collections:
            return
        super()._reschedule(node)
        # A worker runs a test once it knows the next one, or that there is none.
        if self._pending_of(self.assigned_work[node]) < 2:
            super()._reschedule(node)
