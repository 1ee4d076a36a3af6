"""Numbers from elsewhere: how far a metric may fall behind them, and simple models that must be beaten."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, norm
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, roc_auc_score

from pytest_mlquality.errors import ModelError
from pytest_mlquality.measures import references, simple_models
from pytest_mlquality.measures.answers import Answers

RANDOM = np.random.default_rng(8)
N = 4_000
FRAME = pd.DataFrame(
    {
        "age": RANDOM.normal(size=N),
        "region": RANDOM.choice(["north", "south", None], N),
        "empty": np.nan,
        "when": pd.Timestamp("2026-01-01"),
        "level": pd.Categorical(RANDOM.choice(["a", "b"], N)),
    }
)
SCORE = FRAME["age"] + (FRAME["region"] == "south") + RANDOM.normal(size=N)
LABELS = np.where(SCORE > 0.5, "yes", "no")


def binary(truth, right, seed=0):
    predicted = np.where(right, truth, np.where(truth == "yes", "no", "yes"))
    high = np.where(predicted == "yes", 0.8, 0.2)
    return Answers(truth, predicted, np.column_stack([1 - high, high]), ("no", "yes"), "binary", "yes", seed=seed)


def numbers(truth, predicted):
    return Answers(np.asarray(truth), np.asarray(predicted), task="regression")


# --- numbers from elsewhere -------------------------------------------------------------------------------------------


def test_the_loss_to_train_is_signed_by_what_is_better():
    test, train = binary(LABELS, np.arange(N) % 10 > 2), binary(LABELS, np.arange(N) % 10 > 0)
    loss = references.loss_to_train("accuracy", test, train)
    assert loss.value == pytest.approx(0.9 - 0.7, abs=1e-12)
    assert references.loss_to_train("zero_one_loss", test, train).value == pytest.approx(0.2, abs=1e-12)
    assert references.loss_to_train("accuracy", train, test).value == pytest.approx(-0.2, abs=1e-12)


def test_what_was_reached_in_training_is_a_number_and_no_estimate():
    test, train = binary(LABELS, np.arange(N) % 10 > 2), binary(LABELS, np.arange(N) % 10 > 0)
    loss = references.loss_to_train("accuracy", test, train)
    low, high = binomtest(int(N * 0.7), N).proportion_ci(0.95, "exact")
    assert loss.lower(0.025) == pytest.approx(0.9 - high, abs=1e-9)
    assert loss.upper(0.025) == pytest.approx(0.9 - low, abs=1e-9)


def test_a_recorded_number_is_taken_as_it_is():
    answers = binary(LABELS, np.arange(N) % 10 > 2)
    assert references.loss_to_recorded("accuracy", answers, 0.71).value == pytest.approx(0.01, abs=1e-12)
    assert references.loss_to_recorded("log_loss", answers, 0.1).value > 0
    assert references.loss_to_recorded("accuracy", answers, 0.7, exact=True).upper(1e-5) == pytest.approx(0)


def test_an_earlier_estimate_brings_its_own_uncertainty():
    answers = binary(LABELS, np.arange(N) % 10 > 2)
    before = references.of_interval(0.72, 0.70, 0.74, 5_000)
    loss = references.loss_to_previous("accuracy", answers, before)
    assert loss.value == pytest.approx(0.02, abs=1e-12)
    alone = references.loss_to_recorded("accuracy", answers, 0.72)
    for level in (0.05, 1e-5):
        assert loss.lower(level) < alone.lower(level)
        assert loss.upper(level) > alone.upper(level)
    deviation = np.hypot(0.02 / 1.96, np.sqrt(0.7 * 0.3 / N))
    assert loss.upper(0.05) == pytest.approx(0.02 + norm.ppf(0.95) * deviation, rel=0.02)


def test_a_metric_that_train_leaves_undefined_decides_nothing():
    test, train = binary(LABELS, np.ones(N, bool)), binary(np.full(50, "no"), np.ones(50, bool))
    loss = references.loss_to_train("roc_auc", test, train)
    assert loss.value is None
    assert loss.reason.startswith("roc_auc on train: ")


def test_equal_retrains_never_fall_since_the_day_before():
    """365 retrains with one true accuracy, each on 1,000 new rows: none is worse than the one before, at 1e-5."""
    before = None
    random = np.random.default_rng(3)
    failed = 0
    for _ in range(365):
        answers = binary(LABELS[:1_000], random.random(1_000) < 0.8)
        now = references.loss_to_recorded("accuracy", answers, 0.0)
        if before is not None:
            loss = references.loss_to_previous("accuracy", answers, before)
            failed += loss.lower(1e-5) > 0
        value, (low, high) = -now.value, (-now.upper(0.025), -now.lower(0.025))
        before = references.of_interval(value, low, high, 1_000)
    assert failed == 0


# --- simple models ----------------------------------------------------------------------------------------------------


def test_blind_models_are_those_of_scikit_learn():
    train = np.array(["no"] * 70 + ["yes"] * 30)
    answers = binary(LABELS, np.ones(N, bool), seed=5)
    frequent = simple_models.blind("most_frequent", answers, train)
    dummy = DummyClassifier(strategy="most_frequent").fit(np.zeros((100, 1)), train)
    assert (frequent.predicted == dummy.predict(np.zeros((N, 1)))).all()
    assert np.allclose(frequent.probabilities, [0.7, 0.3])
    drawn = simple_models.blind("stratified", answers, train)
    assert np.mean(drawn.predicted == "yes") == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / N))
    assert (simple_models.blind("stratified", answers, train).predicted == drawn.predicted).all()
    for kind in ("mean", "median"):
        values = simple_models.blind(kind, numbers(SCORE, SCORE), np.array([1.0, 2.0, 6.0]))
        assert (
            values.predicted == DummyRegressor(strategy=kind).fit(np.zeros((3, 1)), [1, 2, 6]).constant_[0, 0]
        ).all()


def test_the_gain_is_that_of_scikit_learn_and_paired():
    answers = binary(LABELS, RANDOM.random(N) < 0.9)
    simple = simple_models.blind("most_frequent", answers, LABELS)
    gain = references.gain_over("accuracy", answers, simple, "most_frequent")
    expected = accuracy_score(LABELS, answers.predicted) - accuracy_score(LABELS, simple.predicted)
    assert gain.value == pytest.approx(expected, abs=1e-12)
    assert gain.lower(1e-5) < expected < gain.upper(1e-5)
    assert gain.name == "gain_over[accuracy-most_frequent]"
    drawn = simple_models.blind("stratified", answers, LABELS)
    f1 = references.gain_over("f1", answers, drawn, "stratified")
    both = [f1_score(LABELS, one.predicted, pos_label="yes") for one in (answers, drawn)]
    assert f1.value == pytest.approx(both[0] - both[1], abs=1e-12)


@pytest.mark.parametrize("kind", simple_models.FITTED)
def test_fitted_models_learn_from_numbers_and_labels_with_gaps(kind):
    half = N // 2
    pipeline = simple_models.fitted(kind, FRAME[:half], LABELS[:half], "binary", seed=0)
    chance = pipeline.predict_proba(FRAME[half:])[:, list(pipeline.classes_).index("yes")]
    # The best there is reaches 0.83: what the age and the region say.
    assert roc_auc_score(LABELS[half:] == "yes", chance) > 0.78
    values = simple_models.fitted(kind, FRAME[:half], SCORE[:half].to_numpy(), "regression", seed=0)
    error = mean_absolute_error(SCORE[half:], values.predict(FRAME[half:]))
    assert error < 0.9 * mean_absolute_error(SCORE[half:], np.full(half, SCORE[:half].mean()))


def test_a_fitted_model_takes_labels_that_train_does_not_have():
    pipeline = simple_models.fitted("linear", FRAME, LABELS, "binary", seed=0)
    strange = FRAME[:3].assign(region=["east", None, "south"], level=["c", None, "a"])
    assert np.isfinite(pipeline.predict_proba(strange)).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: simple_models.blind("mean", binary(LABELS, np.ones(N, bool)), LABELS),
            "mean is for regression models",
        ),
        (lambda: simple_models.blind("stratified", numbers(SCORE, SCORE), SCORE), "stratified is for binary and multi"),
        (lambda: simple_models.fitted("linear", FRAME, LABELS, "ranking", seed=0), "no linear for the task 'ranking"),
        (lambda: simple_models.fitted("linear", FRAME[["when"]], LABELS, "binary", seed=0), "no feature can be used"),
    ],
)
def test_what_does_not_suit_is_explained(call, words):
    with pytest.raises(ModelError, match=words) as caught:
        call()
    assert caught.value.remedy
