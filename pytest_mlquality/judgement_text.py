"""What a person reads when a limit does not hold."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_mlquality.measurement import describe, number_text
from pytest_mlquality.verdict import Judgement, Verdict

WORST_SHOWN = 5


def explain(judgement: Judgement, limit_from: str = "") -> list[str]:
    """Return lines that say what was measured, against what, what came of it, and what would decide it."""
    where = f" ({limit_from})" if limit_from else ""
    measurement = judgement.measurement
    reason = [f"  what: {measurement.reason}"] if measurement.reason and measurement.value is not None else []
    return [
        describe(measurement),
        *reason,
        f"  limit: {judgement.limit.describe()}{where}",
        f"  verdict: {verdict_text(judgement)}",
    ]


def verdict_text(judgement: Judgement) -> str:
    """Return the verdict with the bound that decided it, or what would decide it."""
    if judgement.verdict is None:
        return "none: too small to judge"
    if judgement.verdict is Verdict.FAIL:
        return f"fail: {_side_that_failed(judgement)}"
    if judgement.verdict is Verdict.PASS:
        return "pass"
    rows = judgement.rows_to_decide
    enough = f"; about {rows:,} rows would" if rows is not None else ""
    return f"inconclusive: {judgement.measurement.n or 0:,} rows do not decide it{enough}"


def _side_that_failed(judgement: Judgement) -> str:
    limit, level = judgement.limit, f"{judgement.levels.false_fail:g}"
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
        lines.append(f"and {len(judgements) - WORST_SHOWN} more that do not hold")
    return lines


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
