"""What a reader asks of a subject's evidence first: what is missing, what needs a decision, what has changed."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from pytest_mlquality.power import nearness_to_fail

from .wording import MISSING, Outcome, moment, outcome, outcome_named

WORST_SHOWN = 5
UNION_BOUND_WARNING = 0.25
# These need nobody's attention.
_SETTLED = frozenset({"passed", "not_applicable"})
_VERDICT_RANK = {"fail": 0, "inconclusive": 1, None: 2, "pass": 3}


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing that a reviewer has to look at.

    Parameters
    ----------
    measurements
        Those that do not pass, failed ones first, then those nearest to failing, and at most a few.
    more
        How many further measurements do not pass.
    before
        The outcome in the run before, where it was another one.
    waiver
        What the waiver says, in a sentence; empty without one.
    rerun
        The command that runs this check alone.
    """

    id: str
    outcome: Outcome
    message: str
    remedy: str
    measurements: list[dict[str, Any]]
    more: int
    before: str
    waiver: str
    rerun: str
    # Where the check stands in the evidence; None where it has left no trace.
    index: int | None
    # Further checks of which the same is to be said, word for word.
    others: tuple[str, ...] = ()


def missing(subject: dict[str, Any]) -> list[str]:
    """Return the expected checks that have no outcome, in the order in which they are demanded."""
    decided = {check["id"] for check in subject["checks"] if check["outcome"] is not None}
    return [check_id for check_id in dict.fromkeys(subject["expected"]) if check_id not in decided]


def of_rows(subject: dict[str, Any]) -> list[str]:
    """Return what is to be known of the rows of each split: those left out for want of a label, and copies."""
    told = (
        ("unlabelled", "rows without a label are left out"),
        ("copies", "rows are copies of others, and equal ones count as one: say in [data] unit what is independent"),
    )
    return [
        f"{split}: {facts[name]:,} {words}."
        for split, facts in subject["data"].items()
        for name, words in told
        if facts.get(name)
    ]


def lost(problem: str) -> str:
    """Return a sentence on something that was lost of a run."""
    return f"Of this run something was lost: {problem}."


def outcome_counts(subject: dict[str, Any]) -> dict[str, int]:
    """Return how often each outcome occurred, missing ones included."""
    counts = Counter(check["outcome"] for check in subject["checks"] if check["outcome"] is not None)
    absent = len(missing(subject))
    return {**counts, MISSING: absent} if absent else dict(counts)


def attention(subject: dict[str, Any], started: str) -> list[Concern]:
    """Return everything that is not settled, the most urgent first.

    Parameters
    ----------
    started
        When the run began: waivers are measured against that day.
    """
    before = (subject["previous"] or {}).get("outcomes", {})
    found = [
        _concern(index, check, before.get(check["id"]), started)
        for index, check in enumerate(subject["checks"])
        if check["outcome"] not in _SETTLED
    ]
    traced = {check["id"] for check in subject["checks"]}
    found += [_untraced(check_id, before) for check_id in missing(subject) if check_id not in traced]
    return sorted(_together(found), key=lambda concern: (concern.outcome.rank, _nearness(concern)))


def _nearness(concern: Concern) -> float:
    """Return how near an undecided check is to failing: the nearest of its measurements stands first."""
    undecided = [one for one in concern.measurements if one["verdict"] == "inconclusive"]
    return nearness_to_fail(undecided[0]) if undecided and concern.outcome.word == "inconclusive" else 0.0


def _together(found: list[Concern]) -> Iterable[Concern]:
    """Return checks that measured nothing, and of which the same is said, as one: a model that cannot be loaded."""
    same: dict[object, Concern] = {}
    for concern in found:
        said = (concern.outcome.word, concern.message, concern.remedy, concern.waiver, concern.before)
        key = concern.index if concern.measurements else said
        first = same.get(key)
        same[key] = replace(first, others=(*first.others, concern.id)) if first else concern
    return same.values()


def _concern(index: int, check: dict[str, Any], before: str | None, started: str) -> Concern:
    open_ones = sorted(
        (measurement for measurement in check["measurements"] if measurement["verdict"] != "pass"),
        key=lambda measurement: (
            _VERDICT_RANK.get(measurement["verdict"], 2),
            nearness_to_fail(measurement) if measurement["verdict"] == "inconclusive" else 0.0,
        ),
    )
    kind = outcome_named(outcome(check))
    message = check["message"]
    if kind.word == MISSING and not message:
        message = "Begun and not finished: the run was cut off."
    return Concern(
        id=check["id"],
        outcome=kind,
        message=message,
        remedy=check["remedy"],
        measurements=open_ones[:WORST_SHOWN],
        more=max(0, len(open_ones) - WORST_SHOWN),
        before=_before(before, kind),
        waiver=waiver_text(check, started),
        rerun=f"pytest --ml-quality {shlex.quote(check['nodeid'])}",
        index=index,
    )


def _untraced(check_id: str, before: dict[str, str]) -> Concern:
    kind = outcome_named(MISSING)
    message = "Expected in this stage, but not run: deselected, or the run was cut off before it."
    remedy = "Run the gate without narrowing it."
    return Concern(check_id, kind, message, remedy, [], 0, _before(before.get(check_id), kind), "", "", None)


def _before(name: str | None, now: Outcome) -> str:
    if name is None:
        return ""
    word = outcome_named(name).word
    return "" if word == now.word else word


def waiver_state(check: dict[str, Any], started: str) -> str:
    """Return whether the waiver of a check counts, and why not where it does not."""
    waiver = check["waiver"]
    if check["outcome"] == "waived":
        return "in force"
    # ISO dates sort as text.
    if waiver["until"] < moment(started)[:10]:
        return "expired"
    if not waiver["reason"]:
        return "without a reason"
    needed = any(measurement["verdict"] in {"fail", "inconclusive"} for measurement in check["measurements"])
    return "does not cover this outcome" if needed else "not used"


def waiver_text(check: dict[str, Any], started: str) -> str:
    """Return one sentence on the waiver of a check, or an empty string."""
    waiver = check["waiver"]
    if waiver is None:
        return ""
    state = waiver_state(check, started)
    lead = "Waived" if state == "in force" else f"Waiver {state}: waived"
    return f"{lead} by {waiver['owner'] or 'nobody'} until {waiver['until']}: {waiver['reason'] or 'no reason given'}"


def not_applicable(subject: dict[str, Any]) -> int:
    """Return how many checks do not apply, such as comparisons with a baseline at a first release."""
    return sum(check["outcome"] == "not_applicable" for check in subject["checks"])


def changes(subject: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return ``(check id, outcome before, outcome now)`` for what differs from the run before."""
    if subject["previous"] is None:
        return []
    before = {check_id: name or MISSING for check_id, name in subject["previous"]["outcomes"].items()}
    now = {check["id"]: outcome(check) for check in subject["checks"]}
    return [
        (check_id, outcome_named(before[check_id]).word, outcome_named(name).word)
        for check_id, name in now.items()
        if check_id in before and before[check_id] != name
    ]
