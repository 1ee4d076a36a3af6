"""Whether an explanation can be trusted: it adds up, it stands for the model, it is the same with another seed."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from pytest_mlquality.adapters.explainers import Attributions
from pytest_mlquality.measurement import Measurement
from pytest_mlquality.measures.attribution_shares import CONSTANT
from pytest_mlquality.measures.column_importance import Importance
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.mean import mean
from pytest_mlquality.statistics.rank_agreement import ndcg


def additivity_error(found: Attributions) -> Measurement:
    """Measure by how much base and attributions miss an answer at most, in standard deviations of the answers.

    Local accuracy (Lundberg and Lee 2017, NeurIPS 30): otherwise something else than the model was explained.
    """
    spread = float(found.answers.std(axis=0).max())
    worst = float(np.abs(found.gaps).max())
    return Measurement.exact(
        worst / spread if spread > 0 else worst, name="additivity_error", n=len(found.values), reason=found.method
    )


def fidelity(importance: Importance) -> Measurement:
    """Measure how well local models stand for the answers around their rows: mean of R2, by which LIME weighs them."""
    found = importance.attributions
    if found is None or found.fidelity is None:
        raise ValueError("there are no local models")
    return Measurement.of("fidelity", mean(np.clip(found.fidelity, -1, 1), unit=importance.unit, support=(-1.0, 1.0)))


def stability(explanations: list[Importance]) -> Measurement:
    """Measure how far explanations that differ in their seed agree on the order: the least NDCG of any two of them."""
    n = len(explanations[0].parts)
    if not all(one.moves for one in explanations):
        return Measurement.of("stability", Estimate.undefined(n, CONSTANT))
    pairs = list(combinations(explanations, 2))
    agreed = [float(ndcg(first.shares.value, second.shares.value)) for first, second in pairs]
    least = int(np.argmin(agreed))
    first, second = (_order(one) for one in pairs[least])
    reason = "" if first[:5] == second[:5] else f"one has {', '.join(first[:5])}; another {', '.join(second[:5])}"
    return Measurement.exact(min(agreed), name="stability", n=n, reason=reason)


def _order(importance: Importance) -> list[str]:
    return [importance.columns[place] for place in np.argsort(-importance.shares.value, kind="stable")]
