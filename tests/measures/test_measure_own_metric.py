"""Metrics of the user's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score, matthews_corrcoef

from pytest_mlquality.errors import DataError, ModelError
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.own_metric import own_metric
from pytest_mlquality.measures.performance import loss_to_baseline, metric
from pytest_mlquality.measures.slices import gap_by_slice
from pytest_mlquality.measures.slicing import Slice

MODULE = """
import numpy as np
from sklearn.metrics import f1_score, matthews_corrcoef

def correlation(y_true, y_pred):
    return matthews_corrcoef(y_true, y_pred)

def agreement(y_true, y_pred):
    return 2 * np.mean(y_true == y_pred) - 1

def f1_of_yes(y_true, y_pred, sample_weight=None):
    "F1 of the label yes."
    return f1_score(y_true, y_pred, pos_label="yes", sample_weight=sample_weight)

def distance(y_true, y_score):
    return float(np.mean(np.abs((y_true == "yes") - y_score)))
distance.higher_is_better = False

def mean_of_all(**handed):
    return 1.0

def with_more(y_true, y_pred, price):
    return price

def without_truth(y_pred):
    return 1.0

def a_list(y_true, y_pred):
    return [1.0]

def not_finite(y_true, y_pred):
    return float("nan")

def fails(y_true, y_pred):
    raise KeyError(f"{y_true[0]} of {bytes([65, 110, 97]).decode()} Example")

def undefined(y_true, y_pred):
    return f1_score(np.zeros(3), np.zeros(3))

def fails_without_the_first(y_true, y_pred):
    if "first" not in y_true:
        raise KeyError("first")
    return 1.0

number = 3
"""


@pytest.fixture
def own(tmp_path):
    (tmp_path / "their_metrics.py").write_text(MODULE)
    return lambda name: own_metric(f"python:their_metrics:{name}", tmp_path, "mlquality.toml")


def people(n=1500, seed=0, noise=1.2, **fields):
    """Answers about the labels yes and no, of which yes is positive."""
    draw = np.random.default_rng(seed)
    positive = np.random.default_rng(99).random(n) < 0.5
    chance = 1 / (1 + np.exp(-draw.normal(np.where(positive, 1.0, -1.0), noise)))
    target, predicted = np.where(positive, "yes", "no"), np.where(chance >= 0.5, "yes", "no")
    return Answers(target, predicted, np.column_stack([1 - chance, chance]), ("no", "yes"), **fields)


def test_the_value_is_what_the_function_returns_of_labels_as_the_data_have_them(own):
    answers = people()
    measured = metric(own("correlation"), answers)
    assert measured.value == pytest.approx(matthews_corrcoef(answers.target, answers.predicted), rel=1e-12)
    assert measured.name == "python:their_metrics:correlation"
    weight = np.random.default_rng(1).integers(1, 5, size=1500).astype(float)
    expected = f1_score(answers.target, answers.predicted, pos_label="yes", sample_weight=weight)
    assert metric(own("f1_of_yes"), replace(answers, weight=weight)).value == pytest.approx(expected, rel=1e-12)


def test_scores_are_those_of_the_positive_class(own):
    answers = people()
    expected = np.abs((answers.target == "yes") - answers.probabilities[:, 1]).mean()
    assert metric(own("distance"), answers).value == pytest.approx(expected)


def test_bounds_are_those_of_a_bootstrap(own):
    measured, known = (metric(one, people()) for one in (own("correlation"), "matthews_corrcoef"))
    assert "bootstrap" in measured.method
    # The same resamples on another scale.
    assert measured.interval == pytest.approx(known.interval, abs=0.01)


def test_bounds_err_at_most_twice_as_often_as_they_say(own):
    # Three standard errors of 60 runs beside the limit.
    runs, level = 60, 0.05
    draw = np.random.default_rng(2)
    truth, errors, wanted = 0.6, np.zeros(2), own("agreement")
    for _ in range(runs):
        target = draw.random(800) < 0.5
        predicted = np.where(draw.random(800) < 0.8, target, ~target)
        measured = metric(wanted, Answers(target.astype(int), predicted.astype(int), classes=(0, 1)))
        errors += [measured.lower(level) > truth, measured.upper(level) < truth]
    assert (errors / runs <= 2 * level + 3 * np.sqrt(2 * level / runs)).all(), errors / runs


def test_the_attribute_of_the_function_says_which_way_is_better(own):
    good, worse = people(seed=3, noise=0.5), people(seed=4, noise=2.0)
    assert loss_to_baseline(own("correlation"), worse, good).lower(0.05) > 0
    assert loss_to_baseline(own("distance"), worse, good).lower(0.05) > 0
    [gap] = gap_by_slice(own("distance"), worse, [Slice("half", np.arange(1500) < 750)], min_rows=10, least_judged=0.5)
    inside, rest = (
        metric(own("distance"), worse.of_rows(part)).value for part in np.array([[1], [0]]) == (np.arange(1500) < 750)
    )
    assert gap.name == "python:their_metrics:distance_gap[half]"
    assert gap.value == pytest.approx(inside - rest)


@pytest.mark.parametrize(
    ("name", "error", "match"),
    [
        ("corelation", DataError, "did you mean 'correlation'"),
        ("number", ModelError, "is no function"),
        ("with_more", ModelError, "asks for price, which metrics are not handed"),
        ("without_truth", ModelError, "no parameters y_true and y_pred or y_score"),
        ("mean_of_all", ModelError, "no parameters y_true and y_pred or y_score"),
    ],
)
def test_what_cannot_be_called_is_refused_with_file_name_and_remedy(own, name, error, match):
    with pytest.raises(error, match=match) as refused:
        own(name)
    assert "mlquality.toml" in refused.value.message
    assert refused.value.remedy


def test_a_module_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DataError, match="there is no module 'their_metrix'"):
        own_metric("python:their_metrix:profit", tmp_path, "mlquality.toml")


@pytest.mark.parametrize(
    ("name", "match"),
    [("a_list", "returned list, not a number"), ("fails", r"raised KeyError in line \d+ of their_metrics.py: .*of")],
)
def test_a_function_that_gives_no_number_is_told_without_a_value_of_the_data(own, name, match):
    with pytest.raises(ModelError) as refused:
        metric(own(name), people())
    assert refused.match(match.removesuffix("$"))
    assert "Ana" not in str(refused.value)
    # A traceback would quote the chained error.
    assert refused.value.__context__ is None or refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("name", "reason"), [("not_finite", "gives no finite value on these rows"), ("undefined", "no true")]
)
def test_what_is_undefined_has_a_reason_in_place_of_a_value(own, name, reason):
    measured = metric(own(name), people())
    assert measured.value is None
    assert reason in measured.reason


def test_a_function_that_fails_on_resamples_has_no_bounds(own):
    target = np.array(["first", *["no"] * 999])
    measured = metric(
        own("fails_without_the_first"), Answers(target, target, classes=("first", "no"), task="multiclass")
    )
    assert measured.value is None
    assert "of 200 resamples" in measured.reason


def test_weights_ask_for_a_parameter_that_takes_them(own):
    with pytest.raises(ModelError, match="takes no sample_weight") as refused:
        metric(own("correlation"), people(weight=np.ones(1500)))
    assert refused.value.remedy


def test_probabilities_must_be_there_to_be_asked_for(own):
    with pytest.raises(ModelError, match="needs probabilities"):
        metric(own("distance"), replace(people(), probabilities=None))
