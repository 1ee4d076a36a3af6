"""How many decisions would be another if only the group were another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from pytest_mlquality.errors import ModelError
from pytest_mlquality.measurement import Measurement
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.rate_estimates import bounded
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.weighted_share import weighted_share_of

NAME = "changed_decisions"


def changed_decisions(
    plain: Answers, others: Mapping[str, Answers], by: str, left_out: Mapping[str, tuple[int, str]] | None = None
) -> Measurement:
    """Measure the share of rows that are decided otherwise when only what makes their group is that of another.

    The flip test of individual fairness. It says nothing of features that stand in for the group.

    Parameters
    ----------
    plain
        The answers to rows as they are.
    others
        Those to the same rows as if they were all of a group, by its name.
    by
        What makes the groups, in a word.
    left_out
        By name, how many rows the groups have that were not asked about, and why. A group that is not asked about
        changes no decision, so that combinations may change fewer than each of their columns.

    Raises
    ------
    ModelError
        If the model decides nothing but predicts numbers.
    """
    if plain.task not in ("binary", "multiclass"):
        raise ModelError(
            f"{NAME} is for binary and multiclass models, and the task is {plain.task}",
            "drop the limit from [fairness.reliance]",
        )
    aside = left_out or {}
    unasked = [{"name": name, "value": None, "n": n, "reason": why} for name, (n, why) in aside.items()]
    if not others:
        return Measurement.of(f"{NAME}[{by}]", Estimate.undefined(len(plain), "no group is large enough"))
    changed = {name: np.asarray(one.decision != plain.decision) for name, one in others.items()}
    any_of_them = np.any(list(changed.values()), axis=0)
    found = bounded(weighted_share_of(any_of_them, unit=plain.unit, weight=plain.weight), plain)
    groups = [{"name": name, "value": float(one.mean()), "n": len(one)} for name, one in changed.items()]
    worst = max(groups, key=lambda one: float(str(one["value"])))
    title = f"decided otherwise if {worst['name']}: {worst['value']:.4g} of the rows"
    details = {"kind": "groups", "title": title, "by": by, "metric": NAME, "groups": [*groups, *unasked]}
    reason = "; ".join(filter(None, [found.reason, _said(aside, len(aside) + len(others))]))
    return Measurement.of(f"{NAME}[{by}]", replace(found, reason=reason), unit="share", details=details)


def _said(left_out: Mapping[str, tuple[int, str]], groups: int) -> str:
    """Say that some groups were not asked about."""
    if not left_out:
        return ""
    rows = sum(n for n, _ in left_out.values())
    which, them = ("is", "it") if len(left_out) == 1 else ("are", "them")
    small = f"{len(left_out)} of {groups} groups ({rows:,} rows) {which} too small"
    return f"{small}: what would be decided of {them} is not asked"
