"""Values against fairlearn, groups that cannot be judged, and who sets a difference."""

import json

import numpy as np
import pandas as pd
import pytest
from fairlearn import metrics as fairlearn
from sklearn import metrics as sklearn_metrics

from pytest_mlquality.errors import ModelError
from pytest_mlquality.evidence_details import Groups
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.disparity import disparity, known_names
from pytest_mlquality.measures.fairness import among_groups
from pytest_mlquality.measures.group_cells import Grouping
from pytest_mlquality.measures.group_losses import loss_to_baseline
from pytest_mlquality.measures.group_rates import RATES
from pytest_mlquality.measures.slicing import Slice, by_columns

N = 1_500


def people(seed=1, n=N, **beside):
    """Return binary answers and the group of each row: three groups of unequal size, treated differently."""
    draw = np.random.default_rng(seed)
    group = draw.choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1])
    truth = draw.random(n) < np.select([group == "a", group == "b"], [0.5, 0.4], 0.3)
    score = np.clip(draw.normal(0.35 + 0.3 * truth + 0.1 * (group == "a"), 0.2), 0.001, 0.999)
    answers = Answers(
        target=truth.astype(int),
        predicted=(score >= 0.5).astype(int),
        probabilities=np.column_stack([1 - score, score]),
        classes=(0, 1),
        positive=1,
        **beside,
    )
    return answers, group


def grouping(group, **settings):
    frame = pd.DataFrame({"group": group})
    return Grouping("group", by_columns(frame, {}), **{"min_rows": 10, **settings})


def measured(name, answers, groups, **how):
    return among_groups(name, answers, groups, **how)[0]


@pytest.mark.parametrize(
    "name",
    [
        "demographic_parity_difference", "demographic_parity_ratio", "equalized_odds_difference",
        "equalized_odds_ratio", "equal_opportunity_difference", "equal_opportunity_ratio",
    ],
)  # fmt: skip
@pytest.mark.parametrize("weighted", [False, True])
def test_the_named_disparities_are_those_of_fairlearn(name, weighted):
    weight = np.random.default_rng(3).random(N) + 0.5 if weighted else None
    answers, group = people(weight=weight)
    theirs = getattr(fairlearn, name)(answers.target, answers.predicted, sensitive_features=group, sample_weight=weight)
    found = measured(name, answers, grouping(group))
    assert found.value == pytest.approx(theirs, abs=1e-12)
    assert found.lower(0.05) <= found.value <= found.upper(0.05)


def _frame(name, answers, group):
    """Return fairlearn's MetricFrame of a rate, or of a metric of scikit-learn."""
    scores = name in ("roc_auc", "average_precision", "log_loss", "brier_score_loss")
    function = getattr(fairlearn, name, None) or getattr(sklearn_metrics, f"{name}_score", None)
    return fairlearn.MetricFrame(
        metrics=function or getattr(sklearn_metrics, name),
        y_true=answers.target,
        y_pred=answers.score if scores else answers.predicted,
        sensitive_features=group,
    )


BINARY = [
    "selection_rate", "true_positive_rate", "false_positive_rate", "true_negative_rate", "false_negative_rate",
    "accuracy", "balanced_accuracy", "f1", "precision", "recall", "roc_auc", "zero_one_loss", "log_loss",
    "brier_score_loss",
]  # fmt: skip


@pytest.mark.parametrize("name", BINARY)
def test_rates_and_metrics_over_groups_are_those_of_a_metric_frame(name):
    answers, group = people(seed=2, n=600)
    frame, groups = _frame(name, answers, group), grouping(group)
    each = among_groups(name, answers, groups)
    assert {one.name: one.value for one in each} == pytest.approx(
        {f"{name}[group = {label}]": value for label, value in frame.by_group.items()}, abs=1e-12
    )
    for ending, theirs in (
        ("difference", frame.difference(method="between_groups")),
        ("ratio", frame.ratio(method="between_groups")),
        ("group_min", frame.group_min()),
        ("group_max", frame.group_max()),
    ):
        assert measured(f"{name}_{ending}", answers, groups).value == pytest.approx(theirs, abs=1e-12), ending


def test_numbers_over_groups_are_those_of_a_metric_frame():
    draw = np.random.default_rng(5)
    group = draw.choice(["a", "b", "c"], 900)
    truth = draw.normal(10, 3, 900)
    answers = Answers(target=truth, predicted=truth + draw.normal(group == "b", 2), task="regression")
    functions = {
        "mean_prediction": fairlearn.mean_prediction,
        "mean_error": lambda y, pred: float(np.mean(pred - y)),
        "mean_absolute_error": sklearn_metrics.mean_absolute_error,
        "r2": sklearn_metrics.r2_score,
    }
    frame = fairlearn.MetricFrame(metrics=functions, y_true=truth, y_pred=answers.predicted, sensitive_features=group)
    for name in functions:
        found = measured(f"{name}_difference", answers, grouping(group))
        assert found.value == pytest.approx(frame.difference(method="between_groups")[name], abs=1e-12)


def test_within_a_control_column_groups_are_those_of_a_metric_frame():
    answers, group = people(seed=6)
    control = np.random.default_rng(7).choice(["x", "y"], N)
    strata = by_columns(pd.DataFrame({"control": control}), {})
    frame = fairlearn.MetricFrame(
        metrics=fairlearn.selection_rate, y_true=answers.target, y_pred=answers.predicted,
        sensitive_features=group, control_features=control,
    )  # fmt: skip
    found = measured("demographic_parity_difference", answers, grouping(group, strata=strata))
    theirs = frame.difference(method="between_groups")
    assert found.value == pytest.approx(theirs.max(), abs=1e-12)
    assert f"within control = {theirs.idxmax()}" in found.reason


def test_groups_that_differ_only_because_of_a_control_column_are_alike_within_it():
    draw = np.random.default_rng(8)
    control = draw.integers(0, 2, 4_000)
    group = np.where(draw.random(4_000) < np.where(control == 1, 0.8, 0.2), "a", "b")
    decision = (draw.random(4_000) < np.where(control == 1, 0.7, 0.3)).astype(int)
    answers = Answers(target=decision, predicted=decision, classes=(0, 1))
    strata = by_columns(pd.DataFrame({"control": control}), {})
    marginal = measured("demographic_parity_difference", answers, grouping(group))
    within = measured("demographic_parity_difference", answers, grouping(group, strata=strata))
    assert marginal.lower(1e-5) > 0.1
    assert within.lower(1e-5) == 0
    assert within.upper(0.05) < 0.15


def test_the_two_groups_that_set_a_difference_are_named_with_rates_and_rows():
    answers, group = people()
    found = measured("equal_opportunity_difference", answers, grouping(group))
    rates = {one.name[-2]: one for one in among_groups("true_positive_rate", answers, grouping(group))}
    low, high = (pick(rates, key=lambda label: rates[label].value) for pick in (min, max))
    positives = {label: int(((group == label) & (answers.target == 1)).sum()) for label in rates}
    assert found.reason.startswith(
        f"true_positive_rate: group = {low} {rates[low].value:.4g} of {positives[low]}, group = {high} "
    )
    details = Groups.model_validate_json(json.dumps(found.details))
    assert [(one.name, one.n) for one in details.groups] == [(f"group = {x}", positives[x]) for x in "abc"]
    assert all(one.interval[0] < one.value < one.interval[1] for one in details.groups)


def test_a_group_of_few_rows_is_recorded_with_the_reason_and_missing_in_the_judged_share():
    answers, group = people()
    few = int((group == "c").sum())
    found = among_groups("demographic_parity_difference", answers, grouping(group, min_rows=few + 1))
    assert [one.name for one in found] == [
        "demographic_parity_difference[group]", "demographic_parity_difference[group = c]",
    ]  # fmt: skip
    assert found[1].value is None
    assert found[1].reason == f"{few} rows, fewer than min_rows = {few + 1}"
    assert found.judged_share.value == pytest.approx(1 - few / N)


def test_missing_values_are_a_group_of_their_own():
    answers, group = people()
    names = [one.name for one in among_groups("accuracy", answers, grouping(np.where(group == "c", None, group)))]
    assert names == ["accuracy[group = a]", "accuracy[group = b]", "accuracy[group is missing]"]


def test_labels_too_rare_to_be_named_are_no_group_however_many_there_are():
    answers, group = people()
    rare = np.where(group == "c", np.arange(N).astype(str), group)
    found = among_groups("demographic_parity_difference", answers, grouping(rare))
    assert found[1].reason == "labels that are put together make no group"
    assert found.judged_share.value < 0.95


def test_no_group_of_rare_labels_is_compared_with_the_baseline():
    answers, group = people()
    rare = np.where(group == "c", np.arange(N).astype(str), group)
    other, _ = people(seed=4)
    other = Answers(target=answers.target, predicted=other.predicted, classes=(0, 1))
    *named, last = loss_to_baseline("accuracy", answers, other, grouping(rare))
    assert [one.name for one in named] == [f"loss_to_baseline[accuracy, group = {x}]" for x in "ab"]
    for one, label in zip(named, "ab", strict=True):
        rows = group == label
        losses = [np.mean(each.predicted[rows] == each.target[rows]) for each in (other, answers)]
        assert one.value == pytest.approx(losses[0] - losses[1])
        assert one.n == rows.sum()
    assert last.reason == "labels that are put together make no group"


def test_a_group_without_positive_rows_has_no_true_positive_rate_and_is_not_taken_for_zero():
    answers, group = people()
    without = Answers(target=np.where(group == "c", 0, answers.target), predicted=answers.predicted, classes=(0, 1))
    found = among_groups("equalized_odds_difference", without, grouping(group))
    assert found[1].reason == "true_positive_rate: no row is truly positive"
    assert found[1].n == (group == "c").sum()
    rate = {label: without.predicted[(group == label) & (without.target == 1)].mean() for label in "ab"}
    others = {label: without.predicted[(group == label) & (without.target == 0)].mean() for label in "abc"}
    assert found[0].value == pytest.approx(max(abs(rate["a"] - rate["b"]), max(others.values()) - min(others.values())))


def test_one_group_alone_decides_nothing():
    answers, _ = people()
    found = among_groups("demographic_parity_ratio", answers, grouping(np.repeat("a", N)))
    assert [one.value for one in found] == [None, None]
    assert found[1].reason == "no other group is large enough to compare it with"
    assert found.judged_share.value == 0


def test_multiclass_is_judged_class_by_class():
    draw = np.random.default_rng(9)
    group = draw.choice(["a", "b"], 1_200)
    truth = draw.choice(["x", "y", "z"], 1_200)
    decision = np.where((group == "b") & (truth == "z"), "x", truth)
    answers = Answers(target=truth, predicted=decision, classes=("x", "y", "z"), task="multiclass")
    found = measured("equal_opportunity_difference", answers, grouping(group))
    assert found.value == 1
    assert found.reason.startswith("true_positive_rate of class z: group = b 0 of")
    shares = {label: [np.mean(decision[group == one] == label) for one in "ab"] for label in "xyz"}
    found = measured("demographic_parity_difference", answers, grouping(group))
    assert found.value == pytest.approx(max(abs(one - other) for one, other in shares.values()))
    names = [one.name for one in among_groups("selection_rate", answers, grouping(group))]
    assert names[:2] == ["selection_rate[group = a, class x]", "selection_rate[group = a, class y]"]


ERRORS = {"normal": lambda draw, n: draw.normal(size=n), "of heavy tails": lambda draw, n: draw.laplace(size=n)}


@pytest.mark.parametrize("kind", ERRORS)
def test_the_default_limit_of_regression_fails_no_alike_groups_and_few_at_the_limit(kind):
    draw, runs, n = np.random.default_rng(31), 400, 600
    group = np.arange(n) % 2
    failed = dict.fromkeys((1.0, 0.8), 0)
    passed = 0
    for _ in range(runs):
        truth, error = draw.normal(size=n), ERRORS[kind](draw, n)
        for ratio in failed:
            answers = Answers(target=truth, predicted=truth + error * np.where(group, ratio, 1), task="regression")
            found = measured("mean_absolute_error_ratio", answers, grouping(group))
            failed[ratio] += found.upper(0.05) < 0.8
            passed += ratio == 0.8 and found.lower(0.05) >= 0.8
    assert failed[1.0] == 0
    # 5% and three standard errors of 400 runs.
    assert max(failed[0.8], passed) <= 0.083 * runs


def test_groups_that_share_customers_are_not_taken_for_independent():
    answers, group = people(unit=np.arange(N) // 2)
    plain, _ = people()
    shared, apart = (measured("accuracy_difference", one, grouping(group)) for one in (answers, plain))
    assert shared.value == apart.value
    assert shared.upper(0.05) > apart.upper(0.05)
    assert "half the level each" in shared.method


def test_of_a_population_the_difference_is_exact():
    answers, group = people()
    for name in ("equalized_odds_difference", "accuracy_ratio", "selection_rate_group_min"):
        found = measured(name, answers, grouping(group), exact=True)
        assert found.lower(1e-5) == found.upper(1e-5) == found.value


def test_rows_without_weight_are_no_group():
    weight = np.where(people()[1] == "c", 0.0, 1.0)
    answers, group = people(weight=weight)
    found = among_groups("demographic_parity_difference", answers, grouping(group))
    assert found[1].reason == "selection_rate: all of the rows that count weigh 0"


def test_bounds_of_the_extremes_are_those_of_several_groups():
    answers, group = people()
    each = among_groups("selection_rate", answers, grouping(group))
    found = measured("selection_rate_group_max", answers, grouping(group))
    assert found.lower(0.03) == max(one.lower(0.01) for one in each)
    assert found.reason.startswith("selection_rate: group = a")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("demographic_parity_diference", "did you mean 'demographic_parity_difference'"),
        ("roc_auc_diff", "did you mean 'roc_auc"),
        ("r2_ratio", "can be negative"),
        ("gain_over_trivial_difference", "says nothing of groups"),
        ("mean_error_difference", "is for regression models, and the task is binary"),
        ("r2", "is for regression models, and the task is binary"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_nearest_name(name, said):
    answers, group = people()
    with pytest.raises(ModelError, match=said):
        among_groups(name, answers, grouping(group))


def test_every_known_name_that_can_be_positive_is_understood():
    names = [name for name in known_names() if "[" not in name and not name.startswith("gain_over")]
    assert len(names) == len(set(names)) > 400
    refused = []
    for name in names:
        try:
            assert disparity(name).name == name
        except ModelError:
            refused.append(name)
    assert all(name.endswith("_ratio") for name in refused)
    assert disparity("positive_likelihood_ratio").among == "each"
    assert disparity("fbeta[2]_difference").asked[0].parameter == 2
    assert set(RATES).isdisjoint(refused)


def test_a_slice_without_rows_is_no_group():
    answers, group = people()
    groups = [Slice(f"group = {x}", group == x) for x in "abcd"]
    assert len(among_groups("accuracy", answers, Grouping("group", groups, min_rows=10))) == 3
