"""When a metric has no value: what the rows lack, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pytest_mlquality.measures.metric import Metric
from pytest_mlquality.measures.metric_families import OPERATING_POINTS
from pytest_mlquality.measures.sample import Sample

_EVERY_CLASS = frozenset(
    {
        "average_precision",
        "balanced_accuracy",
        "recall_macro",
        "roc_auc",
        "roc_auc_ovo",
        "roc_auc_ovo_weighted",
        "roc_auc_ovr",
        "roc_auc_ovr_weighted",
        *OPERATING_POINTS,
    }
)
_TWO_CLASSES = frozenset({"matthews_corrcoef", "d2_log_loss_score", "d2_brier_score", "brier_resolution"})
_SPREAD = frozenset({"r2", "explained_variance", "d2_absolute_error_score", "d2_pinball_score", "d2_tweedie_score"})


@dataclass(frozen=True, slots=True)
class Score:
    """A metric's value; NaN where it is undefined, and then the reason."""

    value: float
    reason: str = ""


def why_undefined(metric: Metric, sample: Sample) -> str:
    """Return why a metric has no value on these rows, or an empty string.

    scikit-learn gives some of these a value by convention (a correlation of 0, an r2 of 1); as evidence of a model's
    quality they would be wrong.
    """
    truth = sample.truth
    if not len(truth):
        return "no rows"
    if metric.family in _SPREAD and bool((truth == truth[0]).all()):
        return "the target has the same value in all rows"
    if sample.task == "multilabel" and metric.name == "average_precision":
        absent = int((truth.sum(axis=0) == 0).sum())
        return f"{absent} of {sample.classes} labels {'have' if absent > 1 else 'has'} no row" if absent else ""
    if sample.task not in ("binary", "multiclass"):
        return ""
    rows_of = np.bincount(truth, minlength=sample.classes)
    if metric.family in _EVERY_CLASS and not rows_of[: sample.classes].all():
        absent = int((rows_of[: sample.classes] == 0).sum())
        return f"{absent} of {sample.classes} classes {'have' if absent > 1 else 'has'} no row among {len(truth):,}"
    if metric.name in _TWO_CLASSES and (rows_of > 0).sum() < 2:
        return f"all {len(truth):,} rows have the same label"
    strangers = int(rows_of[sample.classes :].sum())
    if metric.gain is not None and strangers:
        return f"{strangers:,} of {len(truth):,} rows have a label that the model does not know"
    if metric.needs == "scores" and strangers:
        return f"{strangers:,} of {len(truth):,} rows have a label for which the model gives no probability"
    return ""
