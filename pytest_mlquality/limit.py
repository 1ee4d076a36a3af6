"""What a number must satisfy."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite


@dataclass(frozen=True, slots=True)
class Limit:
    """A floor, a ceiling, or both, each included.

    Parameters
    ----------
    at_least, at_most
        Finite numbers in the unit of what is measured.

    Raises
    ------
    ValueError
        If neither is given, one is not finite, or no number could satisfy both.
    """

    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        if self.at_least is None and self.at_most is None:
            raise ValueError("a limit needs at_least, at_most, or both")
        for name, edge in (("at_least", self.at_least), ("at_most", self.at_most)):
            if edge is not None and not isfinite(edge):
                raise ValueError(f"{name} must be a finite number, not {edge}")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"at_least {_number(self.at_least)} is above at_most {_number(self.at_most)}")

    def describe(self) -> str:
        """Return the limit in words: ``at least 0.88``, ``at most 0.1``, ``between 0.1 and 0.2``."""
        if self.at_most is None:
            return f"at least {_number(self.at_least)}"
        if self.at_least is None:
            return f"at most {_number(self.at_most)}"
        if self.at_least == self.at_most:
            return f"exactly {_number(self.at_least)}"
        return f"between {_number(self.at_least)} and {_number(self.at_most)}"


def _number(edge: float | None) -> str:
    # Twelve digits show every number that people write, without the noise of binary fractions.
    return format(edge, ".12g")
