"""What the model relies on: shares of columns in everything that moves its answers, and their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pytest_mlquality.measurement import INTERVAL_LEVEL, Measurement
from pytest_mlquality.measures.column_importance import Importance
from pytest_mlquality.statistics import ranks
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.extremes import largest
from pytest_mlquality.statistics.mean import mean

CONSTANT = "the model answers the same whatever the row says"
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
# Below so many units in the outermost part a quantile would be a person's own.
LEAST_OUTSIDE = 10


def share(importance: Importance, columns: Sequence[str]) -> Estimate:
    """Return the share of some columns together; 0 of columns that the model does not see."""
    if not importance.moves:
        return Estimate.undefined(len(importance.parts), CONSTANT)
    places = [place for name in columns if (place := importance.place(name)) is not None]
    if not places:
        return Estimate.exact(0.0, len(importance.parts))
    together = importance.parts[:, places].sum(axis=1)
    low, high = importance.support
    return mean(
        np.clip(together, low, high), unit=importance.unit, weight=importance.weight, support=importance.support
    )


def share_of(importance: Importance, column: str) -> Measurement:
    """Measure the share of one column."""
    return _because(Measurement.of(f"share[{column}]", share(importance, [column]), unit="share"), "", importance)


def largest_share(importance: Importance, dependence: Mapping[str, dict[str, Any]] | None = None) -> Measurement:
    """Measure the largest share of one column: a model that rests on one alone has often been given the answer.

    The details hold the shares of all columns with their intervals, the quantiles of their attributions, and how the
    answers depend on those of `dependence`.
    """
    estimates = {name: share(importance, [name]) for name in importance.columns}
    found = largest(list(estimates.values())) if importance.moves else share(importance, [])
    order = sorted(estimates, key=lambda name: -(estimates[name].value or 0.0))
    items = [
        {
            "name": name,
            "value": estimates[name].value,
            "interval": _interval(estimates[name]),
            **_spread(importance, name),
            **({"dependence": dependence[name]} if dependence is not None and name in dependence else {}),
        }
        for name in order
    ]
    # On which scale single answers are moved.
    scale = f" ({importance.attributions.unit})" if importance.attributions is not None else ""
    title = f"{importance.method}{scale}"
    details = {"kind": "ranking", "label": "share", "title": title, "items": items, "total": len(items)}
    if found.value is None:
        return Measurement.of("largest_share", found)
    measured = Measurement.of("largest_share", found, unit="share", details=details)
    return _because(measured, f"largest is {order[0]}", importance)


def forbidden_share(importance: Importance, column: str) -> Measurement:
    """Measure the share of a column that is to count for nothing."""
    measured = Measurement.of(f"forbidden_share[{column}]", share(importance, [column]), unit="share")
    is_seen = importance.place(column) is not None
    return _because(measured, "" if is_seen else "the model does not see it", importance)


def proxy_share(importance: Importance, column: str, association: Mapping[str, float], from_: float) -> Measurement:
    """Measure the share of the columns that stand in for one that is to count for nothing.

    Parameters
    ----------
    association
        How closely each other column goes together with it, from 0 to 1.
    from_
        Association from which on a column stands in.
    """
    standing_in = sorted(
        (name for name in association if association[name] >= from_), key=lambda one: -association[one]
    )
    found = share(importance, standing_in)
    items = [
        {"name": name, "value": association[name]} for name in sorted(association, key=lambda one: -association[one])
    ]
    title = f"association with {column} (Cramer's V); {from_:g} and more stand in for it"
    details = {"kind": "ranking", "label": "Cramer's V", "title": title, "items": items, "total": len(items)}
    measured = Measurement.of(f"proxy_share[{column}]", found, unit="share", details=details)
    named = ", ".join(f"{name} (V = {association[name]:.2f})" for name in standing_in[:5])
    return _because(measured, f"standing in: {named}" if named else "no column stands in", importance)


def expected_rank(importance: Importance, column: str) -> Measurement:
    """Measure which place a column has by its share, 1 for the largest; behind all others where it is not seen."""
    name, n = f"expected_rank[{column}]", len(importance.parts)
    if not importance.moves:
        return Measurement.of(name, Estimate.undefined(n, CONSTANT))
    place = importance.place(column)
    if place is None:
        behind = Estimate.exact(len(importance.columns) + 1.0, n)
        return _because(Measurement.of(name, behind), "the model does not see it", importance)
    found = ranks.rank(
        importance.parts, place, unit=importance.unit, weight=importance.weight, support=importance.support
    )
    order = np.argsort(-importance.shares.value)
    ahead = [importance.columns[one] for one in order[: int(found.value or 1) - 1]]
    reason = f"ahead of it: {', '.join(ahead[:5])}" if ahead else ""
    return _because(Measurement.of(name, found), reason, importance)


def unused_columns(importance: Importance) -> Measurement:
    """Count columns that the model asks for, and that move none of the answers."""
    unused = [name for place, name in enumerate(importance.columns) if not importance.parts[:, place].any()]
    return Measurement.exact(
        len(unused), name="unused_columns", n=len(importance.parts), unit="columns", reason=", ".join(unused)
    )


def _because(measured: Measurement, reason: str, importance: Importance) -> Measurement:
    said = "; ".join(part for part in (reason, measured.reason) if part)
    # That rows weigh by how far their answers are moved is what a share is, and nothing to be told.
    how = f"{importance.method}; {measured.method.partition(', weighted')[0]}"
    return replace(measured, n=len(importance.parts), reason=said, method=how)


def _interval(found: Estimate) -> list[float] | None:
    return None if found.value is None else [found.lower(INTERVAL_LEVEL), found.upper(INTERVAL_LEVEL)]


def _spread(importance: Importance, column: str) -> dict[str, Any]:
    """Return the quantiles of a column's attributions, in which a beeswarm would lie."""
    found, place = importance.attributions, importance.place(column)
    if found is None or place is None or found.values.shape[2] != 1:
        return {}
    values = found.values[:, place, 0]
    units = len(values) if importance.unit is None else len(np.unique(importance.unit.astype(str)))
    kept = [p for p in QUANTILES if min(p, 1 - p) * units >= LEAST_OUTSIDE]
    return {"quantiles": [{"p": p, "value": float(np.quantile(values, p))} for p in kept]} if kept else {}
