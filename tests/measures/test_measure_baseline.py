from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import TypeAdapter

from pytest_mlquality.errors import DataError, ModelError
from pytest_mlquality.evidence_details import AnyDetails
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.baseline import loss
from pytest_mlquality.measures.metrics import MEAN_VALUE, METRICS, find
from pytest_mlquality.measures.performance import loss_to_baseline, metric
from pytest_mlquality.statistics.paired import share_difference

DRAW = np.random.default_rng(5)
N = 4000
SIGNAL = DRAW.normal(size=N)
TARGET = (DRAW.random(N) < 1 / (1 + np.exp(-2 * SIGNAL))).astype(int)


def model(noise, seed):
    """Answers of a model that sees the signal through noise."""
    margin = 2 * SIGNAL + noise * np.random.default_rng(seed).normal(size=N)
    chance = 1 / (1 + np.exp(-margin))
    return Answers(TARGET, (chance >= 0.5).astype(int), np.column_stack([1 - chance, chance]), (0, 1))


GOOD, WORSE = model(0.2, 1), model(1.0, 2)
NUMBERS = Answers(SIGNAL + 9, SIGNAL * 0.9 + 9, task="regression")
NUMBERS_WORSE = Answers(SIGNAL + 9, SIGNAL * 0.5 + 9, task="regression")
TASKS = {"binary": (WORSE, GOOD), "regression": (NUMBERS_WORSE, NUMBERS)}
ALL = [(task, name) for task in TASKS for name, one in METRICS.items() if task in one.tasks and name != MEAN_VALUE]


@pytest.mark.parametrize(("task", "name"), ALL)
def test_a_worse_challenger_loses_whatever_the_metrics_sign(task, name):
    challenger, baseline = TASKS[task]
    lost = loss_to_baseline(name, challenger, baseline, exact=True)
    assert lost.value > 0
    assert lost.value == pytest.approx(-loss_to_baseline(name, baseline, challenger, exact=True).value)
    difference = metric(name, baseline, exact=True).value - metric(name, challenger, exact=True).value
    assert lost.value == pytest.approx(difference if METRICS[name].higher_is_better else -difference)


SHARP = "accuracy recall zero_one_loss balanced_accuracy roc_auc log_loss neg_brier_score"


@pytest.mark.parametrize("name", [*SHARP.split(), "f1", "precision", "matthews_corrcoef"])
def test_pairing_makes_bounds_narrower_than_those_of_one_model(name):
    lost = loss_to_baseline(name, WORSE, GOOD)
    low, high = lost.interval
    assert 0 < low < lost.value < high
    assert high - low < 0.9 * np.ptp(metric(name, WORSE).interval) * np.sqrt(2)


@pytest.mark.parametrize("name", ["accuracy", "roc_auc", "f1", "neg_log_loss", "matthews_corrcoef"])
def test_a_model_loses_nothing_to_itself(name):
    lost = loss_to_baseline(name, GOOD, GOOD)
    assert lost.value == 0
    assert lost.lower(0.05) <= 0 <= lost.upper(0.05)


@pytest.mark.parametrize("name", ["accuracy", "roc_auc", "neg_brier_score"])
def test_no_loss_is_found_between_models_that_are_alike(name):
    # Errors at most twice a nominal 0.05 on each side, but for three standard errors of 60 runs.
    errors = np.zeros(2)
    for seed in range(60):
        lost = loss_to_baseline(name, model(0.5, 100 + seed), model(0.5, 500 + seed))
        errors += [lost.lower(0.05) > 0, lost.upper(0.05) < 0]
    assert (errors / 60 <= 0.1 + 3 * np.sqrt(0.1 / 60)).all(), errors


def test_details_name_both_sides_and_the_decisions_that_change():
    details = loss_to_baseline("roc_auc", WORSE, GOOD).details
    TypeAdapter(AnyDetails).validate_python(details)
    assert details["first"] == {"name": "challenger", "value": metric("roc_auc", WORSE).value}
    assert details["second"] == {"name": "baseline", "value": metric("roc_auc", GOOD).value}
    to_positive = int(((WORSE.predicted == 1) & (GOOD.predicted == 0)).sum())
    to_negative = int(((WORSE.predicted == 0) & (GOOD.predicted == 1)).sum())
    assert to_positive != to_negative
    assert f"{to_positive:,} to positive, {to_negative:,} to negative" in details["title"]


def test_regression_has_no_decisions_to_change():
    details = loss_to_baseline("r2", NUMBERS_WORSE, NUMBERS).details
    TypeAdapter(AnyDetails).validate_python(details)
    assert "decisions" not in details["title"]


def test_a_difference_of_maxima_is_never_decided():
    lost = loss_to_baseline("max_error", NUMBERS_WORSE, NUMBERS)
    assert lost.value > 0
    assert lost.interval == (-np.inf, np.inf)
    assert lost.reason


def test_loss_of_gain_over_trivial_is_that_of_the_metric_which_both_can_answer():
    lost = loss_to_baseline("gain_over_trivial", WORSE, GOOD)
    assert lost.value == loss_to_baseline("roc_auc", WORSE, GOOD).value
    decisions = loss_to_baseline("gain_over_trivial", WORSE, replace(GOOD, probabilities=None))
    assert decisions.value == loss_to_baseline("balanced_accuracy", WORSE, GOOD).value


def test_undefined_on_one_side_says_on_which():
    never = replace(GOOD, predicted=np.zeros(N, dtype=int))
    lost = loss_to_baseline("precision", GOOD, never)
    assert lost.value is None
    assert "precision of the baseline" in lost.reason


def test_units_of_the_challenger_count_for_both():
    unit = np.arange(N) // 10
    lost = loss_to_baseline("accuracy", replace(WORSE, unit=unit), GOOD)
    assert "400 units" in lost.method


def test_columns_of_probabilities_may_stand_in_another_order():
    turned = replace(GOOD, probabilities=GOOD.probabilities[:, ::-1], classes=(1, 0), positive=1)
    assert loss_to_baseline("roc_auc", WORSE, turned).value == loss_to_baseline("roc_auc", WORSE, GOOD).value


@pytest.mark.parametrize(
    ("baseline", "match"),
    [
        (Answers(TARGET[:9], TARGET[:9], classes=(0, 1)), "4,000 rows, the baseline 9"),
        (Answers(1 - TARGET, TARGET, classes=(0, 1)), "4,000 of 4,000 labels differ"),
        (Answers(TARGET, TARGET, classes=(0, 1), positive=0), "positive class 1, the baseline 0"),
        (Answers(TARGET, TARGET, classes=(0, 1), task="multiclass"), "task 'binary', the baseline 'multiclass'"),
    ],
)
def test_other_rows_are_refused(baseline, match):
    with pytest.raises(DataError, match=match):
        loss_to_baseline("accuracy", GOOD, baseline)


def test_a_baseline_without_probabilities_is_refused_where_they_are_needed():
    with pytest.raises(ModelError, match="needs probabilities"):
        loss_to_baseline("roc_auc", GOOD, replace(GOOD, probabilities=None))


def test_a_difference_of_shares_is_corrected_for_its_steps():
    random = np.random.default_rng(11)
    truth = random.integers(0, 2, 1_000)
    flipped = [np.where(random.random(1_000) < share, 1 - truth, truth) for share in (0.1, 0.12)]
    better, worse = (Answers(truth, predicted, classes=(0, 1)) for predicted in flipped)
    plain = share_difference(better.decision == truth, worse.decision == truth)
    found = loss(find("accuracy"), worse, better)
    for level in (0.05, 1e-5):
        assert found.lower(level) == pytest.approx(plain.lower(level) - 1 / 1_000, abs=1e-12)
        assert found.upper(level) == pytest.approx(plain.upper(level) + 1 / 1_000, abs=1e-12)
    assert "continuity correction" in found.method
    # Weighted rows, and rows that belong together, move in no such steps.
    for beside in ({"weight": np.linspace(1, 2, 1_000)}, {"unit": np.repeat(np.arange(500), 2)}):
        assert "continuity" not in loss(find("accuracy"), replace(worse, **beside), replace(better, **beside)).method
