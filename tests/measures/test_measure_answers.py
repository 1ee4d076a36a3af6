from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pytest_mlquality.errors import DataError, ModelError
from pytest_mlquality.measures.answers import Answers, infer_positive, infer_task


@pytest.mark.parametrize(
    ("target", "predicted", "classes"),
    [
        ([0, 1, 1], [0, 1, 0], (0, 1)),
        ([False, True, True], [0, 1, 0], (0, 1)),
        ([0.0, 1.0, 1.0], np.array([0, 1, 0], dtype=np.int8), (np.int64(0), np.int64(1))),
        (np.array(["no", "yes", "yes"], dtype=object), np.array(["no", "yes", "no"]), ("no", "yes")),
        (np.array(["no", "yes", "yes"], dtype=object), np.array(["no", "yes", "no"]), ("yes", "no")),
        (pd.array([0, 1, 1], dtype="Int64").to_numpy(), [0, 1, 0], None),
        (pd.Categorical(["a", "b", "b"]), ["a", "b", "a"], None),
    ],
)
def test_labels_are_told_apart_whatever_their_dtype(target, predicted, classes):
    answers = Answers(target=np.asarray(target), predicted=np.asarray(predicted), classes=classes)
    assert answers.positives.tolist() == [False, True, True]
    assert answers.decision.tolist() == [0, 1, 0]


def test_the_score_is_that_of_the_positive_class_wherever_its_column_stands():
    probabilities = np.array([[0.9, 0.1], [0.3, 0.7]])
    target = np.array(["ok", "bad"], dtype=object)
    answers = Answers(target, target, probabilities, classes=("bad", "ok"), positive="bad")
    assert answers.score.tolist() == [0.9, 0.3]
    assert answers.truth.tolist() == [0, 1]


def test_rows_without_a_label_are_counted():
    target = np.array([1.0, np.nan, 0.0, np.nan])
    with pytest.raises(DataError, match="2 of 4 rows have no label"):
        Answers(target, np.array([1, 0, 0, 1]))
    with pytest.raises(DataError, match="2 of 4 rows have no finite target"):
        Answers(target, np.ones(4), task="regression")


def test_rows_without_an_answer_are_counted():
    with pytest.raises(ModelError, match="no answer for 1 of 2 rows"):
        Answers(np.array(["a", "b"], dtype=object), np.array(["a", None], dtype=object))
    with pytest.raises(ModelError, match="1 of 2 rows have no finite prediction"):
        Answers(np.zeros(2), np.array([1.0, np.inf]), task="regression")


def test_labels_of_another_type_than_the_models_are_named():
    says = "24 of 24 rows have a label that the model does not know: '0', '1'; it knows 0, 1"
    with pytest.raises(DataError, match=says):
        Answers(np.array(["0", "1"] * 12), np.array([0, 1] * 12), classes=(0, 1))
    with pytest.raises(DataError, match="does not know"):
        Answers(np.array(["0", "1", "2"]), np.array([0, 1, 2]), classes=(0, 1, 2), task="multiclass")


def test_a_label_in_few_rows_is_counted_and_not_named():
    target = np.array(["yes", "no"] * 12 + ["Diana"])
    with pytest.raises(DataError, match="does not know: 1 in fewer than 10 rows each") as caught:
        Answers(target, np.array(["yes", "no"] * 12 + ["no"]), classes=("no", "yes"))
    assert "Diana" not in str(caught.value)


def test_a_new_class_is_wrong_in_every_decision_but_no_error_of_many():
    target = np.array(["a", "b", "c", "d"])
    answers = Answers(target, np.array(["a", "b", "c", "a"]), classes=("a", "b", "c"), task="multiclass")
    assert (answers.truth == answers.decision).tolist() == [True, True, True, False]


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"predicted": np.array([0])}, ModelError, "shape"),
        (
            {"predicted": np.array([0, 2])},
            ModelError,
            "fewer than 10 rows each, which is none of its classes 0, 1",
        ),
        ({"probabilities": np.ones((2, 3)) / 3}, ModelError, "2 rows and 2 classes"),
        ({"probabilities": np.array([[-3.0, 4.0], [0.5, 0.5]])}, ModelError, "1 of 2 rows of probabilities"),
        ({"probabilities": np.array([[np.nan, 0.5], [0.5, 0.5]])}, ModelError, "1 of 2 rows of probabilities"),
        ({"positive": 7}, ModelError, "positive = 7 is no class"),
        ({"classes": (0, 1, 2)}, ModelError, "two classes, not 3"),
        ({"unit": np.arange(3)}, DataError, "unit has 3 entries for 2 rows"),
        ({"weight": np.array([1.0, -1.0])}, DataError, "1 of 2 weights are missing or negative"),
        ({"weight": np.zeros(2)}, DataError, "all weights are 0"),
        ({"task": "image"}, ModelError, "'image'"),
    ],
)
def test_what_does_not_fit_is_refused(change, error, match):
    fine = {"target": np.array([0, 1]), "predicted": np.array([0, 1]), "classes": (0, 1)}
    Answers(**fine)
    with pytest.raises(error, match=match):
        Answers(**(fine | change))


@pytest.mark.parametrize(
    ("dtype", "distinct", "task"),
    [
        ("boolean", 2, "binary"),
        ("!string", 2, "binary"),
        ("string", 1, "binary"),
        ("string", 5000, "multiclass"),
        ("int64", 2, "binary"),
        ("!int8", 20, "multiclass"),
        ("int64", 21, "regression"),
        ("float64", 2, "binary"),
        ("float32", 3, "regression"),
        ("decimal(10, 2)", 900, "regression"),
    ],
)
def test_the_task_is_inferred_from_the_target(dtype, distinct, task):
    assert infer_task(dtype, distinct) == task


def test_no_task_is_inferred_from_a_time():
    with pytest.raises(DataError, match="timestamp"):
        infer_task("timestamp(6)", 2)


@pytest.mark.parametrize(
    ("classes", "positive"),
    [
        ((0, 1), 1),
        ((1, 0), 1),
        ((1, 2), 1),
        ((-1, 1), 1),
        ((False, True), True),
        (("1", "0"), "1"),
        (("Yes", "no"), "Yes"),
        (("positive", "negative"), "positive"),
        (("bad", "good"), "good"),
        ((3, 7), 7),
    ],
)
def test_the_positive_class_is_inferred(classes, positive):
    assert infer_positive(classes) == positive


def test_no_positive_class_among_three():
    with pytest.raises(ModelError, match="3 classes"):
        infer_positive(("a", "b", "c"))
