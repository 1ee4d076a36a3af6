"""How many decisions would be another if only the group were another one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pytest_mlquality.errors import ModelError
from pytest_mlquality.measurement import Measurement
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.rate_estimates import bounded
from pytest_mlquality.statistics.proportion import share_of

NAME = "changed_decisions"


def changed_decisions(plain: Answers, others: Mapping[str, Answers], by: str) -> Measurement:
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
    changed = {name: np.asarray(one.decision != plain.decision) for name, one in others.items()}
    any_of_them = np.any(list(changed.values()), axis=0)
    found = bounded(share_of(any_of_them, unit=plain.unit, weight=plain.weight), plain)
    groups = [{"name": name, "value": float(one.mean()), "n": len(one)} for name, one in changed.items()]
    worst = max(groups, key=lambda one: float(str(one["value"])))
    title = f"decided otherwise if {worst['name']}: {worst['value']:.4g} of the rows"
    details = {"kind": "groups", "title": title, "by": by, "metric": NAME, "groups": groups}
    return Measurement.of(f"{NAME}[{by}]", found, unit="share", details=details)
