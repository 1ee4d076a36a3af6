"""A key of a gate file, with the comment above it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_mlquality.proposal.limits.proposal import Proposal
from pytest_mlquality.proposal.remark import comment
from pytest_mlquality.settings.toml_text import key_text


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a table, with the comment above it.

    Parameters
    ----------
    key
        None where only the comment is to be said.
    """

    key: str | None
    value: str
    said: str

    @classmethod
    def of(cls, proposal: Proposal) -> Entry:
        """Return a limit with its reason."""
        if proposal.limit is None:
            return cls(None, "", f"{proposal.name}: {proposal.reason}")
        return cls(proposal.name, proposal.toml, proposal.reason)

    def lines(self) -> Iterator[str]:
        """Yield it as the file has it."""
        yield from comment(self.said)
        yield from [self.setting] if self.key is not None else []

    @property
    def setting(self) -> str:
        """The key with its value."""
        return f"{key_text((self.key or '',))} = {self.value}"
