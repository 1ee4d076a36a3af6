"""What the model relies on, measured: shares and ranks, soundness, drift, direction, what stands in."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats.contingency import association
from sklearn.inspection import permutation_importance as sklearn_importance
from sklearn.linear_model import LogisticRegression

from pytest_mlquality.adapters.explainers import Attributions, Question
from pytest_mlquality.errors import DataError, ModelError
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.associations import associations
from pytest_mlquality.measures.attribution_drift import attribution_drift
from pytest_mlquality.measures.attribution_shares import (
    expected_rank,
    forbidden_share,
    largest_share,
    proxy_share,
    share_of,
    unused_columns,
)
from pytest_mlquality.measures.attribution_soundness import additivity_error, stability
from pytest_mlquality.measures.column_importance import Importance
from pytest_mlquality.measures.decision import decision
from pytest_mlquality.measures.dependence import against_direction, dependence
from pytest_mlquality.measures.permutation_importance import permutation_importance

COLUMNS = ("a", "b", "c", "d")


def attributions(scale=(4.0, 2.0, 1.0, 0.0), n=500, seed=0, outputs=1, off=0.0):
    values = np.random.default_rng(seed).normal(size=(n, 4, outputs)) * np.array(scale)[None, :, None]
    base = np.zeros((n, outputs))
    return Attributions(COLUMNS, values, base, base + values.sum(axis=1) + off, "log-odds", "SHAP, TreeExplainer")


def importance(*arguments, unit=None, weight=None, **named):
    return Importance.of_attributions(attributions(*arguments, **named), unit=unit, weight=weight)


def test_a_share_is_that_of_the_mean_absolute_attribution():
    found = attributions()
    size = np.abs(found.values[:, :, 0]).mean(axis=0)
    for place, name in enumerate(COLUMNS):
        measured = share_of(importance(), name)
        assert measured.value == pytest.approx(size[place] / size.sum())
    low, high = share_of(importance(), "a").interval
    assert low < 4 / 7 < high
    assert share_of(importance(), "elsewhere").value == 0


def test_weights_and_units_count():
    weight = np.arange(500) % 2
    only = importance(weight=weight.astype(float))
    size = np.abs(attributions().values[weight == 1, :, 0]).mean(axis=0)
    assert share_of(only, "a").value == pytest.approx(size[0] / size.sum())
    wide = share_of(importance(unit=np.arange(500) // 25), "a")
    assert "units" in wide.method
    assert np.ptp(wide.interval) > 0


def test_attributions_of_several_classes_are_added_up():
    found = attributions(outputs=3)
    size = np.abs(found.values).sum(axis=2).mean(axis=0)
    assert share_of(importance(outputs=3), "b").value == pytest.approx(size[1] / size.sum())


def test_the_largest_share_shows_all_columns_without_any_row():
    measured = largest_share(importance(), {"a": {"x": [0.0, 1.0], "lines": [{"name": "1", "y": [0.1, 0.9]}]}})
    assert measured.value == share_of(importance(), "a").value
    assert measured.reason.startswith("largest is a")
    assert measured.n == 500
    items = measured.details["items"]
    assert [item["name"] for item in items] == ["a", "b", "c", "d"]
    assert items[0]["dependence"]["x"] == [0.0, 1.0]
    assert [quantile["p"] for quantile in items[0]["quantiles"]] == [0.05, 0.25, 0.5, 0.75, 0.95]
    # Beyond a quantile lie at least ten rows.
    few = largest_share(importance(n=60)).details["items"][0]["quantiles"]
    assert [quantile["p"] for quantile in few] == [0.25, 0.5, 0.75]
    assert "quantiles" not in largest_share(importance(n=15)).details["items"][0]
    # Rows of one person are that person's own.
    assert "quantiles" not in largest_share(importance(unit=np.arange(500) % 15)).details["items"][0]


def test_a_rank_is_bounded_by_what_is_surely_ahead():
    first, second = (expected_rank(importance(), name) for name in ("a", "b"))
    assert (first.value, first.lower(1e-5), first.upper(1e-5)) == (1, 1, 1)
    assert second.value == 2
    assert second.reason == "ahead of it: a"
    tied = expected_rank(importance((1.0, 1.0, 1.0, 1.0)), "b")
    assert (tied.lower(0.01), tied.upper(0.01)) == (1, 4)
    unseen = expected_rank(importance(), "elsewhere")
    assert (unseen.value, unseen.reason) == (5, "the model does not see it")


def test_a_model_that_answers_always_the_same_relies_on_nothing():
    nothing = importance((0.0, 0.0, 0.0, 0.0))
    for measured in (largest_share(nothing), forbidden_share(nothing, "a"), expected_rank(nothing, "a")):
        assert measured.value is None
        assert "the same whatever the row says" in measured.reason
    assert unused_columns(nothing).value == 4


def test_columns_that_move_nothing_are_named():
    measured = unused_columns(importance())
    assert (measured.value, measured.reason) == (1, "d")


def test_what_stands_in_for_a_forbidden_column_counts_with_it():
    measured = proxy_share(importance(), "zip", {"a": 0.2, "b": 0.9, "c": 0.6, "d": 0.0}, 0.5)
    assert measured.value == pytest.approx(share_of(importance(), "b").value + share_of(importance(), "c").value)
    assert measured.reason == "standing in: b (V = 0.90), c (V = 0.60)"
    assert [item["name"] for item in measured.details["items"]] == ["b", "c", "a", "d"]
    none = proxy_share(importance(), "zip", {"a": 0.2}, 0.5)
    assert (none.value, none.upper(1e-5), none.reason) == (0, 0, "no column stands in")


def test_association_is_cramers_v_without_its_bias():
    random = np.random.default_rng(0)
    n = 5_000
    group = pd.Series(random.choice(["x", "y", "z"], n))
    numbers = pd.Series(random.normal(size=n) + 5 * (group == "x"))
    same = group.map({"x": 1, "y": 2, "z": 3})
    columns = pd.DataFrame({"same": same, "chance": random.integers(0, 30, n), "numbers": numbers, "constant": 1})
    found = associations(columns, group)
    assert found["same"] == pytest.approx(1, abs=1e-3)
    assert found["chance"] < 0.03
    assert found["constant"] == 0
    plain = association(pd.crosstab(pd.qcut(numbers, 10), group).to_numpy(), method="cramer")
    assert found["numbers"] == pytest.approx(plain, abs=0.01)
    missing = pd.DataFrame({"gone": numbers.where(group != "x")})
    assert associations(missing, group)["gone"] > 0.6


def test_additivity_is_held_against_the_answers():
    assert additivity_error(attributions()).value < 1e-12
    off = additivity_error(attributions(off=0.5))
    assert off.value == pytest.approx(0.5 / attributions().answers.std())


def test_stability_is_the_least_agreement_of_any_two():
    same = [importance(seed=seed) for seed in range(3)]
    assert stability(same).value == pytest.approx(1, abs=1e-6)
    turned = stability([*same, importance((1.0, 2.0, 4.0, 0.0))])
    assert turned.value < 0.9
    assert turned.reason.startswith("one has a, b, c")


def test_a_model_that_answers_the_same_whatever_the_row_says_has_no_stability():
    found = stability([importance((0.0, 0.0, 0.0, 0.0), seed=seed) for seed in range(3)])
    assert found.value is None
    assert "the same whatever the row says" in found.reason


def test_the_picture_says_on_which_scale_answers_are_moved():
    assert largest_share(importance()).details["title"] == "SHAP, TreeExplainer (log-odds)"


@pytest.mark.parametrize("measure", ["ndcg", "spearman_correlation", "share_change"])
def test_drift_is_seen_where_there_is_some_and_only_there(measure):
    limit = {"ndcg": 0.9, "spearman_correlation": 0.7, "share_change": 0.1}[measure]

    def drift(current):
        return attribution_drift(measure, importance(), current, same_rows=False, between="train-production", seed=0)

    still, moved = drift(importance(seed=1)), drift(importance((1.0, 2.0, 4.0, 0.0), seed=1))
    holds = (lambda m: m <= limit) if measure == "share_change" else (lambda m: m >= limit)
    assert holds(still)
    assert not holds(moved)
    assert "a 0.5" in moved.reason
    assert "c 0.14" in moved.reason
    assert {group["name"] for group in moved.details["groups"]} == set(COLUMNS)


def test_models_of_other_columns_are_compared_over_all():
    other = importance(seed=1)
    renamed = Importance(
        ("a", "b", "c", "new"), other.parts, other.weight, other.support, other.unit, other.method, None
    )
    found = attribution_drift("share_change", importance(), renamed, same_rows=True, between="x", seed=0)
    assert [group["name"] for group in found.details["groups"]].count("new") == 1


class Asked:
    """A model that answers with a function."""

    classes, has_probabilities, uri, inside = None, False, "asked", None

    def __init__(self, function, classes=None):
        self.function, self.classes = function, classes
        self.has_probabilities = classes is not None

    def predict(self, rows):
        return self.function(rows)

    def predict_proba(self, rows):
        found = np.asarray(self.function(rows))
        return found if found.ndim == 2 else np.column_stack([1 - found, found])


def question(function, frame=None, classes=None, positive=None):
    random = np.random.default_rng(0)
    rows = frame if frame is not None else pd.DataFrame({"x": random.normal(size=300), "z": random.normal(size=300)})
    return Question(Asked(function, classes), rows, rows, positive, 0, 10_000)


@pytest.mark.parametrize(
    ("function", "direction", "against"),
    [
        (lambda rows: rows["x"], "increasing", 0),
        (lambda rows: rows["x"], "decreasing", 1),
        (lambda rows: rows["x"] ** 2, "increasing", 0.5),
        (lambda rows: rows["z"], "increasing", 0),
    ],
)
def test_movement_against_the_direction_is_a_part_of_all(function, direction, against):
    found = against_direction(question(function), "x", direction, unit=None, weight=None)
    assert found.value == pytest.approx(against, abs=0.1)
    assert found.details["kind"] == "curve"


def test_a_direction_needs_numbers_one_output_and_a_column_that_is_seen():
    texts = pd.DataFrame({"x": ["a", "b"] * 50})
    with pytest.raises(DataError, match="'x' holds no numbers"):
        against_direction(question(lambda rows: np.zeros(len(rows)), texts), "x", "increasing", unit=None, weight=None)
    three = question(lambda rows: np.full((len(rows), 3), 1 / 3), classes=(0, 1, 2))
    with pytest.raises(ModelError, match="several classes"):
        against_direction(three, "x", "increasing", unit=None, weight=None)
    with pytest.raises(ModelError, match="does not see 'y'"):
        against_direction(question(lambda rows: rows["x"]), "y", "increasing", unit=None, weight=None)


def test_dependence_is_shown_at_values_that_ten_rows_have():
    frame = pd.DataFrame({"label": ["often"] * 60 + ["seldom"] * 30 + ["once"], "x": range(91)})
    found = dependence(question(lambda rows: (rows["label"] == "often") * 1.0, frame), "label")
    assert found.details(["prediction"]) == {
        "labels": ["often", "seldom"],
        "lines": [{"name": "prediction", "y": [1.0, 0.0]}],
    }
    numbers = dependence(question(lambda rows: rows["x"] * 2.0, frame), "x").details(["prediction"])
    assert len(numbers["x"]) == 8
    # The outermost values are nobody's own.
    assert min(numbers["x"]) >= 10
    assert max(numbers["x"]) <= 80
    assert numbers["lines"][0]["y"] == pytest.approx([2 * x for x in numbers["x"]])
    assert dependence(question(lambda rows: rows["x"], frame.assign(label="same")), "label") is None


def labelled(n=2_000, seed=0):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(random.normal(size=(n, 4)), columns=list(COLUMNS))
    labels = (random.random(n) < 1 / (1 + np.exp(-(2 * frame["a"] + frame["b"])))).astype(int).to_numpy()
    return frame, labels


def ask_of(model, labels):
    def ask(rows):
        target, features = labels[rows.index], rows[list(COLUMNS)]
        return Answers(target, model.predict(features), model.predict_proba(features), (0, 1), positive=1)

    return ask


def test_permutation_importance_is_that_of_scikit_learn():
    frame, labels = labelled()
    model = LogisticRegression().fit(frame, labels)
    found = permutation_importance(frame, COLUMNS, ask_of(model, labels), budget=100_000, seed=0)
    theirs = sklearn_importance(model, frame, labels, scoring="neg_log_loss", n_repeats=10, random_state=0)
    share = theirs.importances_mean / theirs.importances_mean.sum()
    assert found.shares.value == pytest.approx(share, abs=0.02)
    assert "by log_loss, 10 shuffles a column" in found.method
    assert expected_rank(found, "a").upper(1e-5) == 1
    low, high = share_of(found, "d").interval
    assert low < 0 < high or share_of(found, "d").value == pytest.approx(0, abs=1e-3)


def test_permutation_importance_keeps_to_its_budget():
    frame, labels = labelled()
    asked = []

    def ask(rows):
        asked.append(len(rows))
        return ask_of(LogisticRegression().fit(frame, labels), labels)(rows)

    found = permutation_importance(frame, COLUMNS, ask, budget=1_000, seed=0)
    assert len(found.parts) == 200
    assert sum(asked) <= 1_000


def test_a_model_that_no_shuffle_hurts_has_no_shares():
    increases = np.random.default_rng(0).normal(-1.0, 1.0, size=(200, 4))
    found = Importance.of_increases(COLUMNS, increases, unit=None, weight=None, method="permutation importance")
    assert not found.moves
    assert largest_share(found).value is None


def test_one_decision_adds_up_before_the_reader():
    rows = pd.DataFrame(np.arange(48.0).reshape(4, 12), columns=[f"c{place}" for place in range(12)])
    asked = Question(Asked(lambda frame: np.full(len(frame), 0.7), (0, 1)), rows, rows, 1, 0, 100)
    values = np.tile(np.arange(12.0)[None, :, None], (4, 1, 1)) / 10
    whole = np.full((4, 1), 1.0) + values.sum(axis=1)
    found = Attributions(asked.columns, values, np.full((4, 1), 1.0), whole, "log-odds", "SHAP, TreeExplainer")
    lines = decision(asked, found, 1, 1).lines
    assert lines[0] == "decided: 1, probability of 1: 0.7"
    assert lines[3].split() == ["+1.1000", "c11", "=", "23"]
    assert lines[-2].split() == ["+0.1000", "the", "other", "2", "columns", "together"]
    assert lines[-1].split() == ["=", "+7.6000", "log-odds"]
