"""Whether what people read may quote rows of the data: only where the settings say so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

# One a process and not one a thread: a check that measures in threads of its own is under the same settings.
_shown = False


@contextmanager
def showing_values(shown: bool) -> Iterator[None]:
    """Let messages quote values inside the block if `shown`, which is ``[report] samples`` of the subject."""
    global _shown
    before, _shown = _shown, shown
    try:
        yield
    finally:
        _shown = before


def values_may_be_shown() -> bool:
    """Return whether a message may quote what another library says, values of rows included."""
    return _shown
