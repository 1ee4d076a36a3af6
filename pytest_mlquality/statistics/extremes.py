"""The largest and the smallest of several groups' numbers.

The largest true number is at least every group's, so its lower bound is the largest lower bound of K groups, each at
``level / K``; its upper bound is the largest upper bound, each at the level, for it errs only where that of the truly
largest one does. Of the smallest the sides are exchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pytest_mlquality.statistics.estimate import Bound, Estimate
from pytest_mlquality.statistics.pivot import checked


def largest(groups: Sequence[Estimate]) -> Estimate:
    """Return the largest of the groups' numbers, all with a value."""
    return _estimate(
        groups,
        max,
        lambda level: max(one.lower(checked(level) / len(groups)) for one in groups),
        lambda level: max(one.upper(checked(level)) for one in groups),
    )


def smallest(groups: Sequence[Estimate]) -> Estimate:
    """Return the smallest of the groups' numbers, all with a value."""
    return _estimate(
        groups,
        min,
        lambda level: min(one.lower(checked(level)) for one in groups),
        lambda level: min(one.upper(checked(level) / len(groups)) for one in groups),
    )


def _estimate(
    groups: Sequence[Estimate], choose: Callable[[Iterable[float]], float], lower: Bound, upper: Bound
) -> Estimate:
    n = sum(one.n for one in groups)
    values = [one.value for one in groups if one.value is not None]
    if not values:
        return Estimate.undefined(n, "no group is large enough to judge")
    methods = list(dict.fromkeys(one.method.split(",")[0] for one in groups))
    reasons = dict.fromkeys(one.reason for one in groups if one.reason)
    method = "exact" if methods == ["exact"] else f"{len(groups)} groups, each {'; '.join(methods)}"
    return Estimate(choose(values), n, method, lower, upper, reason=next(iter(reasons), ""))
