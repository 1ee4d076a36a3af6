"""The name of a run: it begins with when the run did, so that names in order are runs in order."""

from __future__ import annotations

import re
import uuid

# A run's files are named by its id, so an id that was read from a file must not be a path.
PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$"
_ID = re.compile(PATTERN)


def new_run_id(started: str) -> str:
    """Return a name that no other run has; `started` is a time in ISO 8601."""
    return f"{started[:19].replace(':', '').replace('-', '')}-{uuid.uuid4().hex[:8]}"


def is_run_id(found: object) -> bool:
    """Tell whether what a file calls a run's id may name a file."""
    # Not match alone: `$` allows a line break behind it.
    return isinstance(found, str) and _ID.fullmatch(found) is not None
