"""Under pytest-xdist all checks of a subject go to one worker, so that model and data are loaded once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling


class SubjectScheduling(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist ships no types
    """Keep the tests of one subject together, and spread all others one by one.

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
