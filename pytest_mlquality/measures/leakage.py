"""What the test split, or a feature, gives away: shares counted by the engine, scores with bounds on a sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pytest_mlquality.data.faults import ANOTHER_ENGINE, OperationLacking, explained
from pytest_mlquality.data.nan import is_missing, without_nan
from pytest_mlquality.errors import DataError
from pytest_mlquality.measurement import Measurement, Measurements
from pytest_mlquality.measures.column_kinds import kind
from pytest_mlquality.measures.columns import constant_apart
from pytest_mlquality.measures.engines import answered
from pytest_mlquality.measures.equal_values import Pair, alike, alike_keys
from pytest_mlquality.measures.identifiers import identifiers
from pytest_mlquality.measures.roles import Roles, require_columns
from pytest_mlquality.measures.rows import any_row, share_of, without
from pytest_mlquality.measures.words import words_of
from pytest_mlquality.settings.toml_text import key_text

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.data import Table

# Rows on which single features are tried, and the folds of each: a model never predicts rows that it has seen.
SAMPLE = 20_000
FOLDS = 2
LEAST_LEAF = 0.005
MOST_CLASSES = 20
# Texts whose order is that of time: 2024-05-01, 2024-05, 20240501, 2024Q2.
_YEAR_FIRST = r"^\s*\d{4}([-/.]?(\d{2}|[QqWw])|\s*$)"


def shared_keys(train: Table, test: Table, roles: Roles) -> Measurement:
    """Return the share of test rows whose key stands in train too."""
    key = roles.needed("key", train, test)
    return _shared("shared_keys", train, test, {key: alike_keys(train.expression[key], test.expression[key])})


def shared_rows(train: Table, test: Table, roles: Roles) -> Measurement:
    """Return the share of test rows of which train has an equal one.

    Rows are compared by the values of the features and of the target, where both splits have it: `alike` says which are
    equal. Left out, and named in the reason, are features that tell every row of both splits apart, as an id does that
    nobody declared, and those that have one value in train and another one in test, as the folder of the split.
    """
    named = [*roles.features, *roles.targets]
    common = [name for name in dict.fromkeys(named) if name in train.columns and name in test.columns]
    features = [name for name in common if name not in roles.targets]
    with answered("shared_rows"):
        of_test = identifiers(test, features)
        told_apart = [name for name in identifiers(train, of_test) if name in of_test]
        rest = [name for name in features if name not in told_apart]
        apart = constant_apart(train, test, rest)
    if len(apart) == len(rest):  # of tables of one row
        apart = []
    columns = [name for name in common if name not in told_apart and name not in apart]
    if not columns:
        raise DataError("data.train and data.test have no feature in common by which rows are alike", "look at [data]")
    said = [without(told_apart), f"compared without {', '.join(apart)}: one value in train, another in test"]
    return _shared(
        "shared_rows",
        train,
        test,
        {name: alike(train.expression[name], test.expression[name]) for name in columns},
        reason="; ".join(said if told_apart and apart else said[:1] if told_apart else said[1:] if apart else []),
    )


def _shared(name: str, train: Table, test: Table, columns: Mapping[str, Pair | None], reason: str = "") -> Measurement:
    with answered(name):
        _require_one_engine(train, test)
    pairs = [pair or _where_empty(name, column, train, test) for column, pair in columns.items()]
    with explained(f"{name}: the rows of train and test cannot be compared", "give their columns the same types"):
        # Named by place: a column may have any name.
        known = train.expression.select(**{f"c{place}": pair[0] for place, pair in enumerate(pairs)}).distinct()
        rows = test.expression.select(**{f"c{place}": pair[1] for place, pair in enumerate(pairs)})
        # NULL equals NULL here: two rows that lack the same value are alike.
        shared = rows.semi_join(known, [rows[column].identical_to(known[column]) for column in rows.columns])
    with answered(name):
        count = test.aggregates({"rows": shared.count()}, of=shared)["rows"]
    return share_of(name, count, test, reason=reason)


def _where_empty(name: str, column: str, train: Table, test: Table) -> Pair:
    """Return which values of a column of two kinds are missing: of a table without any, the type says nothing.

    Raises
    ------
    DataError
        If both tables have values.
    """
    if all(table.nulls([column])[column] < table.rows for table in (train, test)):
        kinds = (kind(table.expression[column].type()) for table in (train, test))
        raise DataError(
            "{}: {!r} is {} in data.train and {} in data.test: no value is the same".format(name, column, *kinds),
            "store it in one type, or name it in [data] ignore",
        )
    return is_missing(train.expression[column]), is_missing(test.expression[column])


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
    _require_times("time_overlap", time, train, test)
    newest = train.aggregates({"newest": without_nan(train.expression[time]).max()})["newest"]
    if newest is None:
        raise DataError(f"data.train: no row has a {time!r}", "look at [data] time")
    with explained("time_overlap: the times of train and test cannot be compared", "store them in one type"):
        later = (without_nan(test.expression[time]) > newest).fill_null(False)
        count = test.aggregates({"rows": test.expression.count(where=later)})["rows"]
    return share_of("time_overlap", test.rows - count, test)


def _require_times(measure: str, column: str, *tables: Table) -> None:
    """Raise a DataError where times are texts in an order of their own, such as ``3 May 2024`` or ``05/2024``."""
    for table in tables:
        time = table.expression[column]
        if not time.type().is_string():
            continue
        with answered(measure):
            others = table.aggregates({"others": (~time.re_search(_YEAR_FIRST)).sum()})["others"]
        if others:
            raise DataError(
                f"data.{table.name}: {int(others):,} texts in {column!r} do not begin with a year, so their order is "
                "not that of time",
                f"store it as a date or timestamp; of CSV say how it is written: [data] types = "
                f'{{ {key_text((column,))} = "date %d %b %Y" }}',
            )


def known_too_late(table: Table, roles: Roles, known_at: Mapping[str, str]) -> Measurement:
    """Return the share of rows in which some feature is known only after the time of the row."""
    time = roles.needed("time", table)
    require_columns(table, [*known_at.values(), *known_at], "look at [schema.known_at]")
    for moment in (time, *known_at.values()):
        _require_times("known_too_late", moment, table)
    rows = table.expression
    late = {feature: without_nan(rows[known]) > without_nan(rows[time]) for feature, known in known_at.items()}
    said = {feature: f"{feature}: known at {known}" for feature, known in known_at.items()}
    return any_row("known_too_late", table, late, said)


def target_named_columns(roles: Roles) -> Measurement:
    """Count features whose name has that of the target among its words, whatever letter case and punctuation."""
    targets = [words for words in map(words_of, roles.labels()) if words]
    found = [name for name in roles.features if any(_contains(words_of(name), target) for target in targets)]
    return Measurement.exact(
        len(found), name="target_named_columns", n=len(roles.features), unit="columns", reason=", ".join(found)
    )


def _contains(words: list[str], some: list[str]) -> bool:
    return any(words[place : place + len(some)] == some for place in range(len(words) - len(some) + 1))


def single_column_scores(table: Table, roles: Roles, *, task: str | None, seed: int) -> Measurements:
    """Return how well each feature alone predicts the target, on rows that the small tree has not seen.

    A shallow decision tree of the one feature, cross-fitted; the ROC AUC of a class (the best separated one of
    several) or the R2 of a number, with bounds. Of several labels a row each is a target of its own.
    """
    features, targets = roles.features_in(table), roles.labels(table)
    frame = table.sample([*features, *targets], SAMPLE, seed).dropna(subset=list(targets))
    return Measurements(
        "single_column_score",
        [
            _score(_named(feature, target, targets), _numbers(frame[feature]), frame[target], task, seed)
            for feature in features
            for target in targets
        ],
    )


def _named(name: str, target: str, targets: Sequence[str]) -> str:
    return name if len(targets) == 1 else f"{name} of {target}"


def order_score(table: Table, roles: Roles, *, task: str | None, seed: int) -> Measurements:
    """Return how well the place of a row in its source predicts the target."""
    targets = roles.labels(table)
    if not table.origin.in_order:
        raise DataError(
            f"data.{table.name}: the rows of {table.source} have no order of their own",
            "set [schema.leakage] order_score = false",
        )
    labels = table.sample(targets, SAMPLE, seed).dropna()
    place = labels.index.to_numpy(dtype=np.float64)
    named = {target: _named("the place of the row", target, targets) for target in targets}
    return Measurements(
        "order_score", [_score(name, place, labels[target], task, seed) for target, name in named.items()]
    )


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
