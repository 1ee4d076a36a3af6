"""What a person reads when a limit does not hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pytest_mlquality.measurement import JUDGED_SHARE, Measurement, describe, number_text
from pytest_mlquality.power import power
from pytest_mlquality.printable import one_line
from pytest_mlquality.statistics.estimate import Bound
from pytest_mlquality.verdict import Judgement, Verdict, can_fail, has_bound, most_rows

WORST_SHOWN = 5
# Sections that say how many of the rows must be judged.
_JUDGED_SECTIONS = ("performance.slices", "fairness")
_KINDS = {Verdict.FAIL: "fail", Verdict.INCONCLUSIVE: "inconclusive", None: "too small to judge", Verdict.PASS: "pass"}


def explain(judgement: Judgement, limit_from: str = "") -> list[str]:
    """Return lines that say what was measured, against what, what came of it, and what would decide it.

    Parameters
    ----------
    limit_from
        The settings key at which the limit of the check stands; that of `judged_share` stands in the same section.
    """
    limit_from = limit_key(judgement, limit_from)
    where = f" ({limit_from})" if limit_from else ""
    measurement = judgement.measurement
    reason = [f"  what: {measurement.reason}"] if measurement.reason and measurement.value is not None else []
    return [
        one_line(describe(measurement)),
        *map(one_line, reason),
        one_line(f"  limit: {judgement.limit.describe()}{where}"),
        f"  verdict: {verdict_text(judgement)}",
    ]


def limit_key(judgement: Judgement, limit_from: str) -> str:
    """Return where the limit of a judgement stands: that of ``judged_share`` is not that of what was measured."""
    if judgement.measurement.name != JUDGED_SHARE:
        return limit_from
    section = next((name for name in _JUDGED_SECTIONS if limit_from.startswith(f"{name}.")), "")
    _, joint, file = limit_from.rpartition(" in ")
    return f"{section}.{JUDGED_SHARE}{joint}{file}" if section else f"the default of {JUDGED_SHARE}"


def verdict_text(judgement: Judgement) -> str:
    """Return the verdict with the bound that decided it, or what would decide it."""
    if judgement.verdict is None:
        return "none: too small to judge"
    said = decided_by(judgement)
    return f"{judgement.verdict}: {said}" if said else str(judgement.verdict)


def decided_by(judgement: Judgement) -> str:
    """Return which bound at which level decided, or did not, and then how many rows would; of a pass nothing."""
    if judgement.verdict is Verdict.FAIL:
        return _side_that_failed(judgement)
    if judgement.verdict is not Verdict.INCONCLUSIVE:
        return ""
    if judgement.measurement.name == JUDGED_SHARE:
        return "the rows of what is too small to judge may hold the limit or not"
    return "; ".join([*_sides_that_do_not_decide(judgement), *_what_would(judgement)])


def _sides_that_do_not_decide(judgement: Judgement) -> list[str]:
    """Say of each edge of the limit that is not proven to hold which bound it takes, and where that lies."""
    measurement, limit, levels = judgement.measurement, judgement.limit, judgement.levels
    assert measurement.value is not None
    lower, upper = ("lower", measurement.lower), ("upper", measurement.upper)
    said = []
    if limit.at_least is not None and measurement.value < limit.at_least:
        said.append(_not_yet(measurement, *upper, levels.false_fail, f"below {number_text(limit.at_least)}"))
    elif limit.at_least is not None and measurement.lower(levels.false_pass) < limit.at_least:
        said.append(_not_yet(measurement, *lower, levels.false_pass, f"at least {number_text(limit.at_least)}"))
    if limit.at_most is not None and measurement.value > limit.at_most:
        said.append(_not_yet(measurement, *lower, levels.false_fail, f"above {number_text(limit.at_most)}"))
    elif limit.at_most is not None and measurement.upper(levels.false_pass) > limit.at_most:
        said.append(_not_yet(measurement, *upper, levels.false_pass, f"at most {number_text(limit.at_most)}"))
    return said


def _not_yet(measurement: Measurement, side: str, bound: Bound, level: float, wanted: str) -> str:
    if not has_bound(measurement, bound, level):
        return f"there is no {side} bound at {level_text(level)}"
    return f"the {side} bound at {level_text(level)}, {number_text(bound(level))}, is not {wanted}"


def _what_would(judgement: Judgement) -> list[str]:
    """Say how many rows would decide, or why none are named."""
    said = []
    rows, n = judgement.rows_to_decide, judgement.measurement.n
    if rows is not None and n and rows > most_rows(n):
        said.append("the value is too close to the limit for more rows to decide")
    elif rows is not None and n and rows > n:
        said.append(f"about {rows:,} rows would decide")
    if not can_fail(judgement.measurement, judgement.limit, judgement.levels):
        level = level_text(judgement.levels.false_fail)
        said.append(f"with {n or 0:,} rows this limit can never fail, for want of a bound at {level}")
    elif seen := power(judgement.measurement, judgement.limit, judgement.levels):
        said.append(f"with these rows the limit {power_text(asdict(seen), asdict(judgement.limit))}")
    return said


def power_text(seen: Mapping[str, Any], limit: Mapping[str, Any]) -> str:
    """Say where a limit fails and passes, with as many rows: ``fails below about 0.77 and passes from about 0.89``.

    Parameters
    ----------
    seen
        The fields of a `Power`.
    limit
        ``at_least`` and ``at_most``, among other things: a measurement of the evidence has them.
    """
    fails = [
        f"{side} about {number_text(value)}"
        for side, value in (("below", seen["fails_below"]), ("above", seen["fails_above"]))
        if value is not None
    ]
    return f"{'fails ' + ' or '.join(fails) if fails else 'never fails'} and {_passing(seen, limit)}"


def never_passes(seen: Mapping[str, Any], limit: Mapping[str, Any]) -> bool:
    """Return whether no value passes a limit, with as many rows."""
    low, high = seen["passes_from"], seen["passes_to"]
    if (limit["at_least"] is not None and low is None) or (limit["at_most"] is not None and high is None):
        return True
    return low is not None and high is not None and low > high


def never_fails(seen: Mapping[str, Any]) -> bool:
    """Return whether no value fails a limit, with as many rows."""
    return seen["fails_below"] is None and seen["fails_above"] is None


def _passing(seen: Mapping[str, Any], limit: Mapping[str, Any]) -> str:
    if never_passes(seen, limit):
        return "never passes"
    low, high = seen["passes_from"], seen["passes_to"]
    ends = [f"from about {number_text(low)}"] if low is not None else []
    ends += [f"up to about {number_text(high)}"] if high is not None else []
    return f"passes {' '.join(ends)}"


def level_text(level: float) -> str:
    """Write a level as people read it, in percent: ``5%``, ``0.001%``."""
    return f"{100 * level:.6g}%"


def _side_that_failed(judgement: Judgement) -> str:
    limit, level = judgement.limit, level_text(judgement.levels.false_fail)
    if judgement.lower_bound == judgement.upper_bound:
        return f"{number_text(judgement.lower_bound)} is not {limit.describe()}"
    if limit.at_most is not None and (judgement.lower_bound or 0.0) > limit.at_most:
        bound, edge, side = judgement.lower_bound, limit.at_most, "above"
        return f"even the lower bound at {level}, {number_text(bound)}, is {side} {number_text(edge)}"
    bound, side = judgement.upper_bound, "below"
    return f"even the upper bound at {level}, {number_text(bound)}, is {side} {number_text(limit.at_least)}"


def explain_all(judgements: Sequence[Judgement], limit_from: str = "") -> list[str]:
    """Return `explain` for the worst few, and how many more there are."""
    lines = [line for judgement in judgements[:WORST_SHOWN] for line in explain(judgement, limit_from)]
    if len(judgements) > WORST_SHOWN:
        lines.append(f"and {len(judgements) - WORST_SHOWN} more: {kinds_of(judgements[WORST_SHOWN:])}")
    return lines


def kinds_of(judgements: Sequence[Judgement]) -> str:
    """Say how many fail, are undecided, and are only too small to judge."""
    found = Counter(judgement.verdict for judgement in judgements)
    return ", ".join(f"{found[verdict]:,} {words}" for verdict, words in _KINDS.items() if found[verdict])


def worst_first(judgements: Sequence[Judgement]) -> list[Judgement]:
    """Sort by how far the value lies beyond its limit, failed ones first."""
    rank = {Verdict.FAIL: 0, Verdict.INCONCLUSIVE: 1, Verdict.PASS: 3}
    return sorted(judgements, key=lambda j: (rank[j.verdict] if j.verdict else 2, -_excess(j)))


def _excess(judgement: Judgement) -> float:
    value, limit = judgement.measurement.value, judgement.limit
    if value is None:
        return 0.0
    beyond = [value - limit.at_most] if limit.at_most is not None else []
    if limit.at_least is not None:
        beyond.append(limit.at_least - value)
    return max(beyond)
