"""One number, a limit, and what comes of comparing them."""

import numpy as np
import pandas as pd
import pytest

from pytest_mlquality import Limit, Measurement, Measurements, Verdict
from pytest_mlquality.evidence_details import acceptable
from pytest_mlquality.judgement_text import explain
from pytest_mlquality.recording import recording
from pytest_mlquality.verdict import Levels, judge


class Kept:
    levels = Levels(false_fail=1e-3, false_pass=0.05)

    def __init__(self):
        self.judgements = []

    def record(self, judgement):
        self.judgements.append(judgement)
        return judgement.verdict is not Verdict.FAIL


def bounded(value, below, above, n=100):
    """A measurement whose bounds lie `below` and `above` the value, further out at smaller levels: twice at 1e-3."""

    def wider(level):
        return 1 + (np.log10(0.05) - np.log10(level)) / (np.log10(0.05) + 3)

    return Measurement("m", value, lambda a: value - below * wider(a), lambda a: value + above * wider(a), n=n)


@pytest.mark.parametrize(
    ("value", "limit", "verdict"),
    [
        (0.5, Limit(at_most=0.61), Verdict.PASS),
        (0.5, Limit(at_most=0.6), Verdict.PASS),
        (0.5, Limit(at_most=0.55), Verdict.INCONCLUSIVE),
        (0.5, Limit(at_most=0.31), Verdict.INCONCLUSIVE),
        (0.5, Limit(at_most=0.29), Verdict.FAIL),
        (0.5, Limit(at_least=0.39), Verdict.PASS),
        (0.5, Limit(at_least=0.45), Verdict.INCONCLUSIVE),
        (0.5, Limit(at_least=0.69), Verdict.INCONCLUSIVE),
        (0.5, Limit(at_least=0.71), Verdict.FAIL),
        (0.0, Limit(at_least=-0.11, at_most=0.11), Verdict.PASS),
        (0.0, Limit(at_least=-0.11, at_most=0.05), Verdict.INCONCLUSIVE),
        (0.5, Limit(at_least=0.0, at_most=0.2), Verdict.FAIL),
        (-0.5, Limit(at_least=0.0, at_most=0.2), Verdict.FAIL),
    ],
)
def test_bounds_and_not_the_value_decide(value, limit, verdict):
    assert judge(bounded(value, 0.1, 0.1), limit, Kept.levels).verdict is verdict


def test_an_exact_number_is_decided_at_its_limit():
    count = Measurement.exact(3)
    assert judge(count, Limit(at_most=3), Levels()).verdict is Verdict.PASS
    assert judge(count, Limit(at_most=2.999), Levels()).verdict is Verdict.FAIL


def test_undecided_says_how_many_rows_would_decide():
    judgement = judge(bounded(0.5, 0.1, 0.1, n=100), Limit(at_most=0.55), Kept.levels)
    # Half the distance of the bound: four times the rows.
    assert judgement.rows_to_decide == 400
    assert explain(judgement)[-1] == (
        "  verdict: inconclusive: the upper bound at 5%, 0.6, is not at most 0.55; about 400 rows would decide; "
        "with these rows the limit fails above about 0.75 and passes up to about 0.45"
    )


def test_the_bound_that_decides_is_named_where_the_interval_lies_beyond_the_limit():
    # An interval of 8 to 20 against 5: what does not fail it is the bound at the level of a fail.
    judgement = judge(bounded(14.0, 5.0, 5.0), Limit(at_most=5.0), Kept.levels)
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert explain(judgement)[-1].startswith(
        "  verdict: inconclusive: the lower bound at 0.1%, 4, is not above 5; about 124 rows would decide"
    )


@pytest.mark.parametrize("value", [0.5499, 0.55])
def test_no_number_of_rows_is_named_that_nobody_has(value):
    judgement = judge(bounded(value, 0.1, 0.1, n=1_000), Limit(at_most=0.55), Kept.levels)
    said = explain(judgement)[-1]
    assert "the value is too close to the limit for more rows to decide" in said
    assert "rows would" not in said


def test_comparing_records():
    kept, m = Kept(), bounded(0.5, 0.1, 0.1)
    with recording(kept):
        assert m <= 1
        assert m >= 0
        assert m.within(0, 1)
        assert m.within(Limit(at_most=0.9))
        assert 0 <= m <= 1
        assert not (m >= 0.9)
        assert np.float64(0.9) >= m
        assert m.within(0.9)
    assert len(kept.judgements) == 9
    assert [j.verdict for j in kept.judgements].count(Verdict.FAIL) == 1


@pytest.mark.parametrize(
    "mistake",
    [
        lambda m: bool(m),
        lambda m: m == 1,
        lambda m: m != 1,
        lambda m: m < 1,
        lambda m: m > 1,
        lambda m: max(m, 1),
        lambda m: m <= m,
        lambda m: m in [1, 2],
        lambda m: m <= "20",
        lambda m: m <= float("nan"),
        lambda m: m <= Limit(at_least=1),
        lambda m: m.within(m),
    ],
)
@pytest.mark.parametrize("m", [Measurement.exact(1), Measurements("ms", [Measurement.exact(1)])])
def test_mistakes_are_type_errors(m, mistake):
    with pytest.raises(TypeError):
        mistake(m)


def test_the_plain_number_records_nothing():
    kept = Kept()
    with recording(kept):
        assert Measurement.exact(3).value == 3
    assert kept.judgements == []


def test_many_are_judged_each_and_the_unjudged_are_counted():
    kept = Kept()
    small = Measurement("c", None, lambda _a: 0.0, lambda _a: 1.0, n=3, reason="3 rows")
    columns = Measurements("distance", [Measurement.exact(0.1, n=97), Measurement.exact(0.3, n=100), small])
    with recording(kept):
        assert not columns <= 0.2
    assert [j.verdict for j in kept.judgements] == [Verdict.PASS, Verdict.FAIL, None, Verdict.PASS]
    assert kept.judgements[-1].measurement.name == "judged_share"
    with recording(kept):
        assert Measurements("distance", [Measurement.exact(0.1, n=9), small]) <= 0.2
    assert kept.judgements[-1].verdict is Verdict.INCONCLUSIVE


def test_nothing_measured_is_not_a_pass():
    assert not Measurements("distance", []) <= 0.2


def test_own_numbers():
    share = Measurement.share(90, 100)
    assert share.value == 0.9
    assert share.lower(0.05) < 0.9 < share.upper(0.05)
    values = np.random.default_rng(0).normal(5, 1, 500)
    mean = Measurement.mean(values)
    assert mean.value == pytest.approx(values.mean())
    assert mean.lower(0.05) < 5.2
    assert mean.upper(0.05) > 4.8
    table = pd.DataFrame({"x": values, "who": np.arange(500) // 5})
    median = Measurement.estimate(lambda frame: frame["x"].median(), table, unit="who", name="median")
    assert median.value == pytest.approx(np.median(values))
    assert median.interval[0] < 5 < median.interval[1]
    assert repr(Measurement.exact(1234567, n=9, unit="rows")) == "<value = 1,234,567 rows (n = 9, exact)>"


def test_explanations_in_full():
    fail = judge(bounded(0.5, 0.1, 0.1), Limit(at_most=0.2), Kept.levels)
    assert explain(fail, "performance.metrics.m") == [
        "m = 0.5 (95% interval 0.3823 to 0.6177, n = 100, exact)",
        "  limit: at most 0.2 (performance.metrics.m)",
        "  verdict: fail: even the lower bound at 0.1%, 0.3, is above 0.2",
    ]
    low = judge(bounded(0.5, 0.1, 0.1), Limit(at_least=0.8), Kept.levels)
    assert explain(low)[2] == "  verdict: fail: even the upper bound at 0.1%, 0.7, is below 0.8"
    count = judge(Measurement.exact(3, name="bad", unit="rows"), Limit(at_most=0), Kept.levels)
    assert explain(count) == ["bad = 3 rows (exact)", "  limit: at most 0", "  verdict: fail: 3 is not at most 0"]


@pytest.mark.parametrize("details", [{}, {"kind": "curve"}, {"kind": "mine", "x": float("nan")}, {"kind": 3}])
def test_unusable_details_cost_no_measurement(details):
    kept = acceptable(details)
    assert kept["kind"] == "unusable"
    assert kept["problem"]
    assert acceptable({"kind": "mine", "x": 1}) == {"kind": "mine", "x": 1}
