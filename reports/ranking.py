"""Details of the kind ``ranking``: bars with their intervals, quantiles of single answers, and the same in words.

Below them stands how answers depend on an item, as details of their own that are drawn as a curve or as bars.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

from . import wording

Details = dict[str, Any]
# More than these nobody reads in a picture; the table has all.
MOST_DRAWN = 20
MOST_LINES = 6
BARS, SMALL_BARS, VALUES, STRIP, GAP = 250, 130, 62, 250, 12
ROW, TOP, BOTTOM = 20, 24, 24
# Half of what is drawn in a row: the bar, the end of an interval.
HALF_BAR, HALF_END = 6, 4
_MOST_NAME, _CHARACTER = 24, 6.5
# Labels of ticks that are nearer to each other than this overlap.
_APART = 58


@dataclass(frozen=True, slots=True)
class Range:
    """An interval on an axis, which may go on beyond it on either side."""

    low: float
    high: float
    open_low: bool = False
    open_high: bool = False


@dataclass(frozen=True, slots=True)
class Spread:
    """Quantiles of one item: whiskers, the box as left end and width, the median."""

    whiskers: tuple[float, float] | None
    box: tuple[float, float] | None
    median: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One item: its place, its bar as left end and width, where it has a value."""

    name: str
    value: str
    y: int
    bar: tuple[float, float] | None
    interval: Range | None
    spread: Spread | None


@dataclass(frozen=True, slots=True)
class Panel:
    """An axis with its heading: where it begins, where zero is, ticks as (place, label, anchor)."""

    heading: str
    first: float
    zero: float
    ticks: list[tuple[float, str, str]]


@dataclass(frozen=True, slots=True)
class RankingPicture:
    """Coordinates in a box of `width` x `height`.

    Parameters
    ----------
    panels
        That of the bars, and that of the quantiles where items have them.
    names, values
        Where names end and values begin.
    """

    title: str
    width: int
    height: int
    names: float
    values: float
    panels: list[Panel]
    bars: list[Bar]
    legend: str
    text: str


@dataclass(frozen=True, slots=True)
class _Axis:
    """Numbers on the way from `first` to `last`; zero is always among them."""

    low: float
    high: float
    first: float
    last: float

    @classmethod
    def over(cls, numbers: list[float], first: float, length: float) -> _Axis:
        return cls(min([0.0, *numbers]), max([0.0, *numbers]), first, first + length)

    def at(self, number: float) -> float:
        # Halves, because the distance of very large numbers overflows.
        span = self.high / 2 - self.low / 2
        share = (number / 2 - self.low / 2) / span if span > 0 else 0.0
        return round(self.first + share * (self.last - self.first), 1)

    def panel(self, heading: str) -> Panel:
        zero = self.at(0.0)
        ends = [(self.at(self.low), self.low, "start"), (self.at(self.high), self.high, "end")]
        ticks = [(x, wording.number(number, 3), anchor) for x, number, anchor in ends if abs(x - zero) > _APART]
        return Panel(heading, self.first, zero, [(zero, "0", "middle"), *ticks])


def ranking_picture(details: Details, bars: int = BARS) -> RankingPicture | None:
    """Return the picture of the first items of a ranking, with so much room for bars; None where none has a value."""
    items = details["items"][:MOST_DRAWN]
    if all(item["value"] is None for item in items):
        return None
    names = [_shortened(item["name"]) for item in items]
    left = round(max(_width(name) for name in names) * _CHARACTER) + GAP
    axis = _Axis.over([number for item in items for number in _ends(item)], left, bars)
    quantiles = [_known(item) for item in items]
    strip = _Axis.over([value for one in quantiles for value in one.values()], left + bars + VALUES, STRIP)
    panels = [axis.panel(details["label"])]
    if any(quantiles):
        panels.append(strip.panel("added to single answers"))
    return RankingPicture(
        title=details.get("title") or details["label"],
        width=left + bars + VALUES + (STRIP + GAP if any(quantiles) else 0),
        height=TOP + ROW * len(items) + BOTTOM,
        names=left - HALF_BAR,
        values=left + bars + HALF_BAR,
        panels=panels,
        bars=[
            _bar(item, name, TOP + ROW * place + ROW // 2, axis, _spread(known, strip))
            for place, (item, name, known) in enumerate(zip(items, names, quantiles, strict=True))
        ],
        legend=_legend(details, items, quantiles),
        text=_text(details, items),
    )


@dataclass(frozen=True, slots=True)
class Dependences:
    """How answers depend on the items that are drawn: over numbers a curve each, over labels a ranking each.

    Parameters
    ----------
    heights
        Ends of the axis that all curves share, so that what is steeper counts more.
    """

    drawn: list[Details]
    heights: tuple[float, ...]


def dependences(details: Details) -> Dependences:
    """Return how answers depend on the items that are drawn.

    Of several outputs a curve has those that depend on the item most; over labels they stand in the table alone.
    """
    drawn = []
    for item in details["items"][:MOST_DRAWN]:
        depends = item.get("dependence")
        if depends is None or not depends["lines"]:
            continue
        lines = sorted(depends["lines"], key=lambda line: min(line["y"], default=0.0) - max(line["y"], default=0.0))
        if depends.get("x") is not None and len(depends["x"]) > 1:
            drawn.append(_curve(item["name"], depends["x"], lines))
        elif depends.get("labels") and len(lines) == 1:
            drawn.append(_labels(item["name"], depends["labels"], lines[0]))
    numbers = [number for one in drawn for line in one.get("series") or () for number in line["y"]]
    return Dependences(drawn, (min(numbers), max(numbers)) if numbers else ())


def _curve(name: str, x: list[float], lines: list[Details]) -> Details:
    more = f", {MOST_LINES} of {len(lines)} answers" if len(lines) > MOST_LINES else ""
    series = [{"name": line["name"], "x": x, "y": line["y"]} for line in lines[:MOST_LINES]]
    return {
        "kind": "curve",
        "title": f"Answers by {name}{more}",
        "x_label": name,
        "y_label": "mean answer",
        "series": series,
    }


def _labels(name: str, labels: list[str], line: Details) -> Details:
    items = [{"name": label, "value": value} for label, value in zip(labels, line["y"], strict=True)]
    title = f"Answers by {name}: {line['name']}"
    return {"kind": "ranking", "title": title, "label": "mean answer", "items": items, "total": len(items)}


def _ends(item: Details) -> list[float]:
    if item["value"] is None:
        return []
    return [number for number in (item["value"], *(item.get("interval") or ())) if number is not None]


def _known(item: Details) -> dict[float, float]:
    """Return the quantiles of an item that have a value, by their share."""
    return {one["p"]: one["value"] for one in item.get("quantiles") or () if one["value"] is not None}


def _bar(item: Details, name: str, y: int, axis: _Axis, spread: Spread | None) -> Bar:
    value = item["value"]
    if value is None:
        return Bar(name, "not measured", y, None, None, spread)
    start, end = sorted((axis.at(0.0), axis.at(value)))
    return Bar(name, wording.number(value, 3), y, (start, round(end - start, 1)), _range(item, axis), spread)


def _range(item: Details, axis: _Axis) -> Range | None:
    low, high = item.get("interval") or (item["value"], item["value"])
    if low is not None and low == high:
        return None
    left = axis.first if low is None else axis.at(low)
    right = axis.last if high is None else axis.at(high)
    return Range(left, right, low is None, high is None)


def _spread(known: dict[float, float], axis: _Axis) -> Spread | None:
    if not known:
        return None
    outermost = (known[min(known)], known[max(known)])
    box = None
    if 0.25 in known and 0.75 in known:
        start, end = axis.at(known[0.25]), axis.at(known[0.75])
        box = (start, round(end - start, 1))
    median = axis.at(known[0.5]) if 0.5 in known else None
    return Spread((axis.at(outermost[0]), axis.at(outermost[1])) if len(known) > 1 else None, box, median)


def _shortened(name: str) -> str:
    """Leave out the middle of a long name: what columns of one origin differ in stands at either end."""
    shown = wording.visible(" ".join(name.split()))
    if _width(shown) <= _MOST_NAME:
        return shown
    half = _MOST_NAME // 2 - 1
    return f"{_cut(shown, half)}…{_cut(shown[::-1], half)[::-1]}"


def _cut(text: str, width: int) -> str:
    while _width(text) > width:
        text = text[:-1]
    return text


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _legend(details: Details, items: list[Details], quantiles: list[dict[float, float]]) -> str:
    intervals = " with 95% interval" if any(_has_interval(item) for item in items) else ""
    said = [f"Bars: {details['label']}{intervals}"]
    if any(quantiles):
        shares = sorted({p for known in quantiles for p in known})
        box = "box from p25 to p75, " if {0.25, 0.75} <= set(shares) else ""
        lines = f", line from {_percentile(shares[0])} to {_percentile(shares[-1])}" if len(shares) > 1 else ""
        said.append(f"Beside, what is added to single answers: {box}mark at the median{lines}")
    rest = details["total"] - len(items)
    if rest > 0:
        said.append(f"{len(items):,} of {details['total']:,} are drawn")
    return ". ".join(said) + "."


def _has_interval(item: Details) -> bool:
    return wording.interval(item.get("interval")) not in {"", "exact"}


def _percentile(p: float) -> str:
    return f"p{wording.number(100 * p)}"


def _text(details: Details, items: list[Details]) -> str:
    title = details.get("title")
    said = "; ".join(_words(item) for item in items)
    rest = details["total"] - len(items)
    more = f"; and {rest:,} more" if rest > 0 else ""
    return f"{f'{title}, ' if title else ''}{details['label']}: {said}{more}"


def _words(item: Details) -> str:
    value = "not measured" if item["value"] is None else wording.number(item["value"], 3)
    spread = f", 95% interval {wording.interval(item['interval'])}" if _has_interval(item) else ""
    singles = ", ".join(f"{_percentile(p)} {wording.number(one, 3)}" for p, one in _known(item).items())
    return f"{item['name']} {value}{spread}{f', single answers {singles}' if singles else ''}"
