"""What is wrong with a settings file: all of it at once, each with its place and its remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.printable import one_line
from pytest_mlquality.redaction import conceal
from pytest_mlquality.settings.toml_text import key_text

Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at a key, before it is known in which file the key stands."""

    key: Key
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right.

    Parameters
    ----------
    file
        The file in which the key stands: a base, where the key was taken over from one.
    key
        The full dotted key; empty where the file as a whole is meant.
    message
        What was expected, and what was found. Values from the environment never stand in it.
    remedy
        What to do.
    """

    file: Path
    key: str
    message: str
    remedy: str

    @classmethod
    def at(cls, file: Path, finding: Finding) -> Problem:
        """Return a finding as a problem of `file`, with every secret concealed."""
        return cls(file, conceal(key_text(finding.key)), conceal(finding.message), conceal(finding.remedy))

    def __str__(self) -> str:
        where = ": ".join(part for part in (conceal(_near(self.file)), self.key) if part)
        said = one_line(f"{where}: {self.message}")
        return f"{said}\n    {one_line(self.remedy)}" if self.remedy else said


class SettingsError(MLQualityError):
    """A settings file that cannot be used, with every problem that it has."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__([line for problem in self.problems for line in str(problem).split("\n")])
        # What a copy or another process makes the exception anew from.
        self.args = (self.problems,)


def _near(file: Path) -> str:
    """Return a path as people know it: relative, where it lies below the current folder."""
    try:
        return str(file.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(file)
