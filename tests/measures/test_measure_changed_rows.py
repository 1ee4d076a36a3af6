"""Two models that answer every row alike: a re-release must pass, and no further than the rows prove."""

from dataclasses import replace

import numpy as np
import pytest

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.changed_rows import answer_alike
from pytest_mlquality.measures.performance import loss_to_baseline, metric

NAMES = ("f1", "f1_macro", "precision", "matthews_corrcoef", "average_precision", "log_loss", "neg_log_loss")


def model(n, classes=2, seed=1):
    draw = np.random.default_rng(seed)
    signal = draw.normal(size=(n, classes))
    chance = np.exp(1.5 * signal) / np.exp(1.5 * signal).sum(axis=1, keepdims=True)
    truth = (chance.cumsum(axis=1) < draw.random((n, 1))).sum(axis=1)
    task = "binary" if classes == 2 else "multiclass"
    return Answers(truth, chance.argmax(axis=1), chance, tuple(range(classes)), task)


@pytest.mark.parametrize("name", NAMES)
def test_a_model_that_answers_as_the_baseline_passes_with_enough_rows(name):
    """Of 10,000 rows none differs: a loss of 0.02 is ruled out at 5%, and the bounds shrink as the rows grow."""
    few, many = (loss_to_baseline(name, model(n), model(n)) for n in (1_000, 10_000))
    assert (many.value, many.lower(0.05)) == (0, -many.upper(0.05))
    assert 0 < many.upper(0.05) < many.upper(1e-3) < 0.03
    assert many.upper(0.05) < 0.02
    assert many.upper(0.05) < few.upper(0.05) / 4


@pytest.mark.parametrize("name", [*NAMES, "f1_micro"])
@pytest.mark.parametrize("level", [0.05, 1e-3])
def test_rows_that_may_differ_do_no_more_than_the_bound(name, level):
    """Models that differ on a share that 1,000 rows overlook as often as the level, in ways of all kinds."""
    whole = model(20_000, seed=2)
    bound = loss_to_baseline(name, model(1_000), model(1_000)).upper(level)
    changed = round(20_000 * (1 - level ** (1 / 1_000)))
    draw = np.random.default_rng(3)
    kinds = [whole.truth == kind for kind in (0, 1)] + [np.ones(20_000, dtype=bool)]
    for kind in kinds:
        right = np.flatnonzero(kind & (whole.truth == whole.decision))
        sure = right[np.argsort(-np.abs(whole.score[right] - 0.5))]
        for rows in (draw.choice(right, changed, replace=False), sure[:changed]):
            likely, decided = whole.probabilities.copy(), whole.predicted.copy()
            likely[rows], decided[rows] = likely[rows, ::-1], 1 - decided[rows]
            other = replace(whole, probabilities=likely, predicted=decided)
            assert loss_to_baseline(name, other, whole, exact=True).value <= bound * 1.1, name


def test_bounds_of_several_classes_and_of_what_nothing_bounds():
    three, many = model(3_000, 3), model(3_000, 9)
    assert loss_to_baseline("f1_macro", three, three).upper(0.05) < 0.005
    assert "what the rows that may differ can do" not in loss_to_baseline("f1_macro", many, many).method
    numbers = Answers(np.arange(500.0), np.arange(500.0) + 1, task="regression")
    assert loss_to_baseline("neg_mean_absolute_error", numbers, numbers).upper(0.05) == np.inf
    units = replace(model(1_000), unit=np.arange(1_000) // 5)
    assert "may differ" not in loss_to_baseline("f1", units, units).method


def test_one_row_that_differs_is_a_difference():
    one = model(1_000)
    predicted = one.predicted.copy()
    predicted[0] = 1 - predicted[0]
    other = replace(one, predicted=predicted)
    assert answer_alike(one, replace(one))
    assert not answer_alike(one, other)
    assert not answer_alike(one, replace(one, probabilities=one.probabilities[:, ::-1]))
    assert "may differ" not in loss_to_baseline("f1", other, one).method


def test_a_class_that_changed_rows_could_remove_leaves_no_bound():
    """A metric that is lost where the last rows of a class turn has no bound from them."""
    few = model(60)
    assert metric("f1", few).value > 0
    rare = Answers([1] + [0] * 59, [0] * 59 + [1], classes=(0, 1))
    assert loss_to_baseline("precision", rare, rare).upper(0.05) > 0.5
