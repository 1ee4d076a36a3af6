"""How well the model predicts today, as suggestions that people uncomment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING

from pytest_mlquality.errors import MLQualityError
from pytest_mlquality.judgement_text import power_text
from pytest_mlquality.limit import Limit
from pytest_mlquality.power import power
from pytest_mlquality.proposal import human
from pytest_mlquality.proposal.limits.metrics import LEVEL
from pytest_mlquality.proposal.remark import comment, remark
from pytest_mlquality.verdict import Levels, has_bound

if TYPE_CHECKING:
    from pytest_mlquality.measurement import Measurement
    from pytest_mlquality.subject import Subject

_METRICS = {
    "binary": ("roc_auc", "accuracy", "neg_brier_score"),
    "multiclass": ("accuracy", "balanced_accuracy", "neg_log_loss"),
    "multilabel": ("roc_auc", "f1_macro", "f1_samples", "accuracy"),
    # The median beside the mean: a few large errors leave the others undecided, and move no median.
    "regression": ("r2", "neg_mean_absolute_error", "neg_median_absolute_error"),
}


def suggestions(subject: Subject) -> list[str]:
    """Return ``[performance.metrics]`` with its defaults, and comments of what the model reaches on the test rows."""
    lines = [line for name in _METRICS[_task(subject)] for line in _suggestion(name, subject)]
    return [
        *comment("How well the model must predict is for people to say. Uncomment what counts, and choose the limit:"),
        "[performance.metrics]",
        *lines,
    ]


def _task(subject: Subject) -> str:
    classes = subject.model.classes
    if subject.settings.task == "multilabel":
        return "multilabel"
    return "regression" if classes is None else "binary" if len(classes) == 2 else "multiclass"


def _suggestion(name: str, subject: Subject) -> Iterator[str]:
    try:
        found = subject.performance.metric(name, on="test")
    except MLQualityError as error:
        yield remark(f"{name} = {{ at_least = ... }}  # could not be measured: {error.message[:80]}")
        return
    limit = _least(found)
    least = "..." if limit is None else human.text(limit.at_least or 0.0)
    yield remark(f"{name} = {{ at_least = {least} }}  # {_today(found, limit)}")


def _least(found: Measurement) -> Limit | None:
    least = found.lower(LEVEL)
    return Limit(at_least=human.down(least)) if found.value is not None and isfinite(least) else None


def _today(found: Measurement, limit: Limit | None) -> str:
    if found.value is None or found.interval is None:
        return f"too few rows: {found.reason}"
    low, high = found.interval
    today = f"{found.value:.3g} on test, 95% interval {low:.3g} to {high:.3g}"
    if not has_bound(found, found.upper, Levels().false_fail):
        return f"{today}; with so few rows this limit can never fail: {found.reason}"
    seen = power(found, limit, Levels()) if limit is not None else None
    return f"{today}; this limit {power_text(asdict(seen), asdict(limit))}" if seen and limit else today
