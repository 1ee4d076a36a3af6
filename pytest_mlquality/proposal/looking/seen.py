"""What was seen of a column: in one split, and in all that have it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_mlquality.data.kinds import Kind

# DESIGN: what fewer rows have in common may point at somebody.
LEAST_ROWS = 10
_TIME_UNIT = re.compile(r"(?<=^timestamp)\(\d\)$|(?<='), \d(?=\)$)")


@dataclass(frozen=True, slots=True)
class Seen:
    """One column in one split.

    Parameters
    ----------
    missing
        Rows with NULL or NaN.
    distinct
        Different values; None where they were not all looked at.
    sampled
        Different values in the sample: there are no fewer.
    low, high
        Least and greatest finite value: never shown to people.
    infinite
        Rows with an infinite number.
    zeros, ones
        Rows with exactly 0 and 1.
    fractions
        Rows with a number that is not whole.
    shortest, longest
        Length of texts: never shown to people either.
    counts
        Rows by value, most frequent first; None where there are too many values to count.
    unanswered
        What of these the engine cannot be asked for.
    """

    rows: int
    missing: int = 0
    distinct: int | None = None
    sampled: int = 0
    low: Any = None
    high: Any = None
    infinite: int = 0
    zeros: int = 0
    ones: int = 0
    fractions: int = 0
    shortest: int | None = None
    longest: int | None = None
    counts: Mapping[Any, int] | None = None
    unanswered: tuple[str, ...] = ()

    @property
    def present(self) -> int:
        """Rows that have a value."""
        return self.rows - self.missing

    @property
    def different(self) -> str:
        """How many different values there are, for people."""
        if self.distinct is not None:
            return f"{self.distinct:,}"
        return f"at least {self.sampled:,}" if self.sampled else "not counted"


@dataclass(frozen=True, slots=True)
class Column:
    """One column in all splits that have it.

    Parameters
    ----------
    kind
        whole, number, decimal, text, truth, moment, day, or other (what nothing here describes).
    types
        Ibis type by split.
    seen
        By split.
    """

    name: str
    kind: Kind
    types: Mapping[str, str]
    seen: Mapping[str, Seen]

    @property
    def type(self) -> str | None:
        """The type that all splits agree on; the time unit of a timestamp is not looked at."""
        found = {_TIME_UNIT.sub("", type_) for type_ in self.types.values()}
        return found.pop() if len(found) == 1 else None

    @property
    def low(self) -> Any:  # noqa: ANN401 - a number or a time
        """The least value anywhere."""
        return min((seen.low for seen in self.seen.values() if seen.low is not None), default=None)

    @property
    def high(self) -> Any:  # noqa: ANN401 - a number or a time
        """The greatest value anywhere."""
        return max((seen.high for seen in self.seen.values() if seen.high is not None), default=None)

    def any(self, what: str) -> bool:
        """Return whether some split has such rows: ``missing``, ``infinite``, ``fractions``."""
        return any(getattr(seen, what) for seen in self.seen.values())

    def lacks(self, *facts: str) -> bool:
        """Return whether the engine of some split cannot be asked for one of these."""
        return any(fact in seen.unanswered for seen in self.seen.values() for fact in facts)

    @property
    def most_rows(self) -> int:
        """Rows with a value in the largest split; splits may share rows, so they are not added up."""
        return max(seen.present for seen in self.seen.values())
