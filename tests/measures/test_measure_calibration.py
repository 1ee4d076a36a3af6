"""Calibration error, reliability curve, and the parts of the Brier score."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from pydantic import TypeAdapter
from scipy.special import expit, logit
from sklearn.metrics import brier_score_loss

from pytest_mlquality.errors import ModelError
from pytest_mlquality.evidence_details import AnyDetails
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.performance import loss_to_baseline, metric

BINS = 15
NORMS = ["expected_calibration_error", "brier_reliability"]


def scored(score, target, **fields):
    score, target = np.asarray(score, dtype=float), np.asarray(target)
    return Answers(target, (score >= 0.5).astype(int), np.column_stack([1 - score, score]), (0, 1), **fields)


def forecasts(n, seed, stretch=1.0, **fields):
    """Answers whose log odds are the true ones times `stretch`: 1 is well calibrated, more is over-confident."""
    draw = np.random.default_rng(seed)
    chance = draw.beta(1, 2, size=n)
    return scored(expit(stretch * logit(chance)), (draw.random(n) < chance).astype(int), **fields)


def truth_of(name, stretch):
    """The value that all there is have: bins of equally many of a large number of chances."""
    chance = np.sort(np.random.default_rng(99).beta(1, 2, size=1_500_000))
    gap = (expit(stretch * logit(chance)) - chance).reshape(BINS, -1).mean(axis=1)
    return np.abs(gap).mean() if name == NORMS[0] else (gap**2).mean()


def by_bins(answers, bins=BINS):
    """Gap, variance of the gap, and size of bins of equally many rows, for scores without ties."""
    order = np.argsort(answers.score)
    miss = (answers.truth - answers.score)[order]
    edge = -(-np.arange(bins + 1) * len(order) // bins)
    parts = [miss[low:high] for low, high in pairwise(edge)]
    return [
        np.array([function(part) for part in parts]) for function in (np.mean, lambda p: p.var(ddof=1) / len(p), len)
    ]


@pytest.mark.parametrize("n", [300, 1000])
def test_the_calibration_error_is_that_of_bins_less_the_bias_that_resampling_finds(n):
    answers = forecasts(n, 1, stretch=1.3)
    gap, variance, rows = by_bins(answers)
    share = rows / n
    around = np.abs(np.random.default_rng(2).normal(gap, np.sqrt(variance), size=(400_000, BINS))).mean(axis=0)
    by_simulation = (share * (2 * np.abs(gap) - around)).sum()
    assert metric("expected_calibration_error", answers).value == pytest.approx(by_simulation, abs=1e-4)
    assert metric("expected_calibration_error", answers).value < (share * np.abs(gap)).sum()


def test_the_reliability_is_the_mean_squared_gap_less_its_variance():
    answers = forecasts(1000, 3, stretch=1.5)
    gap, variance, rows = by_bins(answers)
    expected = (rows / 1000 * (gap**2 - variance)).sum()
    assert metric("brier_reliability", answers).value == pytest.approx(expected, rel=1e-12)


def test_the_reliability_is_right_on_average():
    found = [metric("brier_reliability", forecasts(600, seed, 1.5), exact=True).value for seed in range(300)]
    error = 4 * np.std(found) / np.sqrt(len(found))
    assert np.mean(found) == pytest.approx(truth_of("brier_reliability", 1.5), abs=error)
    assert error < 0.0008


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("stretch", [1.0, 1.5])
def test_the_parts_of_the_brier_score_add_up(weighted, stretch):
    weight = np.random.default_rng(4).integers(1, 5, size=800).astype(float) if weighted else None
    answers = forecasts(800, 5, stretch, weight=weight)
    value = {name: metric(f"brier_{name}", answers).value for name in ("reliability", "refinement", "resolution")}
    share = np.average(answers.truth, weights=weight)
    score = brier_score_loss(answers.truth, answers.score, sample_weight=weight)
    assert metric("brier_score_loss", answers).value == pytest.approx(score, rel=1e-12)
    assert value["reliability"] + value["refinement"] == pytest.approx(score, rel=1e-12)
    assert value["reliability"] - value["resolution"] + share * (1 - share) == pytest.approx(score, rel=1e-12)


def test_of_few_distinct_forecasts_the_parts_are_murphys():
    draw = np.random.default_rng(6)
    score = np.repeat([0.1, 0.3, 0.6, 0.9], 5_000)
    target = (draw.random(len(score)) < score**2).astype(int)
    answers = scored(score, target)
    frequency = target.reshape(4, -1).mean(axis=1)
    variance = frequency * (1 - frequency) / 4_999
    forecast = score.reshape(4, -1).mean(axis=1)
    # Murphy 1973; both parts are corrected by the same variance.
    assert metric("brier_reliability", answers).value == pytest.approx(((forecast - frequency) ** 2 - variance).mean())
    resolution = ((frequency - target.mean()) ** 2 - variance).mean()
    assert metric("brier_resolution", answers).value == pytest.approx(resolution)


@pytest.mark.parametrize("name", NORMS)
@pytest.mark.parametrize("stretch", [1.0, 1.05, 2.0])
@pytest.mark.parametrize(("n", "runs"), [(2_000, 200), (20_000, 60)])
def test_bounds_err_no_more_often_than_they_say(name, stretch, n, runs):
    # Errors at most a nominal 0.05 on each side, but for three standard errors of the runs.
    level, truth = 0.05, 0.0 if stretch == 1 else truth_of(name, stretch)
    errors = np.zeros(2)
    for run in range(runs):
        measured = metric(name, forecasts(n, 1000 + run, stretch))
        errors += [measured.lower(level) > truth, measured.upper(level) < truth]
    assert (errors / runs <= level + 3 * np.sqrt(level / runs)).all(), errors / runs


@pytest.mark.parametrize("name", ["brier_refinement", "brier_resolution"])
def test_bootstrapped_parts_err_at_most_twice_as_often_as_they_say(name):
    # Three standard errors of 60 runs beside the limit; the truth is the mean of large samples.
    runs, level = 60, 0.05
    truth = np.mean([metric(name, forecasts(200_000, seed, 1.5), exact=True).value for seed in range(4)])
    errors = np.zeros(2)
    for run in range(runs):
        measured = metric(name, forecasts(1_000, 2000 + run, 1.5))
        errors += [measured.lower(level) > truth, measured.upper(level) < truth]
    assert (errors / runs <= 2 * level + 3 * np.sqrt(2 * level / runs)).all(), errors / runs


def test_rows_of_one_unit_widen_the_bounds():
    once = forecasts(1000, 7, 2.0, unit=np.arange(1000))
    rows = np.repeat(np.arange(1000), 5)
    fivefold = scored(once.score[rows], once.truth[rows], unit=rows)
    for name in NORMS:
        width, again = (metric(name, one).upper(0.05) - metric(name, one).value for one in (once, fivefold))
        assert again > 0.6 * width, name


def test_losses_to_the_baseline_of_models_that_are_alike_are_found_no_more_often_than_said():
    # Errors at most twice a nominal 0.05 on each side, but for three standard errors of 40 runs.
    errors, runs = np.zeros(2), 40
    for run in range(runs):
        draw = np.random.default_rng(run)
        chance = draw.beta(1, 2, size=1000)
        target = (draw.random(1000) < chance).astype(int)
        sides = [scored(expit(logit(chance) + 0.3 * draw.normal(size=1000)), target) for _ in range(2)]
        lost = loss_to_baseline("expected_calibration_error", *sides)
        errors += [lost.lower(0.05) > 0, lost.upper(0.05) < 0]
    assert (errors / runs <= 0.1 + 3 * np.sqrt(0.1 / runs)).all(), errors


def test_of_several_classes_the_chosen_one_is_judged():
    draw = np.random.default_rng(8)
    probabilities = draw.dirichlet([1, 1, 1], size=900)
    target = np.array([draw.choice(3, p=row) for row in probabilities])
    answers = Answers(target, probabilities.argmax(axis=1), probabilities, (0, 1, 2), "multiclass")
    as_binary = scored(probabilities.max(axis=1), (target == probabilities.argmax(axis=1)).astype(int))
    one, other = (metric("expected_calibration_error", each) for each in (answers, as_binary))
    assert (one.value, one.interval) == (other.value, other.interval)
    assert "right decisions" in one.details["title"]


def test_the_reliability_curve_has_a_point_a_bin_with_its_interval():
    answers = forecasts(1500, 9)
    details = metric("expected_calibration_error", answers).details
    TypeAdapter(AnyDetails).validate_python(details)
    (series,) = details["series"]
    assert len(series["x"]) == BINS
    assert series["x"] == sorted(series["x"])
    assert all(low <= y <= high for low, y, high in zip(series["lower"], series["y"], series["upper"], strict=True))
    gap, _, _ = by_bins(answers)
    assert np.array(series["y"]) - np.array(series["x"]) == pytest.approx(gap)


def test_bins_of_fewer_than_ten_rows_are_not_shown():
    score = np.repeat([0.2, 0.5, 0.8], [50, 9, 50])
    details = metric("brier_reliability", scored(score, np.arange(109) % 2)).details
    assert details["series"][0]["x"] == pytest.approx([0.2, 0.8])


@pytest.mark.parametrize("name", [*NORMS, "brier_refinement", "brier_resolution"])
def test_few_rows_have_no_value(name):
    measured = metric(name, forecasts(19, 10))
    assert measured.value is None
    assert measured.reason == "19 rows are too few for bins: it takes 20"


def test_degenerate_rows_are_told_or_measured_as_what_they_are():
    flat = scored(np.full(100, 0.3), np.arange(100) % 2)
    assert metric("expected_calibration_error", flat).value == pytest.approx(0.2, abs=0.005)
    assert metric("brier_resolution", flat).value == pytest.approx(0, abs=0.003)
    one_class = scored(np.linspace(0.1, 0.9, 100), np.zeros(100, dtype=int))
    assert metric("brier_resolution", one_class).reason == "all 100 rows have the same label"
    assert metric("expected_calibration_error", one_class).value == pytest.approx(0.5, abs=0.01)


def test_what_has_no_probabilities_is_refused():
    with pytest.raises(ModelError, match="needs probabilities"):
        metric("expected_calibration_error", replace(forecasts(50, 11), probabilities=None))
