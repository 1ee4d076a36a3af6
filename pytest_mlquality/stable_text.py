"""Texts that two runs on the same things have in common: no address of an object, no temporary path."""

from __future__ import annotations

import os
import re
import tempfile
from functools import cache
from pathlib import Path

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}\b")
TEMPORARY = "(temporary folder)"


def stable(text: str, project: Path) -> str:
    """Return a text without what every run has otherwise; files of a project in a temporary folder keep their names.

    Of a temporary path the name of a file stays, if it lies in a folder made for it.
    """
    text = _ADDRESS.sub("0x...", text)
    homes = {str(project), os.path.realpath(project)}

    def short(found: re.Match[str]) -> str:
        path = found[0]
        if any(path == home or path.startswith(home + os.sep) for home in homes):
            return path
        below = found["below"].strip(os.sep).split(os.sep)
        return f"{TEMPORARY}/{below[-1]}" if len(below) > 1 else TEMPORARY

    return _temporary(tempfile.gettempdir()).sub(short, text)


@cache
def _temporary(folder: str) -> re.Pattern[str]:
    folders = "|".join(re.escape(one) for one in {folder, os.path.realpath(folder)})
    return re.compile(rf"(?<![\w./-])(?:{folders})(?P<below>{re.escape(os.sep)}[^\s'\"`:,;()\[\]<>]+)")
