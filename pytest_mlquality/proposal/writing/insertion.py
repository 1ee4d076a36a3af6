"""Text put between what is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Insertion:
    """Text that goes before the character at `place`."""

    place: int
    text: str

    @classmethod
    def of_lines(cls, text: str, after: int, lines: Iterable[str]) -> Insertion:
        """Return lines to go below the line of that number, counted from 0, with the line ends of `text`."""
        end = "\r\n" if "\r\n" in text else "\n"
        kept = text.splitlines(keepends=True)[: after + 1]
        place = sum(map(len, kept))
        start = "" if not kept or kept[-1].endswith(("\n", "\r")) else end
        return cls(place, start + "".join(line + end for line in lines))


def inserted(text: str, insertions: Iterable[Insertion]) -> str:
    """Return `text` with all of them in it, and every character of its own."""
    for insertion in sorted(insertions, key=lambda each: -each.place):
        text = text[: insertion.place] + insertion.text + text[insertion.place :]
    return text
