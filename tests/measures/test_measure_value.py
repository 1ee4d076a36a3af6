"""The mean value of decisions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix

from pytest_mlquality.errors import ModelError
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.gains import mean_value
from pytest_mlquality.measures.performance import loss_to_baseline, metric
from pytest_mlquality.measures.slices import gap_by_slice
from pytest_mlquality.measures.slicing import Slice
from pytest_mlquality.measures.weak_slices import weak_slices

GAIN = {"yes": {"yes": 100, "no": -20}, "no": {"yes": -5, "no": 0}}
VALUE = mean_value(GAIN, "EUR")
THREE = {a: {b: 10.0 * (a == b) - ord(b) / 100 for b in "abc"} for a in "abc"}


def answers(n=1000, seed=0, right=0.8, prevalence=0.3, **fields):
    draw = np.random.default_rng(seed)
    target = np.where(np.random.default_rng(99).random(n) < prevalence, "yes", "no")
    other = np.where(target == "yes", "no", "yes")
    return Answers(target, np.where(draw.random(n) < right, target, other), classes=("no", "yes"), **fields)


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_the_value_is_the_mean_of_gains_over_the_confusion_matrix(weighted):
    weight = np.random.default_rng(1).integers(1, 5, size=1000).astype(float) if weighted else None
    one = answers(weight=weight)
    counts = confusion_matrix(one.target, one.predicted, labels=["yes", "no"], sample_weight=weight)
    expected = (counts * [[100, -20], [-5, 0]]).sum() / counts.sum()
    measured = metric(VALUE, one)
    assert measured.value == pytest.approx(expected, rel=1e-12)
    assert (measured.name, measured.unit) == ("mean_value", "EUR")
    assert measured.lower(0.05) < measured.value < measured.upper(0.05)
    assert "mean" in measured.method


def test_of_several_classes_each_pair_has_its_gain():
    draw = np.random.default_rng(2)
    target, predicted = (draw.choice(list("abc"), size=400) for _ in range(2))
    counts = confusion_matrix(target, predicted, labels=list("abc"))
    expected = sum(counts[i, j] * THREE[a][b] for i, a in enumerate("abc") for j, b in enumerate("abc")) / 400
    measured = metric(mean_value(THREE, ""), Answers(target, predicted, classes=("a", "b", "c"), task="multiclass"))
    assert measured.value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("labels", "words"), [((0, 1), "01"), ((False, True), ("false", "true")), ((0.0, 1.0), "01")])
def test_labels_are_named_as_keys_write_them(labels, words):
    gain = {words[0]: {words[0]: 0, words[1]: -1}, words[1]: {words[0]: -7, words[1]: 3}}
    target = np.array([labels[0], labels[1], labels[1]])
    predicted = np.array([labels[1], labels[1], labels[0]])
    assert metric(mean_value(gain, ""), Answers(target, predicted, classes=labels)).value == pytest.approx(-5 / 3)


def test_bounds_err_no_more_often_than_they_say():
    # Errors at most a nominal 0.05 on each side, but for three standard errors of 1,000 runs; gains are far apart.
    runs, level = 1000, 0.05
    value = mean_value({"yes": {"yes": 100, "no": -500}, "no": {"yes": -1, "no": 0}}, "EUR")
    prevalence = answers(500).positives.mean()
    truth = prevalence * (0.9 * 100 - 0.1 * 500) - (1 - prevalence) * 0.1
    errors = np.zeros(2)
    for run in range(runs):
        measured = metric(value, answers(500, run, right=0.9))
        errors += [measured.lower(level) > truth, measured.upper(level) < truth]
    assert (errors / runs <= level + 3 * np.sqrt(level / runs)).all(), errors / runs


def test_loss_gaps_and_weak_slices_know_that_more_is_better():
    good, worse = answers(seed=3, right=0.9), answers(seed=4, right=0.7)
    lost = loss_to_baseline(VALUE, worse, good)
    assert lost.value == pytest.approx(metric(VALUE, good).value - metric(VALUE, worse).value)
    assert (lost.name, lost.unit) == ("loss_to_baseline[mean_value]", "EUR")
    assert 0 < lost.lower(0.05) < lost.value
    part = np.arange(1000) < 400
    mixed = Answers(good.target, np.where(part, worse.predicted, good.predicted), classes=("no", "yes"))
    [gap] = gap_by_slice(VALUE, mixed, [Slice("part", part)], min_rows=10, least_judged=0.5)
    assert gap.value == pytest.approx(
        metric(VALUE, mixed.of_rows(~part)).value - metric(VALUE, mixed.of_rows(part)).value
    )
    assert gap.unit == "EUR"


def test_a_slice_in_which_decisions_are_worth_less_is_found():
    draw = np.random.default_rng(5)
    group = draw.choice(list("uvwx"), size=8000)
    target = np.where(draw.random(8000) < 0.5, "yes", "no")
    right = draw.random(8000) < np.where(group == "u", 0.5, 0.95)
    found = weak_slices(
        VALUE,
        Answers(target, np.where(right, target, np.where(target == "yes", "no", "yes")), classes=("no", "yes")),
        pd.DataFrame({"group": group}),
        depth=1,
        least_rows=50,
    )
    assert [one.name for one in found] == ["mean_value_gap[group = u]"]
    assert found[0].unit == "EUR"


@pytest.mark.parametrize(
    ("wanted", "match"),
    [
        ("mean_value", "needs gains, and there are none"),
        (mean_value({**GAIN, "maybe": {"yes": 1}}, ""), "names the label 'maybe'"),
        (mean_value({"yes": {"yes": 1, "no": 2}, "no": {"yess": 1, "no": 2}}, ""), "did you mean 'yes'"),
        (mean_value({"yes": {"yes": 1}}, ""), r"lacks no\.no, no\.yes, yes\.no"),
    ],
)
def test_gains_that_do_not_fit_the_labels_are_refused_with_a_remedy(wanted, match):
    with pytest.raises(ModelError, match=match) as refused:
        metric(wanted, answers())
    assert refused.value.remedy


def test_a_label_that_the_model_does_not_know_leaves_no_value():
    one = Answers(
        np.array(["a", "b", "new"]), np.array(["a", "b", "b"]), np.full((3, 2), 0.5), ("a", "b"), "multiclass"
    )
    measured = metric(mean_value({"a": {"a": 1, "b": 0}, "b": {"a": 0, "b": 1}}, ""), one)
    assert measured.value is None
    assert measured.reason == "1 of 3 rows have a label that the model does not know"


def test_regression_has_no_decisions_to_be_worth_anything():
    with pytest.raises(ModelError, match="task is regression"):
        metric(VALUE, Answers(np.ones(3), np.ones(3), task="regression"))


def test_gains_that_are_all_alike_have_no_variance():
    measured = metric(
        mean_value({"yes": {"yes": 2, "no": 2}, "no": {"yes": 2, "no": 2}}, ""), replace(answers(), seed=1)
    )
    assert measured.value == measured.lower(1e-5) == measured.upper(1e-5) == 2
