"""Details of the kind ``curve`` as lines over two axes, and the same in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from . import wording

WIDTH, HEIGHT = 360, 240
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 10, 40
# Lines are told apart by their dashes as well, so that colour is never all there is.
DASHES = ("none", "6 3", "2 3", "8 3 2 3", "1 4", "12 4")
# More points than the picture is wide show nothing more.
_MOST_POINTS = 300


@dataclass(frozen=True, slots=True)
class Line:
    """One series: its name, its points for ``polyline``, and those of its band for ``polygon``."""

    name: str
    points: str
    band: str
    dash: str
    # One of the colours of the style sheet.
    colour: int


@dataclass(frozen=True, slots=True)
class CurvePicture:
    """Coordinates in a box of `WIDTH` x `HEIGHT`, ticks as (place, label)."""

    lines: list[Line]
    diagonal: tuple[float, float, float, float] | None
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    x_label: str
    y_label: str
    text: str


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    first: float
    last: float

    @classmethod
    def over(cls, numbers: list[float], first: float, last: float) -> _Scale:
        low, high = min(numbers), max(numbers)
        return cls(low, high, first, last) if low < high else cls(low - 0.5, high + 0.5, first, last)

    def at(self, number: float) -> float:
        share = (number - self.low) / (self.high - self.low)
        return round(self.first + share * (self.last - self.first), 1)

    def ticks(self) -> list[tuple[float, str]]:
        middle = (self.low + self.high) / 2
        return [(self.at(number), wording.number(number, 3)) for number in (self.low, middle, self.high)]


def curve_picture(details: dict[str, Any], also: Iterable[float] = ()) -> CurvePicture | None:
    """Return the picture of a curve, None where it has no points; the vertical axis shows some numbers `also`."""
    series = [_thinned(one) for one in details["series"] if one["x"]]
    if not series:
        return None
    x = _Scale.over([number for one in series for number in one["x"]], LEFT, WIDTH - RIGHT)
    heights = [number for one in series for key in ("y", "lower", "upper") for number in one.get(key) or ()]
    y = _Scale.over([*heights, *also], HEIGHT - BOTTOM, TOP)
    return CurvePicture(
        lines=[_line(one, index, x, y) for index, one in enumerate(series)],
        diagonal=_diagonal(x, y) if details.get("diagonal") else None,
        x_ticks=x.ticks(),
        y_ticks=y.ticks(),
        x_label=details["x_label"],
        y_label=details["y_label"],
        text=_text(details, series),
    )


def _thinned(series: dict[str, Any]) -> dict[str, Any]:
    step = -(-len(series["x"]) // _MOST_POINTS)
    last = len(series["x"]) - 1
    kept = sorted({*range(0, last + 1, step), last})
    columns = {key: series.get(key) for key in ("x", "y", "lower", "upper")}
    return {"name": series["name"], **{key: [column[i] for i in kept] for key, column in columns.items() if column}}


def _line(series: dict[str, Any], index: int, x: _Scale, y: _Scale) -> Line:
    across = [x.at(number) for number in series["x"]]
    band = ""
    if series.get("lower") and series.get("upper"):
        there = _points(across, [y.at(number) for number in series["upper"]])
        back = _points(across[::-1], [y.at(number) for number in series["lower"][::-1]])
        band = f"{there} {back}"
    points = _points(across, [y.at(number) for number in series["y"]])
    return Line(series["name"], points, band, DASHES[index % len(DASHES)], index % 4)


def _points(across: list[float], up: list[float]) -> str:
    return " ".join(f"{left:g},{top:g}" for left, top in zip(across, up, strict=True))


def _diagonal(x: _Scale, y: _Scale) -> tuple[float, float, float, float] | None:
    start, end = max(x.low, y.low), min(x.high, y.high)
    return (x.at(start), y.at(start), x.at(end), y.at(end)) if start < end else None


def _text(details: dict[str, Any], series: list[dict[str, Any]]) -> str:
    parts = [
        f"{one['name']} from {wording.number(one['y'][0])} at {wording.number(one['x'][0])} "
        f"to {wording.number(one['y'][-1])} at {wording.number(one['x'][-1])}"
        for one in series
    ]
    title = details.get("title") or f"{details['y_label']} over {details['x_label']}"
    return f"{title}: {'; '.join(parts)}"
