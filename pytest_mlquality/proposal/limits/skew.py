"""Limits of how far other splits may be from train: the default ones, and more room where today's rows need it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_mlquality.errors import DataError
from pytest_mlquality.limit import Limit
from pytest_mlquality.measurement import Measurement
from pytest_mlquality.proposal import human
from pytest_mlquality.proposal.limits.metrics import LEVEL, ROOM, value
from pytest_mlquality.proposal.limits.proposal import Proposal
from pytest_mlquality.proposal.looking.asking import why_not
from pytest_mlquality.proposal.looking.evidence import Evidence
from pytest_mlquality.proposal.looking.shifts import REFERENCE, Pair, Shift, joint_drift, pairs_of
from pytest_mlquality.proposal.remark import listed
from pytest_mlquality.settings.skew_section import SkewSettings

# What a measure of columns is where nothing has moved: 0 of what is at most 1, and 1 of ratios, which have no such end.
OF_COLUMNS = {
    "jensen_shannon_distance": 0.0,
    "missing_ratio": 1.0,
    "unseen_share": 0.0,
    "atom_ratio": 1.0,
    "minority_ratio": 1.0,
}
# Where more columns than this are too far from train, one limit with room for all of them says it.
MOST_OWN = 10
CHANCE = 0.5
# Fewer rows would pass nothing but limits that say nothing.
LEAST_ROWS = 200


@dataclass(frozen=True, slots=True)
class ColumnLimits:
    """Limits of one column, in place of those of all columns."""

    limits: dict[str, Limit] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SkewProposal:
    """What is proposed for ``[skew]``.

    Parameters
    ----------
    between
        The splits that are compared with train, where these are not all that the gate would compare.
    ignored
        Why a column is not compared, by its name.
    columns
        By name, limits of columns that are too far from train for those of all columns.
    unweighted
        Whether rows have weights, which are not looked at.
    why_none
        Why there is no section; empty where there is one.
    """

    between: Sequence[str] = ()
    ignored: Mapping[str, str] = field(default_factory=dict)
    metrics: Sequence[Proposal] = ()
    columns: Mapping[str, ColumnLimits] = field(default_factory=dict)
    unweighted: bool = False
    why_none: str = ""


def skew(
    evidence: Evidence, step: Callable[[str], None], *, unit: str | None = None, left_out: Sequence[str] = ()
) -> SkewProposal | None:
    """Return what is proposed for ``[skew]``; None where there is nothing to compare train with.

    Parameters
    ----------
    unit
        Column of what is independent, where that is not the row.
    left_out
        Features that no check here looks into.
    """
    try:
        pairs = pairs_of(evidence, step, unit=unit, left_out=left_out)
        return _of_pairs(evidence, pairs, step, unit, left_out) if pairs else None
    except DataError as error:
        return SkewProposal(why_none=why_not("skew", error, evidence.engine or "the engine"))


def _of_pairs(
    evidence: Evidence, pairs: Sequence[Pair], step: Callable[[str], None], unit: str | None, left_out: Sequence[str]
) -> SkewProposal:
    enough = [pair for pair in pairs if pair.rows >= LEAST_ROWS]
    if not enough:
        said = f"train or {listed([pair.split for pair in pairs])} has fewer than {LEAST_ROWS} independent rows"
        return SkewProposal(why_none=f"{said}, which prove next to nothing")
    shifts = {measure: [shift for pair in enough for shift in pair.shifts(measure)] for measure in OF_COLUMNS}
    ends_at_1 = [measure for measure, unmoved in OF_COLUMNS.items() if not unmoved]
    ignored = _ignored(enough, [shift for measure in ends_at_1 for shift in shifts[measure]], left_out)
    if not all(pair.compared(ignored) for pair in enough):
        return SkewProposal(why_none="there is no column that could be held to a limit")
    step("telling the rows of train from others")
    joint = {pair.split: joint_drift(evidence, pair, ignored, unit) for pair in enough}
    columns: dict[str, ColumnLimits] = {}
    metrics = [_incomparable(enough, ignored)]
    for measure, found in shifts.items():
        if found:
            metrics.append(_of_columns(measure, [one for one in found if one.column not in ignored], columns))
    between = [pair.split for pair in enough] if len(enough) < len(pairs) else []
    return SkewProposal(between, ignored, [*metrics, _joint(joint)], columns)


def _ignored(pairs: Sequence[Pair], shifts: Iterable[Shift], left_out: Iterable[str]) -> dict[str, str]:
    """Return the columns of which no limit says anything, with the reason."""
    found = dict.fromkeys(left_out, "values of a kind that no check here looks into")
    for pair in pairs:
        for name, split in pair.empty():
            found.setdefault(name, f"no value in {split}")
        for name in pair.texts():
            found.setdefault(name, "texts of which only the lengths are known, which prove nothing")
    for shift in shifts:
        if shift.found.value is not None and ROOM * value(shift.found) >= 1:
            why = f"{shift.split} has next to nothing in common with {REFERENCE}: a key, a time, a fault?"
            found.setdefault(shift.column, why)
        elif shift.found.value is None or _needed(shift.found) >= 1:
            found.setdefault(shift.column, f"too few rows to say how far {shift.split} is from {REFERENCE}")
    return found


def _default(measure: str) -> float:
    """Return the limit that holds where a file names none."""
    limit = SkewSettings().metrics[measure].at_most
    assert limit is not None
    return limit


def _needed(found: Measurement, least: float = 0.0) -> float:
    """Return a limit that today's rows pass, with some room above what was seen, counted from `least`."""
    return human.up(max(least + ROOM * (value(found) - least), found.upper(LEVEL)))


def _incomparable(pairs: Sequence[Pair], ignored: Iterable[str]) -> Proposal:
    found = {pair.split: pair.incomparable(ignored) for pair in pairs}
    split, worst = max(found.items(), key=lambda one: value(one[1]))
    said = "every column has one type on both sides"
    if value(worst):
        said = f"in {split}, {worst.reason}. Should be 0: is that how it is meant?"
    return Proposal("incomparable_columns", Limit(at_most=value(worst)), said)


def _of_columns(measure: str, shifts: Sequence[Shift], columns: dict[str, ColumnLimits]) -> Proposal:
    """Return the limit of all columns, and add to `columns` those of columns that are too far from train for it."""
    default, name, unmoved = _default(measure), measure.replace("_", " "), OF_COLUMNS[measure]
    far = sorted((one for one in shifts if value(one.found) > default), key=lambda one: -value(one.found))
    near = [one for one in shifts if value(one.found) <= default]
    undecided = [_needed(one.found, unmoved) for one in near if one.found.upper(LEVEL) > default]
    limit = max([default, *undecided])
    beyond = [one for one in far if _needed(one.found, unmoved) > limit]
    own = {one.column for one in beyond}
    if len(own) > MOST_OWN or any(not names - own for names in _by_split(shifts).values()):
        named = listed([f"{one.column} of {one.split} {value(one.found):.2g}" for one in far])
        said = f"beyond the default of {human.text(default)} today: {named}. Is that how it is meant?"
        return Proposal(measure, Limit(at_most=max(limit, *(_needed(one.found, unmoved) for one in far))), said)
    said = _farthest([one for one in shifts if one.column not in own], unmoved)
    if undecided:
        said += f"; so few rows do not prove the default of {human.text(default)}"
    for one in beyond:
        limits = columns.setdefault(one.column, ColumnLimits())
        before = limits.limits.get(measure)
        needed = max(_needed(one.found, unmoved), (before.at_most or 0.0) if before else 0.0)
        limits.limits[measure] = Limit(at_most=needed)
        limits.reasons.append(f"{name} of {one.split} {value(one.found):.2g} today")
    return Proposal(measure, Limit(at_most=limit), said)


def _by_split(shifts: Iterable[Shift]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for shift in shifts:
        found.setdefault(shift.split, set()).add(shift.column)
    return found


def _farthest(shifts: Sequence[Shift], unmoved: float) -> str:
    worst = max(shifts, key=lambda one: value(one.found), default=None)
    if worst is None or value(worst.found) <= unmoved:
        return "no difference is seen today"
    return f"farthest from {REFERENCE} today: {worst.column} of {worst.split}, {value(worst.found):.2g}"


def _joint(found: Mapping[str, Measurement]) -> Proposal:
    default = _default("joint_drift")
    small = {split: one for split, one in found.items() if one.value is None}
    if small:
        split, one = next(iter(small.items()))
        return Proposal("joint_drift", False, f"cannot be asked of {split}: {one.reason}")
    split, worst = max(found.items(), key=lambda one: value(one[1]))
    said = f"a classifier tells the rows of {split} from those of {REFERENCE} with an AUC of {value(worst):.3f}"
    needed = {one: _needed(measured, CHANCE) for one, measured in found.items() if measured.upper(LEVEL) > default}
    if not needed:
        return Proposal("joint_drift", Limit(at_most=default), f"{said}; 0.5 is chance")
    named = f", by {worst.reason}" if worst.reason else ""
    if max(needed.values()) >= 1:
        return Proposal("joint_drift", False, f"{said}{named}: no limit says anything. Look into it")
    why = f"beyond the default of {human.text(default)}. Is that how it is meant?"
    if value(worst) <= default:
        why = f"so few rows do not prove the default of {human.text(default)}"
    return Proposal("joint_drift", Limit(at_most=max(needed.values())), f"{said}{named}; {why}")
