"""Metrics prepared for resampling have the value, or the lack of one, that they have on those rows themselves."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import numpy as np
import pytest

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.estimates import estimate
from pytest_mlquality.measures.metrics import MEAN_VALUE, METRICS, find
from pytest_mlquality.measures.resampled import prepared
from pytest_mlquality.measures.sample import Sample
from pytest_mlquality.measures.scoring import score

POINTS = ("precision_at_k[20]", "recall_at_precision[0.7]", "precision_at_recall[0.8]", "recall_at_fpr[0.1]")
NAMES = [*(name for name in METRICS if name not in (MEAN_VALUE, "gain_over_trivial")), *POINTS, "fbeta[2]"]
PREPARED = {
    "binary": "f1_macro f1_weighted f1_micro precision recall_macro jaccard_weighted balanced_accuracy "
    "cohen_kappa_score matthews_corrcoef positive_likelihood_ratio neg_negative_likelihood_ratio "
    "average_precision fbeta[2] d2_log_loss_score d2_brier_score expected_calibration_error brier_reliability "
    "brier_refinement brier_resolution",
    "multiclass": "f1_macro precision_weighted recall_macro jaccard_macro matthews_corrcoef roc_auc_ovr "
    "roc_auc_ovr_weighted roc_auc_ovo roc_auc_ovo_weighted average_precision d2_log_loss_score d2_brier_score "
    "expected_calibration_error",
    "multilabel": "precision_macro recall_macro f1_micro f1_weighted jaccard_macro roc_auc average_precision",
    "regression": "r2 explained_variance median_absolute_error d2_absolute_error_score d2_pinball_score",
}


def small(task, seed):
    """Few rows and few scores, so that classes, decisions and spread are absent from many resamples."""
    draw = np.random.default_rng(seed)
    n = int(draw.integers(6, 60))
    if task == "regression":
        target = (draw.random(n) < 0.1).astype(float)
        return Answers(target, draw.normal(size=n), task=task)
    if task == "multilabel":
        target, decided = ((draw.random((n, 3)) < chance).astype(int) for chance in draw.uniform(0.02, 0.5, size=2))
        return Answers(target, decided, np.round(draw.random((n, 3)), 1), ("a", "b", "c"), task)
    classes = (0, 1) if task == "binary" else (0, 1, 2)
    target = draw.choice(len(classes), p=draw.dirichlet(np.full(len(classes), 0.4)), size=n)
    probabilities = np.round(draw.dirichlet(np.ones(len(classes)), size=n), 1)
    probabilities[:, 0] = 1 - probabilities[:, 1:].sum(axis=1)
    decided = draw.choice(len(classes), p=draw.dirichlet(np.full(len(classes), 0.4)), size=n)
    return Answers(target, decided, np.clip(probabilities, 0, 1), classes, task)


@pytest.mark.parametrize("task", PREPARED)
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_every_prepared_metric_is_what_it_is_on_the_rows(task, weighted):
    looked_at, undefined = 0, 0
    for seed in range(30):
        answers = small(task, seed)
        draw = np.random.default_rng(1000 + seed)
        if weighted:
            answers = replace(answers, weight=draw.integers(1, 4, size=len(answers)).astype(float))
        rows = draw.integers(len(answers), size=len(answers))
        for name in NAMES:
            metric = find(name)
            on_rows = prepared(metric, answers) if task in metric.tasks else None
            if on_rows is None:
                continue
            value, expected = on_rows(rows), score(metric, Sample.of(answers, rows)).value
            assert value == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True), (name, seed)
            looked_at, undefined = looked_at + 1, undefined + isnan(expected)
    assert 0.02 * looked_at < undefined < 0.9 * looked_at


@pytest.mark.parametrize(("task", "names"), PREPARED.items())
def test_what_bootstraps_ask_most_is_prepared(task, names):
    for name in names.split():
        assert prepared(find(name), small(task, 1)) is not None, name


@pytest.mark.parametrize("name", ["precision_samples", "recall_samples", "f1_samples", "jaccard_samples"])
def test_averages_over_rows_are_means_with_the_bounds_of_means(name):
    answers, metric = small("multilabel", 3), find(name)
    found = estimate(metric, answers)
    assert found.value == pytest.approx(score(metric, Sample.of(answers)).value, rel=1e-12)
    assert "bootstrap" not in found.method


def test_a_label_that_the_model_does_not_know_counts_as_one_more():
    target = np.array(["a", "b", "new", "a", "b"])
    answers = Answers(target, np.array(["a", "b", "b", "b", "b"]), classes=("a", "b"), task="multiclass")
    rows = np.array([0, 2, 2, 3, 4])
    for name in ("f1_macro", "f1_weighted", "jaccard_macro", "matthews_corrcoef", "balanced_accuracy"):
        expected = score(find(name), Sample.of(answers, rows)).value
        assert prepared(find(name), answers)(rows) == pytest.approx(expected, rel=1e-12, nan_ok=True), name
