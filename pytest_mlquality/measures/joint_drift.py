"""Drift that no column shows by itself: how well a classifier tells the rows of two sides apart.

The rows are halved; each half learns and is judged by what the other has learned. A score is compared with others of
the same classifier alone, and on rows that it has not seen an AUC and its bounds are as good as those of any fixed
score. The two AUCs depend on each other (two samples that differ by chance in one way do so for both directions), so
that each is bounded at half the level. AUCs of more folds depend on each other as much, and their rows are fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.measurement import INTERVAL_LEVEL, Measurement
from pytest_mlquality.measures.joint_encoding import Encoded, encoded
from pytest_mlquality.measures.joint_halves import Codes, Units, in_first_half, kept_together
from pytest_mlquality.statistics.auc import roc_auc, roc_auc_difference
from pytest_mlquality.statistics.averaged import average
from pytest_mlquality.statistics.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.measures.domain_classifier import DomainClassifier, Seen

NAME = "joint_drift"
ALIKE = 0.5
# At 5,000 rows a side clean ones mostly pass and a shuffled column of correlated ones fails: studies/joint_drift.py.
DEFAULT_AT_MOST = 0.54
# Fewer rows of a side teach the trees nothing.
LEAST_ROWS = 200
# Columns are ranked where the sides differ, and named where their own share is not chance, at this level.
LEVEL = 0.05
NAMED, RANKED = 5, 10
# So many rows of a half tell which columns matter; every column is shuffled once, which is the slow part.
RANKED_BY = 4_000


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """Rows that a classifier has not seen, with their scores."""

    classifier: DomainClassifier
    rows: Seen
    is_current: NDArray[np.bool_]
    group: Codes
    score: NDArray[np.float64]

    def auc(self) -> Estimate:
        return roc_auc(self.is_current, self.score, unit=self.group)

    def some(self, draw: np.random.Generator) -> _Judged:
        """Return a sample of the rows, large enough to rank columns by."""
        chosen = draw.permutation(len(self.score))[:RANKED_BY]
        rows = replace(self.rows, values=self.rows.values[chosen], scores=self.rows.scores[chosen])
        return _Judged(self.classifier, rows, self.is_current[chosen], self.group[chosen], self.score[chosen])

    def without(self, column: int, draw: np.random.Generator) -> Estimate:
        """Return by how much the AUC is larger than with a column shuffled (Breiman 2001)."""
        shuffled = self.classifier.score(self.rows.shuffled(column, draw))
        return roc_auc_difference(self.is_current, self.score, shuffled, unit=self.group)


def joint_drift(reference: pd.DataFrame, current: pd.DataFrame, *, unit: Units, seed: int) -> Measurement:
    """Measure the AUC with which a classifier tells the rows of two sides apart that it has not seen.

    0.5 where the two are alike, 1 where every row shows where it is from. Below 0.5 only by chance. Where they differ,
    the columns of which the classifier makes use are ranked by the AUC that it loses when the column is shuffled.

    Parameters
    ----------
    reference, current
        The columns to judge, those that both have; at most about 20,000 rows each keep it at some seconds. Missing
        values are values. A column that has new values every day, such as a time or a key, tells any two days apart.
    unit
        What is independent, of each side, shape (rows,): rows of a unit are never both learned from and judged, nor
        are rows that are equal in all columns. None: every row.

    Raises
    ------
    DataError
        The sides have no column in common.
    """
    from pytest_mlquality.measures.domain_classifier import one_thread

    rows = encoded(reference, current)
    if min(len(reference), len(current)) < LEAST_ROWS:
        reason = f"{len(reference):,} and {len(current):,} rows: fewer than {LEAST_ROWS} teach nothing"
        return Measurement.of(NAME, Estimate.undefined(len(rows.values), reason))
    group = kept_together(rows, unit)
    first = in_first_half(group, rows.is_current, seed)
    if any(len(set(rows.is_current[half])) < 2 for half in (first, ~first)):
        reason = f"{int(group.max()) + 1} units: too few for two halves with rows of both sides"
        return Measurement.of(NAME, Estimate.undefined(len(rows.values), reason))
    with one_thread():
        judged = [_judged(rows, group, learn, seed) for learn in (first, ~first)]
        found = average([one.auc() for one in judged])
        if found.lower(LEVEL) <= ALIKE:
            return Measurement.of(NAME, found)
        reason, details = _ranking(judged, rows.names, seed)
    return Measurement.of(NAME, replace(found, reason=reason), details=details)


def _judged(rows: Encoded, group: Codes, learn: NDArray[np.bool_], seed: int) -> _Judged:
    from pytest_mlquality.measures.domain_classifier import DomainClassifier

    classifier = DomainClassifier(rows, learn, seed=seed)
    unseen = classifier.seen(rows.values[~learn])
    return _Judged(classifier, unseen, rows.is_current[~learn], group[~learn], classifier.score(unseen))


def _ranking(judged: Sequence[_Judged], names: Sequence[str], seed: int) -> tuple[str, dict[str, Any]]:
    """Return the columns that give the sides away, in words and for a picture."""
    draw = np.random.default_rng(seed)
    some = [one.some(draw) for one in judged]
    drops = [(name, average([one.without(column, draw) for one in some])) for column, name in enumerate(names)]
    drops.sort(key=lambda drop: -(drop[1].value or 0.0))
    clear = [f"{name} ({drop.value:.2g})" for name, drop in drops[:NAMED] if drop.lower(LEVEL / len(names)) > 0]
    items = [
        {"name": name, "value": drop.value, "interval": [drop.lower(INTERVAL_LEVEL), drop.upper(INTERVAL_LEVEL)]}
        for name, drop in drops[:RANKED]
    ]
    label = "loss of AUC when the column is shuffled"
    return ", ".join(clear), {"kind": "ranking", "label": label, "items": items, "total": len(drops)}
