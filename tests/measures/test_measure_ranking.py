"""Orders: of the items of lists, and of the labels of rows."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics as sklearn_metrics

from pytest_mlquality.errors import DataError, ModelError
from pytest_mlquality.measures import performance
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.metrics import find
from pytest_mlquality.measures.ranking import RANKINGS
from pytest_mlquality.statistics.mean import mean

RANDOM = np.random.default_rng(4)
LISTS = 200
SIZES = RANDOM.integers(2, 15, LISTS)
QUERY = np.repeat(np.arange(LISTS), SIZES)
RELEVANCE = RANDOM.integers(0, 4, len(QUERY))
SCORE = RELEVANCE + RANDOM.normal(0, 1.5, len(QUERY)).round(1)
SHUFFLED = RANDOM.permutation(len(QUERY))
TRUTH = RANDOM.integers(0, 2, (300, 6))
CHANCE = np.clip(TRUTH * 0.3 + RANDOM.random((300, 6)) * 0.7, 0, 1)
NAMES = sorted(RANKINGS - {"mean_reciprocal_rank"})


def ranked(order=slice(None), **more):
    return Answers(RELEVANCE[order], SCORE[order], task="ranking", unit=QUERY[order], **more)


def of_scikit_learn(name, truth, score, **more):
    flags = name in ("coverage_error", "label_ranking_average_precision_score", "label_ranking_loss")
    return getattr(sklearn_metrics, name)((truth > 0).astype(int) if flags else truth, score, **more)


@pytest.mark.parametrize("name", [*NAMES, "ndcg_score[3]", "dcg_score[3]"])
def test_a_ranking_is_the_mean_of_scikit_learns_value_on_each_list(name):
    family, _, k = name.partition("[")
    more = {"k": int(k[:-1])} if k else {}
    lists = [query == QUERY for query in range(LISTS)]
    values = [of_scikit_learn(family, RELEVANCE[None, rows], SCORE[None, rows], **more) for rows in lists]
    for order in (slice(None), SHUFFLED):
        found = performance.metric(name, ranked(order))
        assert found.value == pytest.approx(np.mean(values), abs=1e-12)
    # The bounds are those of as many independent rows with these values.
    alone = mean(np.array(values), support=find(name).support)
    assert found.interval == pytest.approx((alone.lower(0.025), alone.upper(0.025)), abs=1e-3)


@pytest.mark.parametrize("weight", [None, RANDOM.random(300)])
@pytest.mark.parametrize("name", NAMES)
def test_of_several_labels_it_is_scikit_learns(name, weight):
    answers = Answers(TRUTH, (CHANCE > 0.5).astype(int), CHANCE, task="multilabel", weight=weight)
    expected = getattr(sklearn_metrics, name)(TRUTH, CHANCE, sample_weight=weight)
    assert performance.metric(name, answers).value == pytest.approx(expected, abs=1e-12)


def test_a_list_weighs_what_its_rows_weigh_on_average():
    weight = np.where(QUERY < 50, 2.0, 1.0)
    lists = [query == QUERY for query in range(LISTS)]
    values = [sklearn_metrics.ndcg_score(RELEVANCE[None, rows], SCORE[None, rows]) for rows in lists]
    expected = np.average(values, weights=np.where(np.arange(LISTS) < 50, 2.0, 1.0))
    assert performance.metric("ndcg_score", ranked(weight=weight)).value == pytest.approx(expected, abs=1e-12)


def test_the_reciprocal_rank_counts_ties_against_the_model():
    truth = np.array([0, 1, 0, 0, 1, 0, 0])
    score = np.array([3.0, 2.0, 1.0, 1.0, 1.0, 5.0, 4.0])
    answers = Answers(truth, score, task="ranking", unit=np.array([0, 0, 0, 1, 1, 2, 2]))
    assert performance.metric("mean_reciprocal_rank", answers).value == pytest.approx((1 / 2 + 1 / 2 + 0) / 3)


def test_lists_of_one_item_say_nothing():
    truth, score, unit = np.array([1, 0, 1]), np.array([0.1, 0.2, 0.3]), np.array([0, 0, 1])
    alone = performance.metric("ndcg_score", Answers(truth, score, task="ranking", unit=unit))
    assert alone.value == pytest.approx(sklearn_metrics.ndcg_score([[1, 0]], [[0.1, 0.2]]), abs=1e-12)


def test_bounds_hold_their_level():
    """The mean over lists errs as often as stated: 1,000 runs of 300 lists, at 5% one side."""
    random = np.random.default_rng(9)
    size, lists = 4, 300
    unit = np.repeat(np.arange(lists), size)
    # Relevance in random order: the mean reciprocal rank of one relevant item among four is 25/48.
    truth = np.tile([1, 0, 0, 0], lists)
    wrong = np.zeros(2)
    for _ in range(1_000):
        answers = Answers(truth, random.random(lists * size), task="ranking", unit=unit)
        found = performance.metric("mean_reciprocal_rank", answers)
        wrong += found.lower(0.05) > 25 / 48, found.upper(0.05) < 25 / 48
    for side in wrong:
        assert binomtest(int(side), 1_000, 0.05).proportion_ci(0.997).low <= 0.05


def test_two_rankings_are_paired_by_list():
    better, worse = ranked(), Answers(RELEVANCE, SCORE + RANDOM.normal(size=len(QUERY)), task="ranking", unit=QUERY)
    loss = performance.loss_to_baseline("ndcg_score", worse, better)
    values = [performance.metric("ndcg_score", one).value for one in (better, worse)]
    assert loss.value == pytest.approx(values[0] - values[1], abs=1e-12)
    assert 0 < loss.lower(0.05) < loss.value


def test_what_is_no_ranking_is_explained():
    with pytest.raises(DataError, match="every row is a list of its own") as caught:
        Answers(RELEVANCE, SCORE, task="ranking", unit=np.arange(len(QUERY)))
    assert "[data] unit" in caught.value.remedy
    with pytest.raises(DataError, match="every row is a list of its own"):
        Answers(RELEVANCE, SCORE, task="ranking")
    with pytest.raises(ModelError, match="ndcg_score is for multilabel and ranking models"):
        performance.metric("ndcg_score", Answers(RELEVANCE, SCORE, task="regression"))
    negative = Answers(RELEVANCE - 1, SCORE, task="ranking", unit=QUERY)
    assert performance.metric("ndcg_score", negative).value is None
