"""How well a model predicts: any metric of scikit-learn by its name, alone and against a baseline."""

from __future__ import annotations

from typing import Any

import numpy as np

from pytest_mlquality.measurement import Measurement
from pytest_mlquality.measures import baseline as against
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.calibration_bounds import NORMS
from pytest_mlquality.measures.estimates import estimate, shifted
from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.metrics import GAIN_OVER_TRIVIAL, find
from pytest_mlquality.measures.on_same_rows import loss_on_same_rows
from pytest_mlquality.measures.reliability_curve import reliability_curve
from pytest_mlquality.measures.roc_curve import roc_curve
from pytest_mlquality.measures.sample import Sample
from pytest_mlquality.measures.scoring import primary, score, suiting
from pytest_mlquality.statistics.estimate import Estimate


def metric(name: str | Metric, answers: Answers, *, exact: bool = False) -> Measurement:
    """Measure a metric, or that of a name, or ``gain_over_trivial``.

    The value is scikit-learn's where it has the metric. Bounds are those of a share, of an AUC or of a mean where the
    metric is one, or an increasing function of one, and those of an operating point; else from a bootstrap. A metric
    that these rows leave undefined has no value, and the reason says why.

    Parameters
    ----------
    exact
        Whether the rows are all there are: then the value is its own bound.

    Raises
    ------
    ModelError
        If there is no such metric, or it does not suit the task or what the model answers.
    """
    if name == GAIN_OVER_TRIVIAL:
        return _gain_over_trivial(answers, exact=exact)
    wanted = suiting(name, answers)
    found = estimate(wanted, answers, exact=exact)
    return Measurement.of(str(name), found, unit=wanted.unit, details=_curve(wanted, answers, found))


def loss_to_baseline(name: str | Metric, challenger: Answers, baseline: Answers, *, exact: bool = False) -> Measurement:
    """Measure by how much the challenger is worse than the baseline on the same rows; negative means better.

    Baseline less challenger where higher is better, challenger less baseline for a loss. Rows are paired: units and
    weights are those of the challenger's answers. The loss in ``gain_over_trivial`` is that in the task's metric.

    Parameters
    ----------
    exact
        Whether the rows are all there are: then the value is its own bound.

    Raises
    ------
    ModelError
        If there is no such metric, or it does not suit the task or what one of the models answers.
    DataError
        If the two were not asked about the same rows.
    """
    against.check_same_rows(challenger, baseline)
    asked = primary(challenger, baseline) if name == GAIN_OVER_TRIVIAL else name
    wanted = suiting(asked, challenger, baseline)
    found = loss_on_same_rows(wanted, challenger, baseline, exact=exact)
    sides = [("challenger", _value(wanted, challenger)), ("baseline", _value(wanted, baseline))]
    details = _comparison(wanted.name, sides, found, f"{wanted.name}; {_flips(challenger, baseline)}".rstrip("; "))
    return Measurement.of(f"loss_to_baseline[{name}]", found, unit=wanted.unit, details=details)


def _gain_over_trivial(answers: Answers, *, exact: bool) -> Measurement:
    """Measure the task's metric less what a model reaches that looks at no feature."""
    wanted = find(primary(answers))
    trivial = _of_trivial(wanted.name, answers)
    found = estimate(wanted, answers, exact=exact)
    gain = shifted(found, -trivial)
    details = _comparison(wanted.name, [("model", found.value), ("trivial model", trivial)], gain, "")
    return Measurement.of(GAIN_OVER_TRIVIAL, gain, details=details)


def _of_trivial(name: str, answers: Answers) -> float:
    """Return the metric of constant scores, of a constant class, or of the mean of the rows."""
    if name == "roc_auc":
        return 0.5
    return 1 / max(len(answers.classes or ()), 2) if name == "balanced_accuracy" else 0.0


def _value(wanted: Metric, answers: Answers) -> float | None:
    value = score(wanted, Sample.of(answers)).value
    return value if np.isfinite(value) else None


def _curve(wanted: Metric, answers: Answers, found: Estimate) -> dict[str, Any] | None:
    if found.value is None:
        return None
    if wanted.name in NORMS:
        return reliability_curve(answers)
    return roc_curve(answers) if wanted.name == "roc_auc" and answers.task == "binary" else None


def _comparison(name: str, sides: list[tuple[str, float | None]], difference: Estimate, title: str) -> dict[str, Any]:
    first, second = ({"name": side, "value": value} for side, value in sides)
    values = [value for _, value in sides if value is not None]
    return {
        "kind": "comparison",
        "title": title,
        "metric": name,
        "first": first,
        "second": second,
        "difference": values[0] - values[1] if len(values) == 2 else None,
        "n": difference.n,
    }


def _flips(challenger: Answers, baseline: Answers) -> str:
    """Say how many decisions change from the baseline to the challenger, and which way."""
    if challenger.task in ("regression", "ranking"):
        return ""
    if challenger.task == "binary":
        to_positive = int(((challenger.decision == 1) & (baseline.decision == 0)).sum())
        to_negative = int(((challenger.decision == 0) & (baseline.decision == 1)).sum())
        return f"decisions that change: {to_positive:,} to positive, {to_negative:,} to negative"
    changed = np.asarray(challenger.predicted != baseline.predicted).reshape(len(challenger), -1).any(axis=1)
    return f"decisions that change: {int(changed.sum()):,}"
