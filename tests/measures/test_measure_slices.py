"""Which rows a slice has, what it is called, and that its numbers are those of the rows alone."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, roc_auc_score

from pytest_mlquality.errors import DataError, ModelError
from pytest_mlquality.measures import slices
from pytest_mlquality.measures.answers import Answers
from pytest_mlquality.measures.slicing import Slice, by_columns, by_time
from pytest_mlquality.statistics.estimate import Estimate
from pytest_mlquality.statistics.independent import difference
from pytest_mlquality.statistics.proportion import share

N = 4000
JUDGED = {"min_rows": 100, "least_judged": 0.95}


def sizes(found):
    return {one.name: int(one.rows.sum()) for one in found}


def test_labels_numbers_of_few_values_and_missing_ones_are_slices():
    frame = pd.DataFrame({"sex": [2, 1, None] * 20})
    assert sizes(by_columns(frame, {})) == {"sex = 1": 20, "sex = 2": 20, "sex is missing": 20}
    assert sizes(by_columns(pd.DataFrame({"t": ["b", "a"] * 10}), {})) == {"t = a": 10, "t = b": 10}


def test_edges_begin_slices_and_without_edges_numbers_are_cut_at_their_quartiles():
    frame = pd.DataFrame({"age": np.arange(100)})
    assert sizes(by_columns(frame, {"age": (18, 65)})) == {"age < 18": 18, "18 <= age < 65": 47, "age >= 65": 35}
    assert list(sizes(by_columns(frame, {})).values()) == [25, 25, 24, 26]


def test_numbers_nearly_all_of_which_are_the_least_are_cut_above_it():
    gains = pd.DataFrame({"gain": [0.0] * 970 + [100.0 + place for place in range(30)]})
    assert sizes(by_columns(gains, {})) == {"gain < 100": 970, "gain >= 100": 30}


def test_numbers_that_floats_do_not_tell_apart_are_labels():
    ids = pd.DataFrame({"id": [2**60 + place % 30 for place in range(300)]})
    assert sizes(by_columns(ids, {})) == {f"id = {2**60 + place}": 10 for place in range(30)}


def test_several_columns_make_a_slice_of_each_combination_that_occurs():
    frame = pd.DataFrame({"a": ["x", "x", "y"] * 10, "b": [1, 2, 1] * 10})
    assert sizes(by_columns(frame, {})) == {"a = x, b = 1": 10, "a = x, b = 2": 10, "a = y, b = 1": 10}


def test_labels_of_few_rows_stay_nameless_and_are_one_slice():
    frame = pd.DataFrame({"town": ["Lynn"] * 10 + ["Ayer"] * 9 + ["Gill"] * 2})
    assert sizes(by_columns(frame, {})) == {"town = Lynn": 10, "others, each in fewer than 10 rows": 11}


def test_every_row_is_in_one_slice():
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({"a": draw.choice([1.5, None, 3.0], N), "b": draw.integers(0, 300, N)})
    assert np.array_equal(sum(one.rows.astype(int) for one in by_columns(frame, {})), np.ones(N))


def test_a_column_of_too_many_labels_is_refused_and_one_of_rare_ones_is_one_slice():
    many = pd.DataFrame({"street": [f"s{place // 10}" for place in range(2010)]})
    with pytest.raises(DataError, match="'street' has 201 labels, too many"):
        by_columns(many, {})
    keys = pd.DataFrame({"key": [f"k{place}" for place in range(5000)]})
    assert sizes(by_columns(keys, {})) == {"others, each in fewer than 10 rows": 5000}


def test_text_has_no_bins():
    with pytest.raises(DataError, match="'t' holds no numbers"):
        by_columns(pd.DataFrame({"t": ["a"]}), {"t": (1.0,)})


@pytest.mark.parametrize("zone", [None, "Europe/Vienna"])
def test_windows_are_the_calendars(zone):
    times = pd.Series(pd.date_range("2026-01-01 12:00", periods=90, freq="D", tz=zone), name="at")
    assert sizes(by_time(times, "1 month")) == {"at from 2026-01": 31, "at from 2026-02": 28, "at from 2026-03": 31}
    assert len(by_time(pd.Series([2015, 2016] * 10, name="year"), "1 year")) == 2
    assert sizes(by_time(pd.Series([*times[:10], *[pd.NaT] * 10], name="at"), "1 year"))["at is missing"] == 10


@pytest.fixture
def judged():
    """Answers that are worse for women, with the frame that says who is one."""
    draw = np.random.default_rng(3)
    truth = draw.integers(0, 2, N)
    sex = draw.choice([1, 2], N)
    score = np.clip(0.5 + (truth - 0.5) * np.where(sex == 2, 0.2, 0.6) + draw.normal(scale=0.25, size=N), 0, 1)
    answers = Answers(
        target=truth,
        predicted=(score >= 0.5).astype(int),
        probabilities=np.column_stack([1 - score, score]),
        classes=(0, 1),
        positive=1,
    )
    return answers, by_columns(pd.DataFrame({"sex": sex}), {}), sex


def test_a_slice_is_measured_as_if_its_rows_were_all(judged):
    answers, parts, sex = judged
    for one, label in zip(slices.metric_by_slice("roc_auc", answers, parts, **JUDGED), (1, 2), strict=True):
        rows = sex == label
        assert one.name == f"roc_auc[sex = {label}]"
        assert one.n == rows.sum()
        assert one.value == pytest.approx(roc_auc_score(answers.target[rows], answers.score[rows]), abs=1e-12)


def test_a_gap_is_that_to_all_other_rows_and_more_is_worse(judged):
    answers, parts, sex = judged
    right = [accuracy_score(answers.target[sex == label], answers.predicted[sex == label]) for label in (1, 2)]
    for name, gaps in (
        ("accuracy", [right[1] - right[0], right[0] - right[1]]),
        ("zero_one_loss", [right[1] - right[0], right[0] - right[1]]),
    ):
        found = slices.gap_by_slice(name, answers, parts, **JUDGED)
        assert [one.value for one in found] == pytest.approx(gaps, abs=1e-12)
    assert found[1].lower(1e-5) > 0.05
    assert found[1] <= 0.3
    assert not found <= 0.05


def test_slices_too_small_to_judge_are_counted_beside_them(judged):
    answers, _, _ = judged
    few = np.arange(N) < 99
    found = slices.metric_by_slice("accuracy", answers, [Slice("few", few), Slice("rest", ~few)], **JUDGED)
    assert found[0].value is None
    assert found[0].reason == "99 rows, fewer than min_rows = 100"
    assert found.judged_share.value == pytest.approx(1 - 99 / N)


def test_a_slice_of_all_rows_has_no_gap(judged):
    answers, _, _ = judged
    [gap] = slices.gap_by_slice("accuracy", answers, [Slice("all", np.ones(N, bool))], **JUDGED)
    assert gap.value is None
    assert "no rest to compare with" in gap.reason


def test_units_with_rows_on_both_sides_are_not_independent(judged):
    answers, parts, sex = judged
    apart = Answers(answers.target, answers.predicted, classes=(0, 1), unit=np.arange(N) // 2 * 2 + (sex == 2))
    across = Answers(answers.target, answers.predicted, classes=(0, 1), unit=np.arange(N) // 2)
    one, other = (slices.gap_by_slice("accuracy", given, parts, **JUDGED)[1] for given in (apart, across))
    assert one.method.startswith("square-and-add")
    assert other.method.startswith("half the level each")
    assert other.upper(0.01) - other.lower(0.01) > one.upper(0.01) - one.lower(0.01)


def test_a_metric_that_does_not_suit_is_refused(judged):
    answers, parts, _ = judged
    with pytest.raises(ModelError, match="r2 is for regression models"):
        slices.gap_by_slice("r2", answers, parts, **JUDGED)


def test_a_population_has_exact_gaps(judged):
    answers, parts, _ = judged
    gap = slices.gap_by_slice("accuracy", answers, parts, exact=True, **JUDGED)[1]
    assert gap.lower(1e-5) == gap.upper(1e-5) == gap.value


def test_newcombes_interval_of_a_difference():
    """Newcombe 1998, Statistics in Medicine 17, 873-890, table II (a), method 10: Wilson bounds."""
    found = difference(_wilson(56, 70), _wilson(48, 80))
    assert (round(found.lower(0.025), 4), round(found.upper(0.025), 4)) == (0.0524, 0.3339)
    exact = difference(share(56, 70), share(48, 80))
    assert exact.value == pytest.approx(0.2)
    assert exact.lower(0.025) < found.lower(0.025)


def _wilson(k, n):
    from scipy.special import ndtri

    def bound(side):
        def at(level):
            z = -ndtri(level)
            middle = (k + z * z / 2) / (n + z * z)
            return middle + side * z / (n + z * z) * np.sqrt(k * (n - k) / n + z * z / 4)

        return at

    return Estimate(k / n, n, "Wilson", bound(-1), bound(1))


def test_what_has_no_value_has_no_difference():
    assert difference(share(1, 2), share(0, 0)).reason == "no rows"
