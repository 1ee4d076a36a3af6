"""Limits for what can be wrong with data, from what is wrong with them today, with room for honest chance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from pytest_mlquality.data.kinds import TIMES
from pytest_mlquality.limit import Limit
from pytest_mlquality.measurement import Measurement
from pytest_mlquality.measures import schema
from pytest_mlquality.measures.integrity import integrity
from pytest_mlquality.measures.time_gaps import YEARS
from pytest_mlquality.proposal import human
from pytest_mlquality.proposal.limits.proposal import Proposal, if_answered
from pytest_mlquality.proposal.limits.suspects import suspects
from pytest_mlquality.proposal.looking.evidence import Evidence
from pytest_mlquality.proposal.remark import listed

if TYPE_CHECKING:
    from pytest_mlquality.data import Table

# What was seen may grow by this share before a limit speaks, and no share is held to less than this.
ROOM = 1.15
LEAST_SHARE = 0.0001
LEVEL = 0.05
JUDGED = ("train", "test", "production")
SHARES = {
    "duplicate_rows": "repeat another row in everything that does not identify it",
    "conflicting_labels": "have the features of a row with another label",
    "placeholders": "have a text that stands for a missing value",
    "infinite_values": "have an infinite number",
    "outlier_rows": "have a number far outside of its range in train",
}
COLUMNS = {
    "constant_columns": "have one value in all rows",
    "identifier_columns": "have a value of its own in nearly every row",
    "mixed_columns": "hold numbers and other texts",
}


def metrics(evidence: Evidence, step: Callable[[str], None]) -> Iterator[Proposal]:
    """Yield what is proposed for ``[schema.metrics]``."""
    yield from _of_the_model(evidence)
    yield from _missing_targets(evidence)
    yield from if_answered("staleness", evidence, partial(_staleness, evidence))
    for name, words in SHARES.items():
        if not _is_asked(name, evidence):
            continue
        step(f"measuring {name}")
        yield from if_answered(name, evidence, partial(_share, name, words, evidence))
    if evidence.classifies:
        yield from if_answered("rarest_class", evidence, partial(_rarest_class, evidence))
        yield from if_answered("ambiguous_labels", evidence, partial(_ambiguous_labels, evidence))
    for name, words in COLUMNS.items():
        step(f"measuring {name}")
        yield from if_answered(name, evidence, partial(_columns, name, words, evidence))


def _is_asked(name: str, evidence: Evidence) -> bool:
    if name == "conflicting_labels":
        return bool(evidence.labelled)
    return name != "outlier_rows" or "train" in evidence.tables


def _measured(name: str, evidence: Evidence) -> dict[str, Measurement]:
    """Return what the gate will measure, by split."""
    of_labels = name in ("conflicting_labels", "rarest_class", "ambiguous_labels")
    train = evidence.tables.get("train")
    return {
        split: _none(name, table)
        if name == "conflicting_labels" and _all_differ(table, evidence.roles[split].features)
        else integrity(name, table, suspects(name, evidence, split), train=train)
        for split, table in evidence.tables.items()
        if split in JUDGED and (not of_labels or split in evidence.labelled)
    }


def _all_differ(table: Table, features: Iterable[str]) -> bool:
    """Return whether no two rows have the same features: asked in a third of the time that conflicts take."""
    distinct = table.expression.select(*(name for name in features if name in table.columns)).distinct()
    return bool(table.aggregates({"rows": distinct.count()}, of=distinct)["rows"] == table.rows)


def _none(name: str, table: Table) -> Measurement:
    return Measurement.exact(0.0, name=name, n=table.rows, unit="share")


def value(measurement: Measurement) -> float:
    """Return the number of an exact measurement."""
    assert measurement.value is not None
    return measurement.value


def _worst(found: Mapping[str, Measurement]) -> tuple[str, Measurement]:
    return max(found.items(), key=lambda item: value(item[1]))


def ceiling(found: Measurement) -> float:
    """Return what a share may be: what it is and some room, and no less than rows like these could show by chance."""
    from pytest_mlquality.statistics.proportion import share

    rows = found.n or 1
    by_chance = share(min(rows, round(value(found) * rows)), rows).upper(LEVEL)
    return min(1.0, max(human.up(ROOM * value(found)), human.up(by_chance, 1), LEAST_SHARE))


def _share(name: str, words: str, evidence: Evidence) -> Iterator[Proposal]:
    found = _measured(name, evidence)
    split, worst = _worst(found)
    if name == "infinite_values" and not value(worst):
        yield Proposal(name, Limit(at_most=0), "none today: the first one is news")
        return
    limit = max(ceiling(each) for each in found.values())
    if limit >= 1:
        yield Proposal(name, None, f"{_percent(worst)} of the rows of {split} {words}: no limit says anything")
        return
    where = f", in {worst.reason}" if worst.reason else ""
    today = f"{_percent(worst)} of the rows of {split} {words}{where}" if value(worst) else f"no rows {words} today"
    room = "" if value(worst) else f"; so few rows ({worst.n:,}) rule out no smaller share"
    yield Proposal(name, Limit(at_most=limit), today + room)


def _percent(found: Measurement) -> str:
    return human.percent(value(found))


def _columns(name: str, words: str, evidence: Evidence) -> Iterator[Proposal]:
    split, worst = _worst(_measured(name, evidence))
    count = int(value(worst))
    named = listed(worst.reason.split(", ")) if count else ""
    reason = f"of {split} {words} today: {named}. Should they be features?" if count else f"none {words} today"
    yield Proposal(name, Limit(at_most=count), f"{count} {reason}" if count else reason)


def _of_the_model(evidence: Evidence) -> Iterator[Proposal]:
    counts = {
        split: schema.mismatched_columns(table.schema, evidence.wanted)
        for split, table in evidence.tables.items()
        if split in JUDGED and evidence.wanted
    }
    if not evidence.wanted:
        yield Proposal("mismatched_columns", False, "neither a model nor a train split says what to expect")
    if counts and value(_worst(counts)[1]):
        split, worst = _worst(counts)
        yield Proposal(
            "mismatched_columns",
            Limit(at_most=value(worst)),
            f"in {split}, {worst.reason}. Should be 0: is that how it is meant?",
        )


def of_one_split(evidence: Evidence) -> dict[str, list[Proposal]]:
    """Return what is proposed for ``[schema.only]``: how many rows a split has is its own."""
    return {
        split: [_rows(table), *if_answered("longest_time_gap", evidence, partial(_time_gap, evidence, split))]
        for split, table in evidence.tables.items()
        if split in JUDGED
    }


def _time_gap(evidence: Evidence, split: str) -> Iterator[Proposal]:
    """Propose how long no row may arise: twice as long as today has room for nights, weekends and holidays."""
    table, roles = evidence.tables[split], evidence.roles[split]
    column = evidence.columns.get(roles.time or "")
    if column is None or column.kind not in ("moment", "day", "whole") or column.name not in table.columns:
        return
    if column.kind == "whole" and not YEARS[0] <= column.low <= column.high <= YEARS[1]:
        return
    gap = integrity("longest_time_gap", table, roles)
    if value(gap):
        where = f" ({gap.reason})" if gap.reason else ""
        said = f"the longest time without a row is {value(gap):.3g} days{where}; twice that is room for days off"
        yield Proposal("longest_time_gap", Limit(at_most=human.up(2 * value(gap))), said)


def _rows(table: Table) -> Proposal:
    least = human.down(0.8 * table.rows)
    return Proposal("rows", Limit(at_least=max(1.0, least)), f"{table.rows:,} today: less was cut short")


def _missing_targets(evidence: Evidence) -> Iterator[Proposal]:
    splits = [split for split in evidence.labelled if split != "production"]
    if not evidence.targets or not splits:
        return
    if len(evidence.targets) > 1:
        found = {split: schema.missing_labels(evidence.tables[split], evidence.targets) for split in splits}
        missing = {split: int(value(each)) for split, each in found.items()}
    else:
        missing = {split: evidence.columns[evidence.targets[0]].seen[split].missing for split in splits}
    split = max(missing, key=lambda name: missing[name])
    if not missing[split]:
        yield Proposal("missing_targets", Limit(at_most=0), "every row has its label")
        return
    reason = f"{missing[split]:,} rows of {split} have no label: what should a model learn from them?"
    yield Proposal("missing_targets", Limit(at_most=human.up(ROOM * missing[split])), reason)


def _staleness(evidence: Evidence) -> Iterator[Proposal]:
    """Propose how old production may be: train and test grow old with the calendar, and that is no fault."""
    production = evidence.tables.get("production")
    column = evidence.columns.get(next(iter(evidence.roles.values())).time or "")
    if production is None or column is None or column.kind not in TIMES:
        return
    if column.name not in production.columns:
        return
    days = value(integrity("staleness", production, evidence.roles["production"]))
    most = max(1.0, human.up(1.5 * days, 1))
    yield Proposal("staleness", Limit(at_most=most), "days since the newest row of production, with half as much again")


def _rarest_class(evidence: Evidence) -> Iterator[Proposal]:
    found = _measured("rarest_class", evidence)
    split, rarest = min(found.items(), key=lambda item: value(item[1]))
    least = human.down(0.8 * value(rarest))
    yield Proposal(
        "rarest_class", Limit(at_least=least), f"the least frequent label has {_percent(rarest)} of the rows of {split}"
    )


def _ambiguous_labels(evidence: Evidence) -> Iterator[Proposal]:
    if len(evidence.targets) == 1 and evidence.columns[evidence.targets[0]].kind == "text":
        _, worst = _worst(_measured("ambiguous_labels", evidence))
        said = f"{int(value(worst))} labels differ from another in letter case or white space only"
        yield Proposal("ambiguous_labels", Limit(at_most=value(worst)), said)
