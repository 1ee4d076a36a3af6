"""What the test split, or a feature, gives away: shares counted by the engine, scores with bounds on a sample."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.data.faults import ANOTHER_ENGINE, OperationLacking, explained
from pytest_mlquality.errors import DataError
from pytest_mlquality.measurement import Measurement, Measurements
from pytest_mlquality.measures.engines import answered
from pytest_mlquality.measures.roles import Roles, require_columns
from pytest_mlquality.measures.rows import any_row, share_of

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.data import Table

# Rows on which single features are tried, and the folds of each: a model never predicts rows that it has seen.
SAMPLE = 20_000
FOLDS = 2
LEAST_LEAF = 0.005
MOST_CLASSES = 20


def shared_keys(train: Table, test: Table, roles: Roles) -> Measurement:
    """Return the share of test rows whose key stands in train too."""
    key = roles.needed("key", train, test)
    return _shared("shared_keys", train, test, [key])


def shared_rows(train: Table, test: Table, roles: Roles) -> Measurement:
    """Return the share of test rows of which train has an equal one, in all common columns but the key."""
    columns = [name for name in test.columns if name in train.columns and name != roles.key]
    if not columns:
        raise DataError("data.train and data.test have no column in common but the key", "look at their sources")
    return _shared("shared_rows", train, test, columns)


def _shared(name: str, train: Table, test: Table, columns: list[str]) -> Measurement:
    with answered(name):
        _require_one_engine(train, test)
    with explained(f"{name}: the rows of train and test cannot be compared", "give their columns the same types"):
        known = train.expression.select(columns).distinct()
        rows = test.expression
        # NULL equals NULL here: two rows that lack the same value are alike.
        shared = rows.semi_join(known, [rows[column].identical_to(known[column]) for column in columns])
    with answered(name):
        count = test.aggregates({"rows": shared.count()}, of=shared)["rows"]
    return share_of(name, count, test)


def _require_one_engine(train: Table, test: Table) -> None:
    # Ibis joins tables of Polars on equal values alone, and NULL is equal to nothing.
    if test.expression.get_backend().name == "polars":
        raise OperationLacking(
            f"data.{test.name}: polars cannot be asked for joins in which missing values are alike", ANOTHER_ENGINE
        )
    if train.expression.get_backend() is not test.expression.get_backend():
        raise DataError(
            f"data.train and data.test stand in two engines ({train.source}; {test.source}), which cannot be joined",
            "put both splits into one engine, or set the measure to false",
        )


def time_overlap(train: Table, test: Table, roles: Roles) -> Measurement:
    """Return the share of test rows that are not later than all of train; one without a time is not."""
    time = roles.needed("time", train, test)
    newest = train.aggregates({"newest": train.expression[time].max()})["newest"]
    if newest is None:
        raise DataError(f"data.train: no row has a {time!r}", "look at [data] time")
    with explained("time_overlap: the times of train and test cannot be compared", "store them in one type"):
        later = (test.expression[time] > newest).fill_null(False)
        count = test.aggregates({"rows": test.expression.count(where=later)})["rows"]
    return share_of("time_overlap", test.rows - count, test)


def known_too_late(table: Table, roles: Roles, known_at: Mapping[str, str]) -> Measurement:
    """Return the share of rows in which some feature is known only after the time of the row."""
    time = roles.needed("time", table)
    require_columns(table, [*known_at.values(), *known_at], "look at [schema.known_at]")
    rows = table.expression
    late = {feature: rows[known] > rows[time] for feature, known in known_at.items()}
    said = {feature: f"{feature}: known at {known}" for feature, known in known_at.items()}
    return any_row("known_too_late", table, late, said)


def target_named_columns(roles: Roles) -> Measurement:
    """Count features whose name has that of the target among its words, whatever letter case and punctuation."""
    target = _words(roles.needed("target"))
    found = [name for name in roles.features if target and _contains(_words(name), target)]
    return Measurement.exact(
        len(found), name="target_named_columns", n=len(roles.features), unit="columns", reason=", ".join(found)
    )


def _words(name: str) -> list[str]:
    """Return the words of a name in snake_case, CamelCase or any other."""
    return [word.lower() for word in re.findall(r"[^\W\d_a-z]+(?![a-z])|[^\W\d_]?[^\W\d_A-Z]+|\d+", name)]


def _contains(words: list[str], some: list[str]) -> bool:
    return any(words[place : place + len(some)] == some for place in range(len(words) - len(some) + 1))


def single_column_scores(table: Table, roles: Roles, *, task: str | None, seed: int) -> Measurements:
    """Return how well each feature alone predicts the target, on rows that the small tree has not seen.

    A shallow decision tree of the one feature, cross-fitted; the ROC AUC of a class (the best separated one of
    several) or the R2 of a number, with bounds.
    """
    target = roles.needed("target")
    features = roles.features_in(table)
    frame = table.sample([*features, target], SAMPLE, seed).dropna(subset=[target])
    return Measurements(
        "single_column_score",
        [_score(feature, _numbers(frame[feature]), frame[target], task, seed) for feature in features],
    )


def order_score(table: Table, roles: Roles, *, task: str | None, seed: int) -> Measurements:
    """Return how well the place of a row in its source predicts the target."""
    target = roles.needed("target")
    if not table.origin.in_order:
        raise DataError(
            f"data.{table.name}: the rows of {table.source} have no order of their own",
            "set [schema.leakage] order_score = false",
        )
    labels = table.sample([target], SAMPLE, seed)[target].dropna()
    place = labels.index.to_numpy(dtype=np.float64)
    return Measurements("order_score", [_score("the place of the row", place, labels, task, seed)])


def _numbers(values: pd.Series[Any]) -> NDArray[np.float64]:
    """Return values as numbers that a tree can split: times by their place in time, texts by their first appearance.

    The rows come in an order of chance: in that of a file, texts that nobody shares would tell what the order tells.
    """
    import pandas as pd

    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    if pd.api.types.is_datetime64_any_dtype(values):
        return np.where(values.isna(), np.nan, values.astype("int64").astype(float))
    return np.asarray(pd.factorize(values.astype(str))[0], dtype=np.float64)


def _score(name: str, feature: NDArray[np.float64], labels: pd.Series[Any], task: str | None, seed: int) -> Measurement:
    if task == "regression" or (task is None and labels.nunique() > MOST_CLASSES and labels.dtype.kind in "fiu"):
        return _r2(name, feature, np.asarray(labels, dtype=np.float64), seed)
    return _auc(name, feature, labels, seed)


def _auc(name: str, feature: NDArray[np.float64], labels: pd.Series[Any], seed: int) -> Measurement:
    from sklearn.tree import DecisionTreeClassifier

    from pytest_mlquality.statistics.auc import roc_auc
    from pytest_mlquality.statistics.estimate import Estimate

    classes, code = np.unique(np.asarray(labels.astype(str)), return_inverse=True)
    if not 2 <= len(classes) <= MOST_CLASSES:
        problem = "the target has one value" if len(classes) < 2 else f"the target has more than {MOST_CLASSES} classes"
        return Measurement.of(name, Estimate.undefined(len(labels), problem))
    score = np.zeros((len(labels), len(classes)))
    for seen, unseen in _folds(len(labels), seed):
        tree = DecisionTreeClassifier(max_depth=5, min_samples_leaf=LEAST_LEAF, random_state=seed)
        tree.fit(_shaped(feature[seen]), code[seen])
        score[np.ix_(unseen, tree.classes_)] = tree.predict_proba(_shaped(feature[unseen]))
    judged = range(1, 2) if len(classes) == 2 else range(len(classes))
    estimates = [roc_auc(code == place, score[:, place]) for place in judged]
    best = max(estimates, key=lambda estimate: -1.0 if estimate.value is None else estimate.value)
    return Measurement.of(name, best)


def _r2(name: str, feature: NDArray[np.float64], target: NDArray[np.float64], seed: int) -> Measurement:
    from sklearn.metrics import r2_score
    from sklearn.tree import DecisionTreeRegressor

    from pytest_mlquality.statistics.bootstrap import bootstrap

    answer = np.zeros(len(target))
    for seen, unseen in _folds(len(target), seed):
        tree = DecisionTreeRegressor(max_depth=5, min_samples_leaf=LEAST_LEAF, random_state=seed)
        answer[unseen] = tree.fit(_shaped(feature[seen]), target[seen]).predict(_shaped(feature[unseen]))

    def score(rows: NDArray[np.intp]) -> float:
        return float(r2_score(target[rows], answer[rows]))

    return Measurement.of(name, bootstrap(score, len(target), seed=seed, support=(-np.inf, 1.0)))


def _folds(n: int, seed: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    parts = np.array_split(np.random.default_rng(seed).permutation(n), FOLDS)
    for place, unseen in enumerate(parts):
        yield np.concatenate([part for other, part in enumerate(parts) if other != place]), unseen


def _shaped(feature: NDArray[np.float64]) -> NDArray[np.float64]:
    # A tree holds numbers in single precision.
    largest = np.finfo(np.float32).max
    return np.clip(feature, -largest, largest).reshape(-1, 1)


SHARES: dict[str, Callable[[Table, Table, Roles], Measurement]] = {
    "shared_keys": shared_keys,
    "shared_rows": shared_rows,
    "time_overlap": time_overlap,
}
