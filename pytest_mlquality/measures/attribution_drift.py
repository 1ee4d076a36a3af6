"""Whether the same columns count as before: in other rows, or for another model."""

from __future__ import annotations

import numpy as np

from pytest_mlquality.measurement import Measurement
from pytest_mlquality.measures.attribution_shares import CONSTANT, share
from pytest_mlquality.measures.column_importance import Importance
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.pairwise import largest_difference
from pytest_mlquality.statistics.rank_agreement import AGREEMENTS, agreement

MEANINGS = {
    "ndcg": "How far both agree on the order of the columns: NDCG with the reference's shares as gains; 1 at most.",
    "spearman_correlation": "Correlation of the ranks of the columns, each counting the same; -1 to 1.",
    "share_change": "Largest change of a column's share in what moves the answers; 0 to 1.",
}


def attribution_drift(
    measure: str, reference: Importance, current: Importance, *, same_rows: bool, between: str, seed: int
) -> Measurement:
    """Measure how far what counts has moved: one of `MEANINGS`.

    Parameters
    ----------
    same_rows
        Whether both are of the same rows, in the same order.
    between
        What is compared, in a word.
    """
    columns = tuple(dict.fromkeys([*reference.columns, *current.columns]))
    first, second = reference.over(columns), current.over(columns)
    name, n = f"{measure}[{between}]", len(first.parts)
    if not (first.moves and second.moves):
        return Measurement.of(name, Estimate.undefined(n, CONSTANT))
    moved = second.shares.value - first.shares.value
    furthest = np.argsort(-np.abs(moved), kind="stable")[:3]
    reason = "moved most: " + ", ".join(
        f"{columns[place]} {first.shares.value[place]:.3g} -> {second.shares.value[place]:.3g}" for place in furthest
    )
    if measure in AGREEMENTS:
        found = agreement(measure, first.shares, second.shares, same_units=same_rows, seed=seed)
    else:
        pairs = [[share(first, [column]), share(second, [column])] for column in columns]
        found = largest_difference(pairs, independent=not same_rows)
    groups = [
        {"name": columns[place], "value": float(moved[place]), "n": n}
        for place in np.argsort(-np.abs(moved), kind="stable")
    ]
    details = {"kind": "groups", "title": f"change of shares, {between}", "by": "column", "metric": "change of share"}
    return Measurement(
        name,
        found.value,
        found.lower,
        found.upper,
        n if same_rows else n + len(second.parts),
        method=f"{second.method}; {found.method.partition(', weighted')[0]}",
        reason="; ".join(part for part in (reason, found.reason) if part),
        details={**details, "groups": groups},
    )
