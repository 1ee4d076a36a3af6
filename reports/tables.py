"""Details of any kind as tables: the text alternative of every picture, and all there is for an unknown kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from . import wording

Details = dict[str, Any]
MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; the first cell of a row names it.

    Parameters
    ----------
    left_out
        How many further rows the evidence holds.
    """

    caption: str
    columns: list[str]
    rows: list[list[str]]
    left_out: int = 0


def tables(details: Details) -> list[Table]:
    """Return the tables that show `details`."""
    draw = _KINDS.get(details["kind"], _anything)
    return draw(details)


def _table(caption: str, columns: list[str], rows: Iterable[list[str]]) -> Table:
    drawn = list(rows)
    return Table(caption, columns, drawn[:MOST_ROWS], max(0, len(drawn) - MOST_ROWS))


def _estimate(one: Details) -> list[str]:
    measured = wording.number(one["value"]) if one["value"] is not None else one.get("reason") or "not measured"
    return [measured, wording.interval(one.get("interval"))]


def _groups(details: Details) -> list[Table]:
    rows = ([group["name"], *_estimate(group), wording.count(group["n"])] for group in details["groups"])
    caption = details.get("title") or f"{details['metric']} by {details['by']}"
    return [_table(caption, [details["by"], details["metric"], "95% interval", "Rows"], rows)]


def _comparison(details: Details) -> list[Table]:
    rows = [[side["name"], *_estimate(side)] for side in (details["first"], details["second"])]
    if details.get("difference") is not None:
        rows.append(["Difference", wording.number(details["difference"]), ""])
    of = f" on {wording.count(details['n'])} rows" if details.get("n") is not None else ""
    caption = details.get("title") or f"{details['metric']}{of}"
    return [_table(caption, ["Of", details["metric"], "95% interval"], rows)]


def _histogram_pair(details: Details) -> list[Table]:
    first, second = details["names"]
    bins = details.get("categories") or _bins(details.get("edges") or [])
    rows = [[name, f"{a:,}", f"{b:,}"] for name, a, b in zip(bins, *details["counts"], strict=False)]
    for key, name in (("other", "Rare values"), ("missing", "Missing")):
        a, b = details.get(key) or (0, 0)
        if a or b:
            rows.append([name, f"{a:,}", f"{b:,}"])
    caption = details.get("title") or f"{details['column']} in {first} and {second}"
    return [_table(caption, [details["column"], first, second], rows)]


def _bins(edges: list[float | None]) -> list[str]:
    names = []
    for low, high in pairwise(edges):
        left, right = wording.number(low), wording.number(high)
        names.append(f"below {right}" if low is None else f"{left} and above" if high is None else f"{left} to {right}")
    return names


def _quantiles(details: Details) -> list[Table]:
    unit = f" ({details['unit']})" if details["unit"] else ""
    drawn = []
    for sample in details["samples"]:
        rows = ([f"p{wording.number(100 * quantile['p'])}", *_estimate(quantile)] for quantile in sample["quantiles"])
        caption = f"{sample['name']}, n = {wording.count(sample['n'])}"
        drawn.append(_table(caption, ["Quantile", f"Value{unit}", "95% interval"], rows))
    return drawn


def _ranking(details: Details) -> list[Table]:
    items = details["items"]
    shares = sorted({one["p"] for item in items for one in item.get("quantiles") or ()})
    rows = ([item["name"], *_estimate(item), *_quantiles_of(item, shares)] for item in items)
    shown = f"{len(items):,} of {details['total']:,}"
    title = details.get("title")
    caption = (f"{title}, {shown}" if len(items) < details["total"] else title) if title else shown
    if shares:
        caption += "; quantiles are of what is added to single answers"
    columns = ["Name", details["label"], "95% interval", *(f"p{wording.number(100 * p)}" for p in shares)]
    return [
        _table(caption, columns, rows),
        *(_dependence(item["name"], item["dependence"]) for item in items if item.get("dependence")),
    ]


def _quantiles_of(item: Details, shares: list[float]) -> list[str]:
    known = {one["p"]: one["value"] for one in item.get("quantiles") or ()}
    return [wording.number(known[p]) if p in known else "" for p in shares]


def _dependence(name: str, dependence: Details) -> Table:
    numbers = dependence.get("x")
    points = dependence.get("labels") or [] if numbers is None else [wording.number(number) for number in numbers]
    lines = dependence["lines"]
    answers = zip(*(line["y"] for line in lines), strict=False)
    rows = ([point, *map(wording.number, means)] for point, means in zip(points, answers, strict=False))
    return _table(f"Mean answers by {name}", [name, *(line["name"] for line in lines)], rows)


def _rules(details: Details) -> list[Table]:
    rows = (
        [rule["rule"], rule.get("column") or "", _broken(rule), rule.get("message") or ""] for rule in details["rules"]
    )
    return [_table(details.get("title") or "Rules", ["Rule", "Column", "Broken", "Message"], rows)]


def _broken(rule: Details) -> str:
    if not rule["count"]:
        return "holds"
    of = f" of {rule['rows']:,} rows" if rule.get("rows") is not None else ""
    return f"{rule['count']:,}{of}"


def _graph(details: Details) -> list[Table]:
    names = {node["id"]: node["label"] for node in details["nodes"]}
    things = ([node["label"], node.get("role") or ""] for node in details["nodes"])
    arrows = (
        [names.get(edge["source"], edge["source"]), edge.get("label") or "", names.get(edge["target"], edge["target"])]
        for edge in details["edges"]
    )
    caption = details.get("title") or "Graph"
    return [
        _table(f"{caption}: things", ["Name", "Role"], things),
        _table(f"{caption}: arrows", ["From", "Label", "To"], arrows),
    ]


def _curve(details: Details) -> list[Table]:
    return [
        _table(
            one["name"],
            [details["x_label"], details["y_label"]],
            ([wording.number(x), wording.number(y)] for x, y in zip(one["x"], one["y"], strict=False)),
        )
        for one in details["series"]
    ]


def _anything(details: Details) -> list[Table]:
    """Show what is not known: plain values in one table, and each list of records in a table of its own."""
    records = {key: item for key, item in details.items() if _is_records(item)}
    plain = ([key, cell(item)] for key, item in details.items() if key not in records)
    return [
        _table(details["kind"], ["Key", "Value"], plain),
        *(_records(key, item) for key, item in records.items()),
    ]


def _is_records(item: object) -> bool:
    return isinstance(item, list) and bool(item) and all(isinstance(one, dict) for one in item)


def _records(key: str, items: list[Details]) -> Table:
    columns = list(dict.fromkeys(str(column) for item in items for column in item))
    return _table(key, columns, ([cell(item.get(column)) for column in columns] for item in items))


def cell(item: object) -> str:
    """Write any JSON value in one cell."""
    if item is None:
        return ""
    if isinstance(item, bool):
        return "yes" if item else "no"
    if isinstance(item, int | float):
        return wording.number(item)
    return item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)


_KINDS: dict[str, Callable[[Details], list[Table]]] = {
    "comparison": _comparison,
    "curve": _curve,
    "graph": _graph,
    "groups": _groups,
    "histogram_pair": _histogram_pair,
    "quantiles": _quantiles,
    "ranking": _ranking,
    "rules": _rules,
}
