"""What a limit can see: where a value would have to lie for it to fail or to pass, with rows such as those at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import inf, isfinite, log, log1p, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from pytest_mlquality.verdict import NO_LEVEL, has_bound

if TYPE_CHECKING:
    from pytest_mlquality.limit import Limit
    from pytest_mlquality.measurement import Measurement
    from pytest_mlquality.statistics.estimate import Bound
    from pytest_mlquality.verdict import Levels

MIDDLE = 0.5


@dataclass(frozen=True, slots=True)
class Power:
    """Values between which a limit is undecided with as many rows; None where no value fails, or passes, it.

    Parameters
    ----------
    fails_below, passes_from
        Of ``at_least``.
    passes_to, fails_above
        Of ``at_most``.
    """

    fails_below: float | None = None
    passes_from: float | None = None
    passes_to: float | None = None
    fails_above: float | None = None


def power(measurement: Measurement, limit: Limit, levels: Levels) -> Power | None:
    """Return about where a limit fails and passes; None of a measurement without a value or without uncertainty.

    The distance from value to bound is taken to be that of the rows at hand, also where the value is another one; of
    a share it changes as the standard deviation of a share does, with ``sqrt(v (1 - v))``.

    Parameters
    ----------
    levels
        Those of each edge of the limit, as a `Judgement` has them.
    """
    if measurement.value is None or not has_uncertainty(measurement, levels):
        return None
    lower, upper = measurement.lower, measurement.upper
    low, high = limit.at_least, limit.at_most
    found = Power(
        None if low is None else _value_at(measurement, (upper, lower), levels.false_fail, low),
        None if low is None else _value_at(measurement, (lower, upper), levels.false_pass, low),
        None if high is None else _value_at(measurement, (upper, lower), levels.false_pass, high),
        None if high is None else _value_at(measurement, (lower, upper), levels.false_fail, high),
    )
    least, most = _range(measurement)
    inside = {name: value for name, value in asdict(found).items() if value is not None and least <= value <= most}
    return Power(**inside)


def nearness_to_fail(measurement: Mapping[str, Any]) -> float:
    """Return how far an undecided measurement of the evidence is from failing: 0 where it would, 1 at its limit.

    Infinite where no value of it could fail.
    """
    value, seen = measurement["value"], measurement.get("power") or {}
    edges = (("fails_below", measurement["at_least"]), ("fails_above", measurement["at_most"]))
    ends = [(end, edge) for name, edge in edges if (end := seen.get(name)) is not None and end != edge]
    return inf if value is None else min(((value - end) / (edge - end) for end, edge in ends), default=inf)


def has_uncertainty(measurement: Measurement, levels: Levels) -> bool:
    """Return whether a measurement has bounds that a level moves.

    Exact numbers have none, nor has what is known on one side alone, such as the largest error that there is.
    """
    sides = (measurement.lower, measurement.upper)
    near, far = ([side(level) for side in sides] for level in (levels.false_pass, NO_LEVEL))
    return near != far or measurement.value not in near


def _value_at(measurement: Measurement, bounds: tuple[Bound, Bound], level: float, edge: float) -> float | None:
    """Return the value whose bound at `level` would lie on an edge; None where no value has such a bound.

    Parameters
    ----------
    bounds
        The one in question, and the one on the other side.
    """
    value, (bound, other) = measurement.value, bounds
    assert value is not None
    # A value at the end of its range, such as a distance of 0, has room on the other side alone.
    distance = (bound(level) - value) or (value - other(level))
    if not isfinite(distance) or not has_bound(measurement, bound, level):
        return None
    if not 0 < edge < 1 or not _is_share(measurement):
        return edge - distance
    return _share_at(distance / _spread(value) if 0 < value < 1 else _at_an_end(measurement, bound, level), edge)


def _share_at(distance: float, edge: float) -> float:
    """Return the share v at which ``v + distance * sqrt(v (1 - v))`` is an edge (Wilson 1927)."""
    square = distance**2
    root = distance * sqrt(square + 4 * edge * (1 - edge))
    return (2 * edge + square - root) / (2 * (1 + square))


def _at_an_end(measurement: Measurement, bound: Bound, level: float) -> float:
    """Return the distance to a bound, in standard deviations of a share, of a share of 0 or 1.

    That of n independent rows whose bound lies where it does, ``level ** (1 / n)`` away from the other end.
    """
    inner = measurement.upper if measurement.value == 0 else measurement.lower
    room = abs(inner(level) - (measurement.value or 0.0))
    rows = log(level) / log1p(-room) if 0 < room < 1 else inf
    return (1 if bound is measurement.upper else -1) * NormalDist().inv_cdf(1 - level) / sqrt(rows)


def _range(measurement: Measurement) -> tuple[float, float]:
    """Return the ends of the range of a value, as far as they are known: a share's, or where its last bound lies."""
    is_share = measurement.unit == "share"
    least, most = measurement.lower(NO_LEVEL), measurement.upper(NO_LEVEL)
    return 0.0 if is_share or least == 0 else -inf, 1.0 if is_share or most == 1 else inf


def _is_share(measurement: Measurement) -> bool:
    """Return whether a value varies as a share does: it and all of its bounds lie between 0 and 1.

    Distances lie there too, and vary in another way: only a share says so, or a metric, which is no distance from 0.
    """
    value = measurement.value or 0.0
    inside = measurement.lower(NO_LEVEL) >= 0 and measurement.upper(NO_LEVEL) <= 1
    return inside and (measurement.unit == "share" or value > MIDDLE)


def _spread(share: float) -> float:
    return sqrt(share * (1 - share))
