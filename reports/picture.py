"""A measurement as a dot with its interval against the limit: where things stand, and the same in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import wording

WIDTH, HEIGHT = 240, 36
_MARGIN = 14
_PADDING = 0.12
_CHARACTER = 7


@dataclass(frozen=True, slots=True)
class Mark:
    """A limit on the axis, with where its label goes."""

    x: float
    label: str
    label_x: float


@dataclass(frozen=True, slots=True)
class IntervalPicture:
    """Coordinates in a box of `WIDTH` x `HEIGHT`.

    Parameters
    ----------
    dot
        Where the value is.
    low, high
        Ends of the interval.
    open_low, open_high
        Whether the interval goes on beyond the box.
    allowed
        Left end and width of what the limit allows.
    text
        The same in words.
    """

    dot: float
    low: float
    high: float
    open_low: bool
    open_high: bool
    allowed: tuple[float, float]
    limits: tuple[Mark, ...]
    tone: str
    text: str


def interval_picture(measurement: dict[str, Any]) -> IntervalPicture | None:
    """Return the picture of a measurement; None where there is no value to show."""
    value = measurement["value"]
    if value is None:
        return None
    ends = measurement["interval"] or [value, value]
    low, high = measurement["at_least"], measurement["at_most"]
    axis = _Axis.around([number for number in (value, *ends, low, high) if number is not None])
    left = axis.at(low) if low is not None else 0.0
    right = axis.at(high) if high is not None else float(WIDTH)
    return IntervalPicture(
        dot=axis.at(value),
        low=0.0 if ends[0] is None else axis.at(ends[0]),
        high=float(WIDTH) if ends[1] is None else axis.at(ends[1]),
        open_low=ends[0] is None,
        open_high=ends[1] is None,
        allowed=(left, round(max(0.0, right - left), 1)),
        limits=tuple(_mark(axis, edge) for edge in (low, high) if edge is not None),
        tone={"pass": "good", "fail": "bad"}.get(measurement["verdict"], "unsure"),
        text=_text(measurement),
    )


@dataclass(frozen=True, slots=True)
class _Axis:
    start: float
    scale: float

    @classmethod
    def around(cls, numbers: list[float]) -> _Axis:
        """Return an axis that shows all `numbers` with room on both sides."""
        lowest, highest = min(numbers), max(numbers)
        span = highest - lowest
        # One number alone, or numbers so large that their distance overflows, stand in the middle.
        if not 0 < span < float("inf"):
            return cls(lowest, 0.0)
        start = lowest - span * _PADDING
        return cls(start, (WIDTH - 2 * _MARGIN) / (span * (1 + 2 * _PADDING)))

    def at(self, number: float) -> float:
        if self.scale == 0.0:
            return WIDTH / 2
        return round(_MARGIN + (number - self.start) * self.scale, 1)


def _mark(axis: _Axis, edge: float) -> Mark:
    x, label = axis.at(edge), wording.number(edge, 6)
    # Centred below the limit, but inside the box.
    half = len(label) * _CHARACTER / 2
    return Mark(x, label, round(min(max(x, half), WIDTH - half), 1))


def _text(measurement: dict[str, Any]) -> str:
    ends = wording.interval(measurement["interval"])
    spread = f", 95% interval {ends}" if ends not in {"", "exact"} else ""
    verdict = measurement["verdict"] or "none"
    name, value, limit = measurement["name"], wording.value(measurement), wording.limit(measurement)
    return f"{name}: {value}{spread}; limit {limit}; verdict {verdict}"
