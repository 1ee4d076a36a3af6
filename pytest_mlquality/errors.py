"""The one family of exceptions: what was wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from pytest_mlquality.printable import one_line


class MLQualityError(Exception):
    """Something a user can put right.

    Parameters
    ----------
    message
        What was wrong and where: the file, key or column by name. Of several lines, each.
    remedy
        What to do, in one line.
    """

    def __init__(self, message: str | Sequence[str], remedy: str = "") -> None:
        super().__init__(message, remedy)
        # Names come from data and files of anybody: none may break a line, or colour one.
        self.message = "\n".join(map(one_line, [message] if isinstance(message, str) else message))
        self.remedy = one_line(remedy)

    def __str__(self) -> str:
        return f"{self.message}\n  remedy: {self.remedy}" if self.remedy else self.message


class DataError(MLQualityError):
    """A split cannot be read, or does not hold what the settings say it holds."""


class ModelError(MLQualityError):
    """A model cannot be found, trusted, loaded or asked."""


class ComparisonError(TypeError):
    """A measurement is compared with what is no limit."""


class NotApplicable(MLQualityError):
    """A check has nothing to judge yet, such as a comparison with a baseline before the first release."""


class EvidenceError(MLQualityError):
    """Evidence cannot be written or read."""


class MissingExtra(MLQualityError):
    """A package that the configuration asks for is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed",
            f'pip install "pytest-mlquality[{extra}]"',
        )


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for the known word most like `word`, or an empty string."""
    matches = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (did you mean {matches[0]!r}?)" if matches else ""
