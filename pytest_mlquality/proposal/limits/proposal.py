"""A limit with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from pytest_mlquality.errors import DataError
from pytest_mlquality.limit import Limit
from pytest_mlquality.proposal.looking.asking import why_not
from pytest_mlquality.proposal.looking.evidence import Evidence
from pytest_mlquality.settings.limits import written
from pytest_mlquality.settings.toml_text import value_text


@dataclass(frozen=True, slots=True)
class Proposal:
    """A limit with its reason.

    Parameters
    ----------
    limit
        None where none makes sense, and only the reason is to be said; False where the measure cannot be asked.
    """

    name: str
    limit: Limit | Literal[False] | None
    reason: str

    @property
    def toml(self) -> str:
        """The limit as the file writes it."""
        assert self.limit is not None
        return value_text(written(self.limit)) if self.limit else "false"


def if_answered(name: str, evidence: Evidence, propose: Callable[[], Iterable[Proposal]]) -> Iterator[Proposal]:
    """Yield what is proposed from a measure; where a foreign engine cannot be asked for it, that it is not asked."""
    try:
        yield from propose()
    except DataError as error:
        if evidence.engine is None:
            raise
        yield Proposal(name, False, why_not(name, error, evidence.engine))
