"""Exact counts of columns and labels that are not as they should be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from pytest_mlquality.data.kinds import NUMBERS, TIMES, Kind, kind_named
from pytest_mlquality.data.nan import is_missing
from pytest_mlquality.measurement import Measurement
from pytest_mlquality.rules.rule import Finding

if TYPE_CHECKING:
    from pytest_mlquality.data import Table

WORST_NAMED = 5


def mismatched_columns(found: Mapping[str, str], wanted: Mapping[str, str]) -> Measurement:
    """Count wanted columns that are missing, or found in another kind of type.

    Parameters
    ----------
    found, wanted
        Column to type name; an empty type name in `wanted` accepts any.
    """
    problems = {column: _problem(found.get(column), kind) for column, kind in wanted.items()}
    wrong = {column: problem for column, problem in problems.items() if problem}
    return Measurement.exact(
        len(wrong),
        name="mismatched_columns",
        n=len(wanted),
        unit="columns",
        reason="; ".join(f"{column}: {problem}" for column, problem in wrong.items()),
        details={"kind": "rules", "rules": [{"rule": f"{c}: {p}", "count": 1} for c, p in wrong.items()]},
    )


def _problem(found: str | None, wanted: str) -> str:
    if found is None:
        return "missing"
    if not wanted:
        return ""
    return "" if _fits(found, wanted) else f"is {found}, the model was made for {wanted}"


def _fits(found: str, wanted: str) -> bool:
    """Return whether a type is to a model what it wants: types differ by what they hold, not by their width."""
    kind, kind_wanted = kind_named(found), kind_named(wanted)
    if kind_wanted == "other":
        return found.lower().lstrip("!") == wanted.lower().lstrip("!")
    # A whole number is a number: models are fed integers where their signature says double.
    alike: tuple[tuple[Kind, ...], ...] = (NUMBERS, TIMES) if kind_wanted != "whole" else (TIMES,)
    return kind == kind_wanted or any(kind in some and kind_wanted in some for some in alike)


def missing_targets(missing: int, rows: int) -> Measurement:
    """Count rows without a label among `rows`."""
    return Measurement.exact(missing, name="missing_targets", n=rows, unit="rows")


def missing_labels(table: Table, targets: Sequence[str]) -> Measurement:
    """Count rows that lack a label of several, and which they lack."""
    lacking = {target: is_missing(table.expression[target]) for target in targets}
    conditions = [*lacking.values(), reduce(or_, lacking.values())]
    asked = {str(place): table.expression.count(where=condition) for place, condition in enumerate(conditions)}
    *each, anywhere = map(int, table.aggregates(asked).values())
    rules = [{"rule": t, "count": count, "column": t} for t, count in zip(targets, each, strict=True)]
    return Measurement.exact(
        anywhere,
        name="missing_targets",
        n=table.rows,
        unit="rows",
        reason=", ".join(target for target, count in zip(targets, each, strict=True) if count),
        details={"kind": "rules", "rules": rules},
    )


def broken_rules(found: Iterable[Finding], rows: int, tolerated: Mapping[str, float], *, look: str = "") -> Measurement:
    """Count the rules that are broken by more rows than are tolerated.

    Parameters
    ----------
    tolerated
        By rule, the share of rows that may break it.
    look
        What shows the rows that break them, for people.
    """
    every = list(found)
    broken = [each for each in every if _is_broken(each, rows, tolerated.get(each.rule.name, 0.0))]
    worst = sorted(broken, key=lambda each: -each.count)[:WORST_NAMED]
    named = [_sentence(each) for each in worst]
    if len(broken) > len(worst):
        named.append(f"and {len(broken) - len(worst)} more")
    return Measurement.exact(
        len(broken),
        name="broken_rules",
        n=rows,
        unit="rules",
        reason="; ".join([*named, look] if broken and look else named),
        details={"kind": "rules", "rules": [_as_rule(each) for each in every]},
    )


def _is_broken(finding: Finding, rows: int, tolerated: float) -> bool:
    if finding.rule.warns or not finding.count:
        return False
    return finding.count > tolerated * rows if finding.of_rows else True


def _sentence(finding: Finding) -> str:
    how_often = f"{finding.count:,} rows" if finding.of_rows else "does not hold"
    return f"{finding.rule.name}: {finding.message or how_often}{_named(finding)}"


def _named(finding: Finding) -> str:
    """Name the values that break a rule in many rows."""
    names = ", ".join(f"{value!r} in {rows:,}" for value, rows in finding.named)
    return f" ({names})" if names else ""


def _as_rule(finding: Finding) -> dict[str, object]:
    rows = finding.count if finding.of_rows else None
    message = finding.message or _named(finding).strip(" ()")
    if finding.rule.warns and finding.count:
        message = f"a warning only{': ' if message else ''}{message}"
    return {
        "rule": finding.rule.name,
        "count": finding.count,
        "rows": rows,
        "column": finding.rule.column,
        "message": message,
    }
