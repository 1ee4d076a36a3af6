"""What gives the answer away: found where it is planted, and nowhere else."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlquality.data import open_split
from pytest_mlquality.errors import DataError
from pytest_mlquality.measures import leakage
from pytest_mlquality.measures.integrity import Roles

ROLES = Roles(("a", "b"), target="y", key="id", time="at")
N = 3000


@pytest.fixture
def opened(tmp_path):
    def open_table(columns, name="train"):
        pq.write_table(pa.table(columns), tmp_path / f"{name}.parquet")
        return open_split(name, source=f"{name}.parquet", base=tmp_path)

    return open_table


def test_keys_and_rows_in_both_splits(opened):
    train = opened({"id": [1, 2, 3, None], "a": [1, 1, None, 5], "y": [0, 0, 1, 1]})
    test = opened({"id": [3, 4, 5, None], "a": [1, None, 2, 9], "y": [0, 1, 0, 0]}, "test")
    assert leakage.shared_keys(train, test, ROLES).value == 0.5
    # (1, 0) and (missing, 1) stand in train; NULL is equal to NULL.
    assert leakage.shared_rows(train, test, ROLES).value == 0.5


def test_rows_not_later_than_train(opened):
    train = opened({"at": pd.to_datetime(["2026-01-01", "2026-02-01"])})
    test = opened({"at": pd.to_datetime(["2026-01-15", "2026-02-01", "2026-02-02", None])}, "test")
    # The row without a time is not later than anything.
    assert leakage.time_overlap(train, test, ROLES).value == 0.75


def test_train_without_any_time_is_said(opened):
    train = opened({"at": pa.array([None], pa.timestamp("us"))})
    with pytest.raises(DataError, match="no row has a 'at'"):
        leakage.time_overlap(train, opened({"at": pd.to_datetime(["2026-01-15"])}, "test"), ROLES)


@pytest.mark.parametrize(
    ("texts", "later", "share"),
    [
        (["2026-01-31", None], ["2026-02-01"], 0),
        (["2026Q1", "2026"], ["2026Q1"], 1),
        (["31 Jan 2026", None], ["01 Feb 2026"], None),
        (["12/2025"], ["01/2026"], None),
    ],
)
def test_texts_are_times_where_the_year_stands_first(opened, texts, later, share):
    train, test = opened({"at": texts}), opened({"at": later}, "test")
    if share is not None:
        assert leakage.time_overlap(train, test, ROLES).value == share
        return
    with pytest.raises(DataError, match="1 texts in 'at' do not begin with a year"):
        leakage.time_overlap(train, test, ROLES)


def test_what_is_known_only_later(opened):
    at = pd.to_datetime(["2026-01-01"] * 4)
    later = pd.to_datetime(["2025-12-01", "2026-01-01", "2026-01-02", None])
    table = opened({"at": at, "a": [1, 2, 3, 4], "told": later})
    found = leakage.known_too_late(table, ROLES, {"a": "told"})
    assert (found.value, found.reason) == (0.25, "a")


def test_a_column_that_is_not_there_is_named(opened):
    with pytest.raises(DataError, match="'told'"):
        leakage.known_too_late(opened({"at": [1], "a": [1]}), ROLES, {"a": "told"})


def test_features_named_like_the_target():
    roles = Roles(("is_churned", "Churned-90d", "ChurnedAt", "CHURNED_LAST", "unchurnedly", "age"), target="churned")
    found = leakage.target_named_columns(roles)
    assert found.reason == "is_churned, Churned-90d, ChurnedAt, CHURNED_LAST"
    assert leakage.target_named_columns(Roles(("city", "salary", "last_y"), target="y")).reason == "last_y"


@pytest.fixture
def people():
    draw = np.random.default_rng(5)
    y = draw.integers(2, size=N)
    return pd.DataFrame({"a": draw.normal(size=N), "b": draw.choice(["u", "v", "w"], size=N), "y": y})


def test_a_feature_that_is_the_answer_in_disguise_is_found(opened, people):
    people["b"] = np.where(people["y"] == 1, "yes", "no")
    noise, leak = leakage.single_column_scores(opened(pa.Table.from_pandas(people)), ROLES, task=None, seed=0)
    assert (noise.name, leak.name) == ("a", "b")
    assert leak.lower(1e-5) > 0.95
    assert noise.lower(0.025) <= 0.5 <= noise.upper(0.025)


def test_a_feature_that_predicts_without_being_monotone_is_found(opened, people):
    people["a"] = np.where(people["y"] == 1, np.random.default_rng(1).choice([-2.0, 2.0], size=N), 0.0)
    best = leakage.single_column_scores(opened(pa.Table.from_pandas(people)), ROLES, task=None, seed=0)[0]
    assert best.value > 0.99


def test_a_number_is_predicted_by_its_r2(opened, people):
    people["y"] = people["a"] * 3 + 1
    scores = leakage.single_column_scores(opened(pa.Table.from_pandas(people)), ROLES, task="regression", seed=0)
    assert scores[0].value > 0.95
    assert scores[1].value < 0.05


def test_a_decimal_is_a_number(opened, people):
    people["y"] = [Decimal(f"{value * 3:.4f}") for value in people["a"]]
    scores = leakage.single_column_scores(opened(pa.Table.from_pandas(people)), ROLES, task=None, seed=0)
    assert scores[0].value > 0.95


def test_a_list_is_looked_at_too(opened, people):
    table = pa.Table.from_pandas(people).append_column("l", pa.array([[1, 2]] * N))
    scores = leakage.single_column_scores(opened(table), Roles(("l",), target="y"), task=None, seed=0)
    assert scores[0].value == pytest.approx(0.5, abs=0.1)


def test_a_target_with_one_value_is_too_small_to_judge(opened, people):
    people["y"] = 1
    score = leakage.single_column_scores(opened(pa.Table.from_pandas(people)), ROLES, task=None, seed=0)[0]
    assert (score.value, score.reason) == (None, "the target has one value")


def test_numbers_beyond_single_precision_and_missing_ones_are_looked_at(opened, people):
    people.loc[:9, "a"] = [1e300, -1e300, np.inf, -np.inf, np.nan] * 2
    assert leakage.single_column_scores(opened(pa.Table.from_pandas(people)), ROLES, task=None, seed=0)[0].value < 0.6


@pytest.mark.parametrize(("order", "found"), [("by label", True), ("by chance", False)])
def test_an_order_that_knows_the_label_is_found(opened, people, order, found):
    rows = people.sort_values("y", ignore_index=True) if order == "by label" else people
    [score] = leakage.order_score(opened(pa.Table.from_pandas(rows)), ROLES, task=None, seed=0)
    assert (score.lower(1e-5) > 0.9) is found
    assert found or score.upper(0.05) < 0.6


def test_texts_that_nobody_shares_do_not_tell_the_order_of_the_file(opened, people):
    rows = people.sort_values("y", ignore_index=True)
    rows["b"] = [f"person {place}" for place in range(N)]
    score = leakage.single_column_scores(opened(pa.Table.from_pandas(rows)), ROLES, task=None, seed=0)[1]
    assert score.lower(1e-5) <= 0.5 <= score.upper(1e-5)


def test_no_honest_feature_is_called_a_leak():
    """200 tables of pure chance: the score of a feature that knows nothing never fails a limit of 0.55 at 1e-5."""
    draw = np.random.default_rng(11)
    failed = 0
    for run in range(200):
        labels = pd.Series(draw.integers(2, size=1000))
        failed += leakage._auc("a", draw.normal(size=1000), labels, run).lower(1e-5) > 0.55
    assert failed == 0
