"""A model that answers no row otherwise loses little: as much as the rows that nobody has seen change could do."""

from dataclasses import replace

import numpy as np
import pytest

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.metrics import METRICS, find
from pytest_mlquality.measures.on_same_rows import loss_on_same_rows
from pytest_mlquality.measures.performance import loss_to_baseline
from pytest_mlquality.measures.sample import Sample
from pytest_mlquality.measures.scoring import score

LEVEL = 0.05
# So many rows without a change are seen with a probability of 5% where CHANGED of all rows change.
SEEN, CHANGED = 1_000, 0.003
OF_LABELS = "accuracy f1 f1_macro f1_weighted fbeta[2] fbeta[0.5] precision recall jaccard"
BOUNDED = [*OF_LABELS.split(), "roc_auc", "average_precision", "log_loss"]


def answers(n, seed=3, *, intercept=-1.5):
    draw = np.random.default_rng(seed)
    signal = draw.normal(size=n)
    likely = 1 / (1 + np.exp(-3 * signal - intercept))
    target = (draw.random(n) < likely).astype(int)
    return Answers(target, (likely >= 0.5).astype(int), np.column_stack([1 - likely, likely]), (0, 1))


def with_scores(of, likely):
    return replace(of, predicted=(likely >= 0.5).astype(int), probabilities=np.column_stack([1 - likely, likely]))


def adversaries(of):
    """Answers of which a share of CHANGED is another: what hurts most, on either class, and what helps most."""
    score_of, n = of.score, round(CHANGED * len(of))
    for positive, to in ((True, 0.0), (False, 1.0), (True, 1.0), (False, 0.0)):
        rows = np.flatnonzero(of.positives == positive)
        rows = rows[np.argsort(-np.abs(score_of[rows] - to))][:n]
        likely = score_of.copy()
        likely[rows] = to
        yield with_scores(of, likely)


@pytest.mark.parametrize("name", BOUNDED)
def test_no_change_of_so_few_rows_moves_a_metric_beyond_its_bounds(name):
    seen, everyone = answers(SEEN), answers(100_000, seed=4)
    found = loss_to_baseline(name, seen, seen)
    assert found.value == 0
    before = score(find(name), Sample.of(everyone)).value
    moved = [abs(score(find(name), Sample.of(other)).value - before) for other in adversaries(everyone)]
    assert max(moved) <= found.upper(LEVEL) * 1.1
    assert found.lower(LEVEL) == -found.upper(LEVEL)


@pytest.mark.parametrize(("name", "rows"), [("f1", 4_000), ("f1_macro", 4_000), ("jaccard", 4_000), ("roc_auc", 4_000)])
def test_a_rerelease_passes_a_limit_of_half_a_percent_from_some_thousand_rows_on(name, rows):
    found = loss_to_baseline(name, answers(rows), answers(rows))
    assert found.upper(LEVEL) <= 0.005
    assert "no answer differs" in found.reason


def test_average_precision_and_log_loss_take_more_rows():
    many = answers(30_000)
    assert loss_to_baseline("average_precision", many, many).upper(LEVEL) <= 0.01
    assert loss_to_baseline("log_loss", many, many).upper(LEVEL) <= 0.005


def test_bounds_shrink_as_rows_are_added():
    few, many = answers(500), answers(20_000)
    for name in BOUNDED:
        assert loss_to_baseline(name, many, many).upper(LEVEL) < loss_to_baseline(name, few, few).upper(LEVEL) / 5


def test_nothing_bounds_what_changed_numbers_can_do():
    numbers = Answers(np.arange(500.0), np.arange(500.0) + 1, task="regression")
    for name in ("mean_absolute_error", "root_mean_squared_error"):
        found = loss_to_baseline(name, numbers, numbers)
        assert (found.value, found.upper(LEVEL)) == (0, np.inf)


def test_units_count_once():
    alone = answers(2_000)
    together = replace(alone, unit=np.arange(2_000) // 20)
    assert loss_on_same_rows(METRICS["f1"], together, together).upper(LEVEL) > 10 * loss_on_same_rows(
        METRICS["f1"], alone, alone
    ).upper(LEVEL)


def test_one_answer_that_differs_is_a_difference():
    likely = answers(2_000).score.copy()
    likely[0] = 0.4999
    other = with_scores(answers(2_000), likely)
    assert "no answer differs" not in loss_to_baseline("roc_auc", other, answers(2_000)).reason
