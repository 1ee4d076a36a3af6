"""`profile.html`: the data in pictures and numbers, one file, no script and no request to anywhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pytest_mlquality.errors import DataError
from pytest_mlquality.proposal import human
from pytest_mlquality.proposal.limits.leaks import SUSPICIOUS
from pytest_mlquality.proposal.limits.metrics import value
from pytest_mlquality.proposal.looking import associations
from pytest_mlquality.proposal.looking.asking import engine_of
from pytest_mlquality.proposal.looking.histogram import Bin, histogram
from pytest_mlquality.proposal.looking.seen import LEAST_ROWS, Column, Seen
from pytest_mlquality.proposal.looking.sensitive import sensitive

if TYPE_CHECKING:
    import pandas as pd
    from jinja2 import Environment

    from pytest_mlquality.data import Table
    from pytest_mlquality.proposal.look import Findings

_ROOM = "pytest_mlquality.proposal.writing"
WIDTH, HEIGHT = 320, 60
MOST_CATEGORIES = 20


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a picture, in a box of `WIDTH` x `HEIGHT`."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column of one split, as the page shows it.

    Parameters
    ----------
    rows
        What the picture shows, in words: label and rows.
    others
        Rows with a value that is not shown.
    """

    name: str
    type: str
    missing: str
    distinct: str
    rows: list[tuple[str, int]]
    bars: list[Bar]
    others: int = 0


def page(findings: Findings, step: Callable[[str], None]) -> str:
    """Return the page; every text of the data is escaped."""
    style = _asset("profile.css")
    first = findings.samples[findings.first]
    frame = first.frame(first.columns)
    splits = []
    for split in findings.tables:
        step(f"drawing {split}")
        splits.append((split, findings.tables[split], list(_views(findings, split))))
    return (
        _environment()
        .get_template("profile.html.jinja")
        .render(
            style=style,
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            splits=splits,
            findings=findings,
            sampled=first.rows,
            correlations=associations.correlations(findings.columns, frame),
            dependences=associations.dependences(findings.columns, frame),
            most_pairs=associations.MOST_PAIRS,
            least_shown=associations.LEAST_SHOWN,
            most_columns=associations.MOST_COLUMNS,
            least_rows=LEAST_ROWS,
            scores=_scores(findings),
            leaking=_leaking(findings),
            sensitive=sensitive(column.name for column in findings.columns),
            width=WIDTH,
            height=HEIGHT,
        )
    )


def _views(findings: Findings, split: str) -> Iterator[ColumnView]:
    table, some = findings.tables[split], findings.samples[split]
    frame = some.frame(some.columns)
    # A file is read anew for every query.
    rows = some if some.rows == table.rows else table
    for column in findings.columns:
        seen = column.seen.get(split)
        if seen is None:
            continue
        few = _categories(seen) if column.name in findings.domains or column.kind in ("text", "truth") else None
        if few is not None:
            yield _view(column, split, seen, few, _even(few), seen.present - sum(rows for _, rows in few))
        elif column.kind in ("other", "text", "truth"):
            yield _view(column, split, seen, [], [])
        else:
            bins = _histogram(rows, column, frame[column.name])
            yield _view(column, split, seen, [(each.label, each.rows) for each in bins], _bars(bins))


def _histogram(table: Table, column: Column, some: pd.Series[Any]) -> list[Bin]:
    try:
        return histogram(table, column, some)
    except DataError:
        if engine_of(table) is None:
            raise
        return []


def _view(
    column: Column, split: str, seen: Seen, rows: list[tuple[str, int]], bars: list[Bar], others: int = 0
) -> ColumnView:
    return ColumnView(
        column.name,
        column.types[split][:60],
        human.percent(seen.missing / seen.rows),
        seen.different,
        rows,
        bars,
        others,
    )


def _categories(seen: Seen) -> list[tuple[str, int]] | None:
    if seen.counts is None:
        return None
    frequent = [(str(item), rows) for item, rows in seen.counts.items() if rows >= LEAST_ROWS]
    return frequent[:MOST_CATEGORIES]


def _even(rows: list[tuple[str, int]]) -> list[Bar]:
    return _bars([Bin(label, count, 1) for label, count in rows])


def _bars(bins: list[Bin]) -> list[Bar]:
    """Return bars whose area is the number of rows."""
    if not bins:
        return []
    unit = WIDTH / sum(each.steps for each in bins)
    tallest = max(each.rows / each.steps for each in bins)
    bars, x = [], 0.0
    for each in bins:
        height = round(HEIGHT * each.rows / each.steps / tallest, 2)
        bars.append(Bar(round(x, 2), round(HEIGHT - height, 2), round(unit * each.steps * 0.94, 2), height))
        x += unit * each.steps
    return bars


def _scores(findings: Findings) -> list[tuple[str, float]]:
    scores = () if findings.scores is None else findings.scores
    known = [score for score in scores if score.value is not None]
    return [(score.name, value(score)) for score in sorted(known, key=lambda score: -value(score))]


def _leaking(findings: Findings) -> list[str]:
    named = {proposal.name: proposal.reason for proposal in findings.leaks}
    strong = [f"{name}: alone reaches {score:.2f}" for name, score in _scores(findings) if score >= SUSPICIOUS]
    like = named.get("target_named_columns", "")
    return strong + ([like] if like and not like.endswith("no feature") else [])


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        autoescape=True,
        loader=FunctionLoader(_asset),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    filters: dict[str, Any] = {"count": lambda number: f"{number:,}", "score": lambda number: f"{number:.2f}"}
    environment.filters.update(filters)
    return environment


def _asset(name: str) -> str:
    return files(_ROOM).joinpath("templates", name).read_text(encoding="utf-8")
