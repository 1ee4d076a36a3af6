"""Metrics of an order: of the items of a list, such as the hits of a query, or of the labels of a row.

In a ranking task the rows of one unit are a list, the target says how relevant an item is, and the model's number where
it puts it. In a multilabel task every row is a list of its labels. Each metric is a mean over lists, however long they
are; what scikit-learn has is its value on one list.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import sklearn
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn import metrics as sklearn_metrics

from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.losses import RowLosses
from pytest_mlquality.measures.metric import Metric

Floats = NDArray[np.float64]

RANKINGS = frozenset(
    {
        "coverage_error",
        "dcg_score",
        "label_ranking_average_precision_score",
        "label_ranking_loss",
        "mean_reciprocal_rank",
        "ndcg_score",
    }
)
# Of these scikit-learn asks which items are relevant, not how much.
_OF_FLAGS = RANKINGS - {"dcg_score", "ndcg_score"}


def ranking_losses(metric: Metric, answers: Answers) -> RowLosses:
    """Return what each row contributes, so that the weighted mean over rows is the metric, or its negative.

    Rows of one list carry the value of the list, and share its weight: the mean of the weights of its rows.
    """
    truth, score = np.asarray(answers.truth, dtype=np.float64), np.asarray(answers.score, dtype=np.float64)
    if metric.family in _OF_FLAGS:
        truth = (truth > 0).astype(np.float64)
    of_list = _of_list(metric)
    sign = -1.0 if metric.higher_is_better else 1.0
    low, high = metric.support
    support = (-high, -low) if metric.higher_is_better else (low, high)
    with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
        if answers.task == "multilabel":
            values = np.array([of_list(*pair) for pair in zip(truth, score, strict=True)])
            return RowLosses(sign * values, support)
        lists = pd.factorize(np.asarray(answers.unit))[0]
        of_lists = np.array([of_list(truth[rows], score[rows]) for rows in _rows_of(lists)])
    size = np.bincount(lists)
    weight = np.ones(len(lists)) if answers.weight is None else answers.weight
    shared = np.bincount(lists, weights=weight) / size
    # A list of one item has no order: it says nothing of an order's quality.
    shared = np.where(size > 1, shared, 0.0)
    return RowLosses(sign * of_lists[lists], support, weight=(shared / size)[lists])


def ranking(metric: Metric, answers: Answers) -> float:
    """Return the metric's value; NaN where no list has two items."""
    losses = ranking_losses(metric, answers)
    weight = answers.weight if losses.weight is None else losses.weight
    if weight is not None and not weight.sum() > 0:
        return float("nan")
    value = float(np.average(losses.values, weights=weight))
    return -value if metric.higher_is_better else value


def _rows_of(lists: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    order = np.argsort(lists, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(lists[order])) + 1)


def _of_list(metric: Metric) -> Callable[[Floats, Floats], float]:
    if metric.family == "mean_reciprocal_rank":
        return _reciprocal_rank
    function = getattr(sklearn_metrics, metric.family)
    k = {} if metric.parameter is None else {"k": int(metric.parameter)}

    def of_list(truth: Floats, score: Floats) -> float:
        return float(function(truth[None], score[None], **k)) if len(truth) > 1 else 0.0

    return of_list


def _reciprocal_rank(truth: Floats, score: Floats) -> float:
    """Return one over the rank of the first relevant item, 0 where none is; of equal scores all have the last rank."""
    ranks = rankdata(-score, method="max")[truth > 0]
    return float(1 / ranks.min()) if len(ranks) else 0.0
