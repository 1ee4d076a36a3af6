"""Which columns a measure must look into: what was seen already clears most of them, and queries cost time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_mlquality.data.kinds import NUMBERS
from pytest_mlquality.measures.columns import IDENTIFIES
from pytest_mlquality.measures.roles import Roles
from pytest_mlquality.measures.rows import RANGE
from pytest_mlquality.measures.texts import PLACEHOLDERS
from pytest_mlquality.proposal.looking.evidence import Evidence
from pytest_mlquality.proposal.looking.seen import Column, Seen

if TYPE_CHECKING:
    import pandas as pd

_LIKE_A_NUMBER = re.compile(r"\s*([-+.0-9]|inf|nan)", re.IGNORECASE)
# A column comes under suspicion before its values are as far out as the measure asks.
NEARLY = 0.7


def suspects(measure: str, evidence: Evidence, split: str) -> Roles:
    """Return the roles with those features only that may add to a measure of ``[schema.metrics]``.

    All of them where another engine holds the rows: the gate will ask it for all, which it may not be able to answer.
    """
    roles = evidence.roles[split]
    if evidence.engine is not None:
        return roles
    clears = _CLEARS.get(measure)
    if measure == "outlier_rows":
        return replace(roles, features=_far_out(evidence, split))
    if clears is None:
        return roles
    features = [name for name in roles.features if not clears(evidence.columns[name].seen.get(split))]
    return replace(roles, features=tuple(features))


def _far_out(evidence: Evidence, split: str) -> tuple[str, ...]:
    frame = evidence.samples["train"].frame(evidence.samples["train"].columns)
    found = []
    for name in evidence.roles[split].features:
        column = evidence.columns.get(name)
        if column is None or column.kind not in NUMBERS or column.low is None or name not in frame:
            continue
        if column.any("infinite") or _reaches_out(column, frame[name].dropna().astype(float)):
            found.append(name)
    return tuple(found)


def _reaches_out(column: Column, values: pd.Series[float]) -> bool:
    low, high = values.quantile(RANGE[0]), values.quantile(RANGE[1])
    reach = NEARLY * (high - low)
    return not (low - reach <= float(column.low) and float(column.high) <= high + reach)


def _no_placeholder(seen: Seen | None) -> bool:
    return _all_values(seen, lambda value: str(value).strip().lower() not in PLACEHOLDERS)


def _no_number(seen: Seen | None) -> bool:
    return _all_values(seen, lambda value: not _LIKE_A_NUMBER.match(str(value)))


def _finite(seen: Seen | None) -> bool:
    return seen is not None and not seen.infinite


def _varied(seen: Seen | None) -> bool:
    return seen is not None and (seen.distinct is None or seen.distinct + bool(seen.missing) > 1) and _described(seen)


def _repeated(seen: Seen | None) -> bool:
    return seen is not None and seen.distinct is not None and seen.distinct + 1 < IDENTIFIES * seen.rows


def _described(seen: Seen) -> bool:
    """Return whether a column has two values for sure."""
    return seen.low != seen.high or (seen.distinct or 0) > 1


def _all_values(seen: Seen | None, kept: Callable[[object], bool]) -> bool:
    return seen is not None and seen.counts is not None and all(map(kept, seen.counts))


_CLEARS: dict[str, Callable[[Seen | None], bool]] = {
    "placeholders": _no_placeholder,
    "mixed_columns": _no_number,
    "infinite_values": _finite,
    "constant_columns": _varied,
    "identifier_columns": _repeated,
}
